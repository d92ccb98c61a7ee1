/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* One disk of a VM that is cloned. */
#ifndef CORE_CLONE_DISK_H
#define CORE_CLONE_DISK_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/provider/loaded.h"

struct clone_disk {
    const struct disk_def *from, *to;
    struct hv_volume origin, vol;
    struct plugin *plugin;
    const char *snapshot; /* That it is made of; null: it is copied as it is. */
};

/* Locks the volumes of both, and checks that the new one does not exist. */
int clone_disk_find (struct hvctl *h, const struct disk_def *from,
                     const struct disk_def *to, struct clone_disk **out,
                     struct error *err);

/* Returns whether its storage has snapshots. */
bool clone_disk_can_freeze (const struct clone_disk *d);

/* Fails if one of the disks has such a snapshot. */
int clone_disk_check_free (const struct vec *disks, const char *snapshot,
                           struct error *err);

/* Makes the volume, as a step of the change to 'vm'; 'full': it shares nothing
 * with its origin. */
int clone_disk_make (struct hvctl *h, const char *vm, struct clone_disk *d,
                     bool full, struct error *err);

#endif /* CORE_CLONE_DISK_H */
