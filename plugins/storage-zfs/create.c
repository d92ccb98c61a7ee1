/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* New volumes: empty, or as clones of an image.  All or nothing, also if hvctl
 * is killed: a volume that has no disk.raw yet (a zvol: whose property
 * hvctl:maker is not "done"), and whose maker has exited, is destroyed by the
 * next one who needs the name. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "plugins/common/volume.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/make.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"

enum { TRIES = 3 };

/* Turns image.raw, which may exist, into the disk. */
static int
fill_file (struct hv_ctx *ctx, const char *dataset, bool filled, uint64_t size)
{
    CLEANUP_CLOSE int dir_fd = -1;
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    const char *dir;
    int r = place_open (ctx, dataset, &dir, &dir_fd);

    if (r < 0) {
        return r;
    }
    fd = openat (dir_fd, PLACE_IMAGE,
                 O_RDWR | O_CLOEXEC | O_NOFOLLOW
                     | (filled ? 0 : O_CREAT | O_EXCL),
                 0600);
    if (fd < 0 || fstat (fd, &st) < 0
        || ((uint64_t)st.st_size < size && ftruncate (fd, (off_t)size) < 0)
        || fchmod (fd, 0600) < 0 || fsync (fd) < 0
        || renameat (dir_fd, PLACE_IMAGE, dir_fd, PLACE_DISK) < 0) {
        return zfs_fail (ctx, errno, "cannot create %s/" PLACE_DISK ": %m",
                         dir);
    }
    /* Some file systems do not support it, and fail with EINVAL. */
    if (fsync (dir_fd) < 0 && errno != EINVAL) {
        return zfs_fail (ctx, errno, "cannot write %s: %m", dir);
    }
    return 0;
}

static int
fill_zvol (struct hv_ctx *ctx, const char *dataset, uint64_t size)
{
    int r = ZFS_RUN (ctx, "set", hv_format (ctx, "volsize=%" PRIu64, size),
                     ZFS_MAKER "=" ZFS_DONE, dataset);

    return r < 0 ? r : place_wait (ctx, place_node (ctx, dataset));
}

/* Is it a volume whose creation was interrupted? */
static bool
is_abandoned (struct hv_ctx *ctx, const struct zfs_pool *pool,
              const char *dataset)
{
    struct zfs_objects found;
    const char *maker, *dir;

    if (zfs_get_ours (ctx, ZFS_MAKER, dataset, ZFS_VOLUME, false, &found) < 0) {
        return false;
    }
    maker = found.p[0].maker;
    if (!maker || !strcmp (maker, ZFS_DONE) || zfs_maker_lives (ctx, maker)) {
        return false;
    }
    dir = pool->zvol ? NULL : place_mounted (ctx, dataset);
    return pool->zvol
           || (dir && access (hv_format (ctx, "%s/" PLACE_DISK, dir), F_OK) < 0
               && errno == ENOENT);
}

int
zvolume_make_room (struct hv_ctx *ctx, const struct zfs_pool *pool,
                   const char *dataset)
{
    return is_abandoned (ctx, pool, dataset)
               ? ZFS_RUN (ctx, "destroy", dataset)
               : zfs_fail (ctx, EEXIST, "there is already a dataset '%s'",
                           dataset);
}

int
zvolume_make (struct hv_ctx *ctx, const struct zfs_pool *pool,
              const struct make *make)
{
    int r = make_dataset (ctx, pool, make);

    if (r == -EEXIST) {
        r = zvolume_make_room (ctx, pool, make->dataset);
        r = r < 0 ? r : make_dataset (ctx, pool, make);
    }
    return r == -ENOTDIR || r == -ENOENT ? zvolume_check_parent (ctx, pool, r)
                                         : r;
}

int
zvolume_finish (struct hv_ctx *ctx, const struct zfs_pool *pool,
                const char *dataset, bool filled, uint64_t size)
{
    return pool->zvol ? fill_zvol (ctx, dataset, size)
                      : fill_file (ctx, dataset, filled, size);
}

/* 'origin' is null for an empty volume. */
static int
create_from (struct hv_ctx *ctx, const struct zfs_pool *pool,
             const char *dataset, const char *origin, uint64_t size)
{
    const struct make make = { .dataset = dataset,
                               .owner = ZFS_VOLUME,
                               .maker = zfs_maker (ctx),
                               .origin = origin,
                               .size = size };
    int r = zvolume_make (ctx, pool, &make);

    if (r < 0) {
        return r;
    }
    r = zvolume_finish (ctx, pool, dataset, origin, size);
    if (r < 0) {
        zfs_undo (ctx, dataset);
    }
    return r;
}

static int
create_clone (struct hv_ctx *ctx, const struct zfs_pool *pool,
              const struct hv_volume *vol, const char *dataset)
{
    IMAGE_CLEANUP struct image image = IMAGE_INIT;
    struct zfs_failure failure;
    uint64_t size;
    int r = image_open (ctx, pool, vol, &image);

    if (r == 0) {
        r = zvolume_check_size (ctx, pool, vol, &image, &size);
    }
    if (r < 0) {
        return r;
    }
    /* The image may disappear before it is cloned, with its last clone. */
    for (int tries = 0; tries < TRIES; tries++) {
        r = image_get (ctx, pool, &image);
        if (r < 0) {
            return r == -ENOTDIR ? zvolume_check_parent (ctx, pool, r) : r;
        }
        r = create_from (ctx, pool, dataset, image.snapshot, size);
        if (r != -ENOENT) {
            break;
        }
    }
    if (r < 0) {
        failure = zfs_last (ctx);
        image_release (ctx, pool, image.snapshot);
        zfs_repeat (ctx, &failure);
    }
    return r;
}

int
zfs_check (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    IMAGE_CLEANUP struct image image = IMAGE_INIT;
    struct zfs_pool pool;
    const char *dataset;
    uint64_t size;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    if (r == 0 && vol->backing) {
        r = image_open (ctx, &pool, vol, &image);
    }
    return r < 0 ? r
                 : zvolume_check_size (ctx, &pool, vol,
                                       vol->backing ? &image : NULL, &size);
}

int
zfs_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct zfs_pool pool;
    const char *dataset;
    uint64_t size;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    if (r == 0 && pool.zvol) {
        r = zfs_check_zvols (ctx);
    }
    if (r == 0 && vol->backing) {
        return create_clone (ctx, &pool, vol, dataset);
    }
    if (r == 0) {
        r = zvolume_check_size (ctx, &pool, vol, NULL, &size);
    }
    return r < 0 ? r : create_from (ctx, &pool, dataset, NULL, size);
}
