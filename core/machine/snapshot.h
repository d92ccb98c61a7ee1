/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots of all volumes that a VM writes to, under one name: creating one,
 * and what snapshot-set.c needs for existing ones. */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/plan/plan.h"

/* Reports images outside any pool, which have no snapshots: 'what' is not done
 * to them.  Fails with 'memory', which would belong to all disks. */
int snapshot_tell_of_images (const struct definition *def, bool memory,
                             const char *what, struct error *err);

/* Adds the volumes to 'plan'. */
int snapshot_volumes (struct hvctl *h, struct plan *plan, struct error *err);

/* Stores whether the volume has the snapshot, and newer ones. */
int snapshot_look_for (const struct plan_disk *d, const char *name, bool *found,
                       bool *newer, struct error *err);

/* The same after an interruption, also if it was already done. */
int snapshot_finish (struct hvctl *h, struct definition *def, const char *name,
                     struct error *err);
int snapshot_take_back (struct hvctl *h, struct definition *def,
                        const char *name, struct error *err);

/* Creates one; once it has '*begun', a failure must be rolled back. */
int snapshot_make (struct hvctl *h, struct definition *def, const char *name,
                   bool memory, enum change_way *way, bool *begun,
                   struct error *err);

#endif /* CORE_SNAPSHOT_H */
