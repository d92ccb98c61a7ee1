/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes that are used or changed: locked, shared with other users
 * and against changes.  An earlier, interrupted change to one is completed
 * or rolled back before. */
#ifndef CORE_CHANGING_VOLUME_H
#define CORE_CHANGING_VOLUME_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"

/* Locks a volume, until changing_let_go() or the exit of hvctl; locking it
 * again is not an error.  Does nothing in a command that changes nothing. */
int changing_lock_volume (struct hvctl *h, const struct hv_volume *vol,
                          bool alone, struct error *err);
int changing_lock_volume_to_remove (struct hvctl *h,
                                    const struct hv_volume *vol,
                                    struct error *err);
void changing_let_go (struct hvctl *h);

/* Unlocks those that are locked alone if half of the descriptors that a process
 * may have are in use: they are volumes that were created, of which nobody else
 * knows yet. */
void changing_make_room (struct hvctl *h);

/* Locks the volume of a disk, shared, and resolves it: nobody changes it
 * from then on, and the result stays valid. */
int changing_resolve_disk (struct hvctl *h, struct plan *plan,
                           const struct disk_def *def, struct error *err);

/* Locks the volumes of all disks, shared. */
int changing_lock_disks (struct hvctl *h, const struct definition *def,
                         struct error *err);

/* The same for the volumes of all disks: plan_make() for callers that carry out
 * the plan. */
int changing_plan (struct hvctl *h, struct definition *def,
                   enum plan_depth depth, struct plan **out, struct error *err);

#endif /* CORE_CHANGING_VOLUME_H */
