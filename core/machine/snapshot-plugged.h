/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The disks that a running guest has: checked before a snapshot is created,
 * since one cannot be rolled back once the hypervisor writes to the new
 * layer. */
#ifndef CORE_SNAPSHOT_PLUGGED_H
#define CORE_SNAPSHOT_PLUGGED_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/target.h"
#include "core/plan/plan.h"

/* Returns whether a hypervisor has the layer open. */
bool snapshot_is_used (struct hvctl *h, const char *vm,
                       const struct hv_layer *layer);

/* Fails if a running guest has, and writes to, a disk that is no longer in the
 * definition, or has released one whose files its hypervisor still has open.  A
 * hypervisor without counters for its disks cannot tell. */
int snapshot_check_plugged (struct hvctl *h, const struct plan *plan,
                            const struct target *t, struct error *err);

#endif /* CORE_SNAPSHOT_PLUGGED_H */
