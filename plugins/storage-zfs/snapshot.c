/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots of volumes, and clones that become independent.
 *
 * ZFS reverts to the newest snapshot only, and offers to destroy the newer
 * ones, with all that depends on them, on the way (-r, -R).  hvctl never asks
 * for that: it names them, and whoever wants it deletes them. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/volume.h"

/* "NAME" of "DATASET@NAME", or null if it is not a snapshot of the dataset. */
static const char *
name_of (const struct zfs_object *o, const char *dataset)
{
    size_t len = strlen (dataset);

    return !strncmp (o->name, dataset, len) && o->name[len] == '@'
               ? o->name + len + 1
               : NULL;
}

/* Stores the properties of a snapshot, which must exist, and with them those of
 * the volume and of all its snapshots. */
static int
get_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char *snapshot, const char *properties,
              struct zfs_pool *pool, struct zfs_objects *all,
              const struct zfs_object **out)
{
    const char *name;
    int r = zvolume_get_tidy (ctx, vol, properties, pool, all);

    if (r == 0) {
        r = zfs_at (ctx, all->p[0].name, snapshot, &name);
    }
    for (size_t i = 0; r == 0 && i < all->n; i++) {
        if (!strcmp (all->p[i].name, name)) {
            *out = &all->p[i];
            return 0;
        }
    }
    return r < 0 ? r
                 : zfs_fail (ctx, ENOENT, "'%s' has no snapshot '%s'",
                             all->p[0].name, snapshot);
}

int
zfs_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char *snapshot)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *name;
    int r = zvolume_at (ctx, vol, snapshot, "type", &pool, &found, &name);

    if (r == 0) {
        r = ZFS_RUN (ctx, "snapshot", "-o", ZFS_OWNER "=" ZFS_SNAPSHOT, name);
    }
    return r == -EEXIST ? zfs_fail (
               ctx, EEXIST, "there is already a snapshot '%s'", snapshot)
                        : r;
}

/* ZFS usually lists them in this order, but it is not documented. */
static void
sort (const struct zfs_object **p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct zfs_object *o = p[i];
        size_t k = i;

        for (; k > 0 && p[k - 1]->createtxg > o->createtxg; k--) {
            p[k] = p[k - 1];
        }
        p[k] = o;
    }
}

int
zfs_snapshots (struct hv_ctx *ctx, const struct hv_volume *vol,
               struct hv_list *out)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const struct zfs_object **sorted;
    size_t n = 0;
    int r = zvolume_get (ctx, vol, "creation,createtxg", true, &pool, &found);

    if (r < 0) {
        return r;
    }
    sorted = hv_alloc (ctx, found.n * sizeof *sorted);
    for (size_t i = 1; i < found.n; i++) {
        const char *name = name_of (&found.p[i], found.p[0].name);

        if (name && zfs_is_name (name) && name[0] != '_') {
            sorted[n++] = &found.p[i];
        }
    }
    sort (sorted, n);
    for (size_t i = 0; i < n; i++) {
        hv_add (ctx, out, strchr (sorted[i]->name, '@') + 1,
                hv_format (ctx, "%" PRIu64, sorted[i]->creation));
    }
    return 0;
}

/* Fails if there are snapshots that are newer than 'target'. */
static int
check_newest (struct hv_ctx *ctx, const struct zfs_objects *in,
              const struct zfs_object *target)
{
    const char *newer = NULL;

    for (size_t i = 1; i < in->n; i++) {
        const char *name = name_of (&in->p[i], in->p[0].name);

        if (name && in->p[i].createtxg > target->createtxg) {
            if (zvolume_is_hidden (&in->p[i], in->p[0].name)) {
                return zvolume_is_needed (ctx, &in->p[i]);
            }
            newer = zvolume_list (ctx, newer, name);
        }
    }
    return newer ? zfs_fail (ctx, EBUSY,
                             "only the newest snapshot can be reverted to, and "
                             "these newer ones would be lost: %s; delete them "
                             "first if they are not needed",
                             newer)
                 : 0;
}

