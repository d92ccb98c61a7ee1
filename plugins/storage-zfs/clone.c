/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Volumes that are clones of others.  A clone of a volume's current content
 * needs a snapshot, too: that is ours, and hidden, and ZFS is told at once to
 * destroy it when its last clone is gone (destroy -d). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"

bool
zvolume_is_hidden (const struct zfs_object *o, const char *dataset)
{
    size_t len = strlen (dataset);

    return !strncmp (o->name, dataset, len)
           && !strncmp (o->name + len, "@" CLONE_SNAPSHOT,
                        sizeof CLONE_SNAPSHOT)
           && zfs_is (o, ZFS_SNAPSHOT);
}

/* ZFS destroys it with its last clone. */
static bool
is_deferred (const struct zfs_object *hidden)
{
    return hidden->deferred && !strcmp (hidden->deferred, "on");
}

/* A dataset may be cloned from it in a moment. */
static bool
is_cloned_now (struct hv_ctx *ctx, const struct zfs_object *hidden)
{
    return !is_deferred (hidden) && hidden->maker
           && zfs_maker_lives (ctx, hidden->maker);
}

int
zvolume_is_needed (struct hv_ctx *ctx, const struct zfs_object *hidden)
{
    return is_cloned_now (ctx, hidden)
               ? zfs_fail (ctx, EBUSY,
                           "'%s' is being cloned: try again when that is done",
                           hidden->name)
               : zvolume_has_clones (ctx, hidden->name);
}

int
zvolume_get_tidy (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char *properties, struct zfs_pool *pool,
                  struct zfs_objects *out)
{
    const char *all =
        hv_format (ctx, "%s,defer_destroy," ZFS_MAKER, properties);
    bool changed = false;
    int r = zvolume_get (ctx, vol, all, true, pool, out);

    for (size_t i = 1; r == 0 && i < out->n; i++) {
        const struct zfs_object *o = &out->p[i];

        if (zvolume_is_hidden (o, out->p[0].name) && !is_deferred (o)
            && !is_cloned_now (ctx, o)) {
            changed |= ZFS_RUN (ctx, "destroy", "-d", o->name) == 0;
        }
    }
    return changed ? zvolume_get (ctx, vol, all, true, pool, out) : r;
}

void
zvolume_release (struct hv_ctx *ctx, const char *origin)
{
    const char *at = origin ? strchr (origin, '@') : NULL;
    struct zfs_objects found;

    if (at && !strncmp (at + 1, CLONE_SNAPSHOT, strlen (CLONE_SNAPSHOT))
        && zfs_get_ours (ctx, "type", origin, ZFS_SNAPSHOT, false, &found) == 0
        && ZFS_RUN (ctx, "destroy", "-d", origin) < 0) {
        hv_log (ctx, HV_DEBUG, "%s is left behind", origin);
    }
}

static int
take_snapshot (struct hv_ctx *ctx, const char *snapshot)
{
    return ZFS_RUN (ctx, "snapshot", "-o", ZFS_OWNER "=" ZFS_SNAPSHOT, "-o",
                    hv_format (ctx, ZFS_MAKER "=%s", zfs_maker (ctx)),
                    snapshot);
}

/* A clone is complete at once; create.c checks for clones. */
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

    if (r == -EEXIST) {
        return zvolume_has_clones (ctx, origin);
    }
    if (r < 0) {
        return r;
    }
    r = clone_from (ctx, pool, dataset, origin);
    if (r < 0) {
        zfs_undo (ctx, origin);
    } else if (ZFS_RUN (ctx, "destroy", "-d", origin) < 0) {
        hv_log (ctx, HV_DEBUG, "%s is kept until its clone is deleted", origin);
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
        r = zvolume_get_tidy (ctx, from, "type", &pool, &found);
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
