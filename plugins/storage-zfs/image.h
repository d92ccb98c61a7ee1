/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images that volumes are cloned from.
 *
 * An image is imported once, into the dataset POOL/_image-HASH, where HASH
 * is of the file's path, size, inode and times; it is whole when its property
 * hvctl:maker is "done", and its snapshot @_image is what volumes are clones
 * of.  So the second volume from the same file takes milliseconds, and a file
 * that has changed is another image. */
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

/* Opens the image for 'vol', which has a backing. */
int image_open (struct hv_ctx *ctx, const struct zfs_pool *pool,
                const struct hv_volume *vol, struct image *out);
void image_close (struct image *image);

/* Imports it, unless it has been. */
int image_get (struct hv_ctx *ctx, const struct zfs_pool *pool,
               const struct image *image);

/* Destroys the image whose snapshot 'origin' is, if it is one of this pool
 * and no other volume is a clone of it.  What fails is no error. */
void image_release (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const char *origin);

/* Destroys an image that is ours, or fails with EBUSY. */
int image_destroy (struct hv_ctx *ctx, const char *dataset);

/* The block size of volumes, and 'size' in whole blocks. */
uint64_t image_block_size (const struct zfs_pool *pool);
uint64_t image_round (const struct zfs_pool *pool, uint64_t size);

#endif /* STORAGE_ZFS_IMAGE_H */