int
zfs_revert (struct hv_ctx *ctx, const struct hv_volume *vol,
            const char *snapshot)
{
    const struct zfs_object *target;
    struct zfs_pool pool;
    struct zfs_objects found;
    int r =
        get_snapshot (ctx, vol, snapshot, "createtxg", &pool, &found, &target);

    if (r < 0) {
        return r;
    }
    r = check_newest (ctx, &found, target);
    if (r == 0) {
        r = zvolume_check_idle (ctx, &pool, found.p[0].name);
    }
    return r < 0 ? r : ZFS_RUN (ctx, "rollback", target->name);
}

/* Lists the datasets of the whole ZFS pool whose origin is 'prefix', or, if
 * that ends in '@', begins with it. */
static int
find_clones (struct hv_ctx *ctx, const char *prefix, const char **clones)
{
    const char *slash = strchr (prefix, '/');
    const char *const argv[] = {
        "zfs",    "get",
        "-Hp",    "-r",
        "-o",     "name,value",
        "origin", hv_format (ctx, "%.*s", (int)(slash - prefix), prefix),
        NULL
    };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = hv_remaining (ctx) };
    size_t len = strlen (prefix);
    const char *text;
    char *next, *line;
    int r = hv_ask (ctx, &program, &text);

    *clones = NULL;
    if (r < 0 || !text) {
        return r < 0 ? r : -EPROTO;
    }
    next = hv_format (ctx, "%s", text);
    while ((line = strsep (&next, "\n"))) {
        char *tab = strchr (line, '\t');

        if (tab && !strncmp (tab + 1, prefix, len)
            && (prefix[len - 1] == '@' || !tab[1 + len])) {
            *tab = '\0';
            *clones = zvolume_list (ctx, *clones, line);
        }
    }
    return 0;
}

int
zvolume_has_clones (struct hv_ctx *ctx, const char *snapshot)
{
    const char *clones;

    if (find_clones (ctx, snapshot, &clones) < 0) {
        return zfs_fail (ctx, EBUSY, "there are clones of '%s'", snapshot);
    }
    return zfs_fail (ctx, EBUSY,
                     "there are clones of '%s' that would lose their data: %s",
                     snapshot, clones ? clones : "zfs does not list them");
}

int
zvolume_clones (struct hv_ctx *ctx, const char *dataset, const char **clones)
{
    return find_clones (ctx, hv_format (ctx, "%s@", dataset), clones) < 0
               ? zfs_fail (
                   ctx, EIO,
                   "zfs does not list the clones of the snapshots of '%s'",
                   dataset)
               : 0;
}

int
zfs_forget (struct hv_ctx *ctx, const struct hv_volume *vol,
            const char *snapshot)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const struct zfs_object *o;
    int r = get_snapshot (ctx, vol, snapshot, "type", &pool, &found, &o);

    if (r < 0) {
        return r;
    }
    if (!zfs_is (o, ZFS_SNAPSHOT)) {
        return zfs_fail (
            ctx, EPERM,
            "the snapshot '%s' was not created by hvctl, which leaves it "
            "alone: run 'zfs destroy %s' if it is not needed",
            o->name, o->name);
    }
    r = ZFS_RUN (ctx, "destroy", o->name);
    return r == -EBUSY ? zvolume_has_clones (ctx, o->name) : r;
}

/* The snapshot that it was cloned from moves to the clone, and its former
 * origin becomes a clone of that. */
int
zfs_promote (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    int r = zvolume_get (ctx, vol, "origin", false, &pool, &found);

    if (r < 0 || !found.p[0].origin || !*found.p[0].origin) {
        return r;
    }
    r = ZFS_RUN (ctx, "promote", found.p[0].name);
    /* Its origin may have been a clone itself. */
    if (r == 0 && zvolume_get (ctx, vol, "origin", false, &pool, &found) == 0
        && found.p[0].origin && *found.p[0].origin) {
        hv_log (ctx, HV_WARNING,
                "'%s' is now a clone of '%s', the origin of its former origin: "
                "promote it again to make it independent of that, too",
                found.p[0].name, found.p[0].origin);
    }
    return r;
}
