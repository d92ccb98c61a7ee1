/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The disks that a snapshot is of: all that can have one, or those that the
 * user names. */
#ifndef CORE_SNAPSHOT_CHOOSE_H
#define CORE_SNAPSHOT_CHOOSE_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* Returns whether it is in a pool, is written to, and is not left out. */
bool snapshot_has_volume (const struct disk_def *d);

/* Leaves out all disks but 'names'; if there are none, no disk.  Fails if one
 * of them is not a disk of 'def' that could have snapshots. */
int snapshot_choose (const struct definition *def, const struct vec *names,
                     struct error *err);

/* Appends the step to the journal, with that choice; makes it again from such
 * an entry. */
int snapshot_begin (struct hvctl *h, const struct definition *def,
                    const char *op, const char *name, struct error *err);
void snapshot_choose_again (struct hvctl *h, struct json_object *entry,
                            const struct definition *def);

/* Returns " --disk a --disk b" for the disks of 'plan' that can have
 * snapshots. */
const char *snapshot_able (struct hvctl *h, const struct plan *plan);

#endif /* CORE_SNAPSHOT_CHOOSE_H */
