/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a running guest has of the disks: known before a snapshot is made of
 * any, since one that the hypervisor goes on above cannot be taken back. */
#ifndef CORE_SNAPSHOT_PLUGGED_H
#define CORE_SNAPSHOT_PLUGGED_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/target.h"
#include "core/plan/plan.h"

/* Has a hypervisor the layer open? */
bool snapshot_is_used (struct hvctl *h, const char *vm,
                       const struct hv_layer *layer);

/* Fails if a running guest has a disk that the definition no longer has, and
 * writes it, or has let go of one whose files its hypervisor still has.  A
 * hypervisor that does not count for its disks cannot tell. */
int snapshot_check_plugged (struct hvctl *h, const struct plan *plan,
                            const struct target *t, struct error *err);

#endif /* CORE_SNAPSHOT_PLUGGED_H */
