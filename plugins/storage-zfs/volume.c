/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/storage-zfs/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "plugins/common/volume.h"
#include "plugins/storage-zfs/place.h"

int
zvolume_locate (struct hv_ctx *ctx, const struct hv_volume *vol,
                struct zfs_pool *pool, const char **dataset)
{
    int r;

    if (vol->path) {
        return zfs_fail (ctx, EINVAL, "only volumes in a pool are supported");
    }
    r = zfs_pool_read (ctx, vol->options, pool);
    return r < 0 ? r : zfs_child (ctx, pool->dataset, vol->name, dataset);
}

int
zvolume_get (struct hv_ctx *ctx, const struct hv_volume *vol,
             const char *properties, bool children, struct zfs_pool *pool,
             struct zfs_objects *out)
{
    const char *dataset;
    int r = zvolume_locate (ctx, vol, pool, &dataset);

    return r < 0 ? r
                 : zfs_get_ours (ctx, properties, dataset, ZFS_VOLUME, children,
                                 out);
}

int
zvolume_at (struct hv_ctx *ctx, const struct hv_volume *vol,
            const char *snapshot, const char *properties, struct zfs_pool *pool,
            struct zfs_objects *out, const char **name)
{
    int r = zvolume_get (ctx, vol, properties, false, pool, out);

    return r < 0 ? r : zfs_at (ctx, out->p[0].name, snapshot, name);
}

/* QEMU and cloud-hypervisor lock the images that they have open.  zfs itself
 * refuses if a zvol is open, but zfs-fuse reverts an open file. */
int
zvolume_check_idle (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const char *dataset)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CLEANUP_CLOSE int fd = -1;
    const char *dir = pool->zvol ? NULL : place_mounted (ctx, dataset);

    if (dir) {
        fd = open (hv_format (ctx, "%s/" PLACE_DISK, dir),
                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    }
    if (fd >= 0 && fcntl (fd, F_OFD_GETLK, &lock) == 0
        && lock.l_type != F_UNLCK) {
        return zfs_fail (ctx, EBUSY,
                         "%s/" PLACE_DISK " is in use: stop the VM first", dir);
    }
    return 0;
}

const char *
zvolume_list (struct hv_ctx *ctx, const char *list, const char *name)
{
    return list ? hv_format (ctx, "%s, %s", list, name) : name;
}

int
zvolume_check_parent (struct hv_ctx *ctx, const struct zfs_pool *pool, int r)
{
    const char *zpool = hv_format (
        ctx, "%.*s", (int)strcspn (pool->dataset, "/"), pool->dataset);
    struct zfs_objects found;

    if (zfs_get (ctx, "type", pool->dataset, false, &found) != -ENOENT) {
        return r;
    }
    return zfs_fail (ctx, ENODEV,
                     "there is no dataset '%s': make it with 'zfs create %s', "
                     "or import its ZFS pool with 'zpool import %s'",
                     pool->dataset, pool->dataset, zpool);
}

int
zvolume_check_size (struct hv_ctx *ctx, const struct zfs_pool *pool,
                    const struct hv_volume *vol, const struct image *image,
                    uint64_t *size)
{
    char needs[32];

    *size = vol->size;
    if (image && !vol->size) {
        *size = image->size;
    } else if (image && vol->size < image->size) {
        return zfs_fail (
            ctx, EINVAL, "a volume from %s needs at least its size, %s",
            vol->backing, format_size (image->size, needs, sizeof needs));
    }
    if (*size != image_round (pool, *size)) {
        return zfs_fail (ctx, EINVAL,
                         "a disk of this pool cannot have %" PRIu64
                         " bytes: make it a multiple of %" PRIu64,
                         *size, image_block_size (pool));
    }
    return volume_check_size (ctx, *size);
}
