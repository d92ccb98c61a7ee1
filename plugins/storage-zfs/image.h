/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images that volumes are cloned from.
 *
 * An image is imported once, into the dataset POOL/_image-HASH, where HASH
 * is of the file's path, size, inode and times; it is complete when its
 * property hvctl:maker is "done", and volumes are clones of its snapshot
 * @_image. So the second volume from the same file takes milliseconds, and a
 * file that has changed counts as another image. */
#ifndef STORAGE_ZFS_IMAGE_H
#define STORAGE_ZFS_IMAGE_H

#include "hvctl/plugin.h"
#include "plugins/storage-zfs/import.h"
#include "plugins/storage-zfs/zfs.h"

#define IMAGE_SNAPSHOT "_image"

struct image {
    struct import from;
    const char *source; /* ZFS_SOURCE */
    const char *dataset;
    const char *snapshot; /* To be cloned. */
    uint64_t size;        /* In bytes; of a volume, whole blocks. */
};

#define IMAGE_CLEANUP __attribute__ ((cleanup (image_close)))
#define IMAGE_INIT                                                             \
    {                                                                          \
        .from = IMPORT_INIT                                                    \
    }

/* Opens the backing file of 'vol', which has one. */
int image_open (struct hv_ctx *ctx, const struct zfs_pool *pool,
                const struct hv_volume *vol, struct image *out);
void image_close (struct image *image);

/* Imports it, unless that was done before. */
int image_get (struct hv_ctx *ctx, const struct zfs_pool *pool,
               const struct image *image);

/* Destroys the image that has the snapshot 'origin', if it is in this pool
 * and no other volume is a clone of it.  A failure is not an error. */
void image_release (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const char *origin);

/* Destroys an image that is ours, or fails with EBUSY. */
int image_destroy (struct hv_ctx *ctx, const char *dataset);

/* Return the block size of volumes, and 'size' in whole blocks. */
uint64_t image_block_size (const struct zfs_pool *pool);
uint64_t image_round (const struct zfs_pool *pool, uint64_t size);

#endif /* STORAGE_ZFS_IMAGE_H */
