/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* New datasets for volumes and images, as configured for the pool. */
#ifndef STORAGE_ZFS_MAKE_H
#define STORAGE_ZFS_MAKE_H

#include "hvctl/plugin.h"
#include "plugins/storage-zfs/zfs.h"

struct make {
    const char *dataset;
    const char *owner;  /* ZFS_VOLUME or ZFS_IMAGE. */
    const char *maker;  /* zfs_maker(), or ZFS_DONE. */
    const char *source; /* ZFS_SOURCE, or null. */
    const char *origin; /* The snapshot that it is a clone of, or null. */
    uint64_t size;      /* Of a new volume of ZFS. */
};

/* Creates an empty file system, a volume, or a clone.  Fails with EEXIST,
 * ENOENT (no origin), ENOTDIR (no parent). */
int make_dataset (struct hv_ctx *ctx, const struct zfs_pool *pool,
                  const struct make *make);

#endif /* STORAGE_ZFS_MAKE_H */
