/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Existing volumes: their datasets, and the common code of
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

/* The same for a volume that must exist, and be ours. */
int zvolume_get (struct hv_ctx *ctx, const struct hv_volume *vol,
                 const char *properties, bool children, struct zfs_pool *pool,
                 struct zfs_objects *out);

/* The same, and stores the name of a snapshot of it, existing or not. */
int zvolume_at (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot, const char *properties,
                struct zfs_pool *pool, struct zfs_objects *out,
                const char **name);

/* Fails if a hypervisor has the volume's disk open. */
int zvolume_check_idle (struct hv_ctx *ctx, const struct zfs_pool *pool,
                        const char *dataset);

/* Returns 'r', unless the pool's dataset is missing: then a failure has that
 * reason. */
int zvolume_check_parent (struct hv_ctx *ctx, const struct zfs_pool *pool,
                          int r);

/* Checks the requested size, and stores the actual one; for a
 * clone it is at least that of the image. */
int zvolume_check_size (struct hv_ctx *ctx, const struct zfs_pool *pool,
                        const struct hv_volume *vol, const struct image *image,
                        uint64_t *size);

/* Fails with EBUSY, naming the clones of a snapshot, wherever in the ZFS
 * pool they are. */
int zvolume_has_clones (struct hv_ctx *ctx, const char *snapshot);

/* Lists the clones of all snapshots of the dataset; null: none. */
int zvolume_clones (struct hv_ctx *ctx, const char *dataset,
                    const char **clones);

/* Hidden snapshots of ours, which people do not see: the origins of clones of a
 * volume's current contents.  They are destroyed with the last clone; the
 * property hvctl:maker says who is creating the clone. */
#define CLONE_SNAPSHOT "_clone-"

/* zvolume_get() with the volume's snapshots, for operations that these prevent:
 * first makes ZFS destroy leftover hidden ones, of
 * clones that failed, or whose hvctl was killed. */
int zvolume_get_tidy (struct hv_ctx *ctx, const struct hv_volume *vol,
                      const char *properties, struct zfs_pool *pool,
                      struct zfs_objects *out);

/* Returns whether it is a hidden snapshot of the dataset.  Fails with EBUSY,
 * naming its clones, if it is still needed. */
bool zvolume_is_hidden (const struct zfs_object *o, const char *dataset);
int zvolume_is_needed (struct hv_ctx *ctx, const struct zfs_object *hidden);

/* Destroys the hidden snapshot that was the origin of a destroyed volume, if
 * nothing else uses it. */
void zvolume_release (struct hv_ctx *ctx, const char *origin);

/* Appends to the list "a, b", which may be null. */
const char *zvolume_list (struct hv_ctx *ctx, const char *list,
                          const char *name);

/* Creates the dataset of a volume, replacing an abandoned one; and
 * gives it its disk, which is 'filled' or empty, as the last step. */
int zvolume_make (struct hv_ctx *ctx, const struct zfs_pool *pool,
                  const struct make *make);

/* Destroys an abandoned dataset in the way of a new one, or fails with
 * EEXIST. */
int zvolume_make_room (struct hv_ctx *ctx, const struct zfs_pool *pool,
                       const char *dataset);

int zvolume_finish (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const char *dataset, bool filled, uint64_t size);

/* The operations of create.c, clone.c, snapshot.c, stream.c and receive.c. */
int zfs_check (struct hv_ctx *ctx, const struct hv_volume *vol);
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
