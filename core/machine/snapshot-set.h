/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Existing snapshots, of all disks at once: listed, reverted, deleted. */
#ifndef CORE_SNAPSHOT_SET_H
#define CORE_SNAPSHOT_SET_H

#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"

/* A snapshot, and the disks that have it: not those attached later. */
struct snapshot_entry {
    const char *name, *disks; /* "root, data" */
    int64_t created;          /* In seconds. */
};

int snapshot_revert (struct hvctl *h, struct definition *def, const char *name,
                     struct error *err);
int snapshot_delete (struct hvctl *h, struct definition *def, const char *name,
                     enum change_way *way, struct error *err);

int snapshot_revert_again (struct hvctl *h, struct definition *def,
                           const char *name, struct error *err);
int snapshot_delete_again (struct hvctl *h, struct definition *def,
                           const char *name, struct error *err);

/* Stores struct snapshot_entry *, oldest first, and a struct error * for
 * each disk whose snapshots cannot be listed, and for each that cannot have
 * any. */
void snapshot_list (struct hvctl *h, struct definition *def, struct vec *out,
                    struct vec *failures, struct vec *unable);

#endif /* CORE_SNAPSHOT_SET_H */
