/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes that are clones of others.  One that is made of a volume as it is
 * needs a snapshot, too: that is ours, and hidden, and ZFS is told at once to
 * destroy it when nothing is cloned from it any more (destroy -d). */
#include <errno.h>
#include <unistd.h>

#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"

static int
take_snapshot (struct hv_ctx *ctx, const char *snapshot)
{
    int r =
        ZFS_RUN (ctx, "snapshot", "-o", ZFS_OWNER "=" ZFS_SNAPSHOT, snapshot);

    /* One that was killed before it cloned. */
    if (r == -EEXIST) {
        r = ZFS_RUN (ctx, "destroy", snapshot);
        r = r == -EBUSY ? zvolume_has_clones (ctx, snapshot) : r;
        r = r < 0 ? r
                  : ZFS_RUN (ctx, "snapshot", "-o", ZFS_OWNER "=" ZFS_SNAPSHOT,
                             snapshot);
    }
    return r;
}

/* A clone is whole at once; create.c looks for these. */
static int
check_whole (struct hv_ctx *ctx, const struct zfs_pool *pool,
             const char *dataset, const char *origin)
{
    const char *dir;
    int r;

    if (pool->zvol) {
        r = ZFS_RUN (ctx, "set", ZFS_MAKER "=" ZFS_DONE, dataset);
        return r < 0 ? r : place_wait (ctx, place_node (ctx, dataset));
    }
    dir = place_mounted (ctx, dataset);
    if (!dir) {
        return zfs_fail (ctx, EIO, "'%s' was not mounted", dataset);
    }
    return access (hv_format (ctx, "%s/" PLACE_DISK, dir), F_OK) < 0
               ? zfs_fail (ctx, ENOENT, "there is no " PLACE_DISK " in '%s'",
                           origin)
               : 0;
}

static int
clone_from (struct hv_ctx *ctx, const struct zfs_pool *pool,
            const char *dataset, const char *origin)
{
    const struct make make = { .dataset = dataset,
                               .owner = ZFS_VOLUME,
                               .maker = zfs_maker (ctx),
                               .origin = origin };
    int r = zvolume_make (ctx, pool, &make);

    if (r < 0) {
        return r;
    }
    r = check_whole (ctx, pool, dataset, origin);
    if (r < 0) {
        zfs_undo (ctx, dataset);
    }
    return r;
}

static int
clone_as_it_is (struct hv_ctx *ctx, const struct zfs_pool *pool,
                const char *dataset, const char *origin)
{
    int r = take_snapshot (ctx, origin);

    if (r < 0) {
        return r;
    }
    r = clone_from (ctx, pool, dataset, origin);
    if (r < 0) {
        zfs_undo (ctx, origin);
    } else if (ZFS_RUN (ctx, "destroy", "-d", origin) < 0) {
        hv_log (ctx, HV_WARNING, "'%s' stays after its clone: destroy it then",
                origin);
    }
    return r;
}

int
zfs_clone (struct hv_ctx *ctx, const struct hv_volume *vol,
           const struct hv_volume *from, const char *snapshot)
{
    struct zfs_pool pool;
    struct zfs_objects found, other;
    const char *dataset, *origin = NULL;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    if (r == 0) {
        r = zvolume_get (ctx, from, "type", false, &pool, &found);
    }
    if (r == 0 && zfs_get (ctx, "type", dataset, false, &other) == 0) {
        r = zvolume_make_room (ctx, &pool, dataset);
    }
    if (r == 0 && snapshot) {
        r = zfs_at (ctx, found.p[0].name, snapshot, &origin);
    }
    if (r < 0) {
        return r;
    }
    if (!snapshot) {
        origin = hv_format (ctx, "%s@" CLONE_SNAPSHOT "%s", found.p[0].name,
                            vol->name);
        return clone_as_it_is (ctx, &pool, dataset, origin);
    }
    r = clone_from (ctx, &pool, dataset, origin);
    return r == -ENOENT ? zfs_fail (ctx, ENOENT, "'%s' has no snapshot '%s'",
                                    found.p[0].name, snapshot)
                        : r;
}
