/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes that are there: their datasets, and what they have in common for
 * storage-zfs.c, snapshot.c and stream.c. */
#ifndef STORAGE_ZFS_VOLUME_H
#define STORAGE_ZFS_VOLUME_H

#include "hvctl/plugin.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/make.h"
#include "plugins/storage-zfs/zfs.h"

/* Reads the pool's section, and stores the name of the volume's dataset. */
int zvolume_locate (struct hv_ctx *ctx, const struct hv_volume *vol,
                    struct zfs_pool *pool, const char **dataset);

/* The same of a volume that has to be there, and ours. */
int zvolume_get (struct hv_ctx *ctx, const struct hv_volume *vol,
                 const char *properties, bool children, struct zfs_pool *pool,
                 struct zfs_objects *out);

/* The same, and stores the name of a snapshot of it, there or not. */
int zvolume_at (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot, const char *properties,
                struct zfs_pool *pool, struct zfs_objects *out,
                const char **name);

/* Fails if a hypervisor has the volume's disk open. */
int zvolume_check_idle (struct hv_ctx *ctx, const struct zfs_pool *pool,
                        const char *dataset);

/* 'r', unless the pool's dataset is missing: that is then the reason, when
 * something is. */
int zvolume_check_parent (struct hv_ctx *ctx, const struct zfs_pool *pool,
                          int r);

/* Checks the size that is wanted, and stores the one that it will have; of a
 * clone it is at least that of the image. */
int zvolume_check_size (struct hv_ctx *ctx, const struct zfs_pool *pool,
                        const struct hv_volume *vol, const struct image *image,
                        uint64_t *size);

/* Fails with EBUSY, naming what is cloned from a snapshot, wherever in the ZFS
 * pool that is. */
int zvolume_has_clones (struct hv_ctx *ctx, const char *snapshot);

/* Lists what is cloned from any snapshot of the dataset; null: nothing. */
int zvolume_clones (struct hv_ctx *ctx, const char *dataset,
                    const char **clones);

/* Snapshots of ours, of which a person sees nothing: what a clone of a volume
 * as it is was made of.  They go with the last clone; who makes the clone is
 * the property hvctl:maker. */
#define CLONE_SNAPSHOT "_clone-"

/* zvolume_get() with the volume's snapshots, for what these are in the way of:
 * ZFS is told before to destroy those hidden ones that it was not told of, of
 * clones that failed, or whose hvctl was killed. */
int zvolume_get_tidy (struct hv_ctx *ctx, const struct hv_volume *vol,
                      const char *properties, struct zfs_pool *pool,
                      struct zfs_objects *out);

/* Is it a hidden snapshot of the dataset?  Fails with EBUSY, saying who still
 * needs one. */
bool zvolume_is_hidden (const struct zfs_object *o, const char *dataset);
int zvolume_is_needed (struct hv_ctx *ctx, const struct zfs_object *hidden);

/* Destroys the hidden snapshot that a destroyed volume was a clone of, if
 * nothing else is. */
void zvolume_release (struct hv_ctx *ctx, const char *origin);

/* Appends to the list "a, b", which may be null. */
const char *zvolume_list (struct hv_ctx *ctx, const char *list,
                          const char *name);

/* Makes the dataset of a volume, in the place of one that was abandoned; and
 * gives it its disk, which is 'filled', or else empty, as the last step. */
int zvolume_make (struct hv_ctx *ctx, const struct zfs_pool *pool,
                  const struct make *make);

/* Destroys an abandoned dataset in the place of a new one, or fails with
 * EEXIST. */
int zvolume_make_room (struct hv_ctx *ctx, const struct zfs_pool *pool,
                       const char *dataset);

int zvolume_finish (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const char *dataset, bool filled, uint64_t size);

/* The operations of create.c, clone.c, snapshot.c, stream.c and receive.c. */
int zfs_create (struct hv_ctx *ctx, const struct hv_volume *vol);
int zfs_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char *snapshot);
int zfs_snapshots (struct hv_ctx *ctx, const struct hv_volume *vol,
                   struct hv_list *out);
int zfs_revert (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot);
int zfs_forget (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot);
int zfs_promote (struct hv_ctx *ctx, const struct hv_volume *vol);
int zfs_clone (struct hv_ctx *ctx, const struct hv_volume *vol,
               const struct hv_volume *from, const char *snapshot);
int zfs_send (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char *snapshot, const char *from, int fd);
int zfs_receive (struct hv_ctx *ctx, const struct hv_volume *vol,
                 const char *snapshot, int fd);

#endif /* STORAGE_ZFS_VOLUME_H */
