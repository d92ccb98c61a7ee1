/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Receives incremental streams.  ZFS adds one to a dataset whose newest
 * snapshot is its base, and which has not changed since: atomically.  The
 * dataset is not mounted in the meantime, so that nobody starts a VM on an
 * unchecked disk: an increment may have made anything of it. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/stream.h"

/* The newest snapshot, or null. */
static const struct zfs_object *
find_newest (const struct zfs_objects *in)
{
    const struct zfs_object *newest = NULL;

    for (size_t i = 1; i < in->n; i++) {
        const struct zfs_object *o = &in->p[i];

        if (strchr (o->name, '@')
            && (!newest || o->createtxg > newest->createtxg)) {
            newest = o;
        }
    }
    return newest;
}

static bool
has_guid (const struct zfs_object *o, const char *guid)
{
    return o->guid && !strcmp (o->guid, guid);
}

/* Explains why the increment's base is not the newest snapshot. */
static int
wrong_base (struct hv_ctx *ctx, const struct zfs_objects *in, const char *guid)
{
    const char *dataset = in->p[0].name, *newer = NULL;
    const struct zfs_object *base = NULL;

    for (size_t i = 1; i < in->n; i++) {
        if (has_guid (&in->p[i], guid) && strchr (in->p[i].name, '@')) {
            base = &in->p[i];
        }
    }
    if (!base) {
        return zfs_fail (
            ctx, EBUSY,
            "the stream starts from a snapshot that '%s' does not have: send "
            "it --from a snapshot that both have, or send a full stream",
            dataset);
    }
    for (size_t i = 1; i < in->n; i++) {
        const char *at = strchr (in->p[i].name, '@');

        if (at && in->p[i].createtxg > base->createtxg) {
            if (zvolume_is_hidden (&in->p[i], dataset)) {
                return zvolume_is_needed (ctx, &in->p[i]);
            }
            newer = zvolume_list (ctx, newer, at + 1);
        }
    }
    return zfs_fail (ctx, EBUSY,
                     "the stream starts from '%s', and these snapshots are "
                     "newer: %s; delete them first if they are not needed",
                     base->name, newer ? newer : "-");
}

/* All checks that are possible beforehand. */
static int
check (struct hv_ctx *ctx, const struct hv_volume *vol, const char *snapshot,
       const char *guid, struct zfs_pool *pool, struct zfs_objects *found)
{
    const struct zfs_object *newest;
    const char *name;
    int r;

    if (!snapshot) {
        return zfs_fail (
            ctx, EINVAL,
            "the stream is incremental: name the volume that has its first "
            "snapshot, and the second snapshot: %s/%s@SNAPSHOT",
            vol->pool, vol->name);
    }
    r = zvolume_get_tidy (ctx, vol, "createtxg,guid", pool, found);
    if (r == -ENOENT) {
        return zfs_fail (ctx, ENOENT,
                         "the stream is incremental, but there is no volume "
                         "'%s': send a full stream first, without --from",
                         vol->name);
    }
    if (r == 0) {
        r = zfs_at (ctx, found->p[0].name, snapshot, &name);
    }
    if (r < 0) {
        return r;
    }
    for (size_t i = 1; i < found->n; i++) {
        if (!strcmp (found->p[i].name, name)) {
            return zfs_fail (ctx, EEXIST, "there is already a snapshot '%s'",
                             snapshot);
        }
    }
    newest = find_newest (found);
    return newest && has_guid (newest, guid)
               ? zvolume_check_idle (ctx, pool, found->p[0].name)
               : wrong_base (ctx, found, guid);
}

/* Even if the time is up, or hvctl was interrupted, it is mounted. */
static void
mount_anyway (struct hv_ctx *ctx, const char *dataset)
{
    const struct zfs_failure failure = zfs_last (ctx);
    const char *const argv[] = { "zfs", "mount", dataset, NULL };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = 30000 };

    if (!place_mounted (ctx, dataset) && hv_run (ctx, &program, NULL) < 0) {
        hv_log (ctx, HV_WARNING, "%s is no longer mounted", dataset);
    }
    zfs_repeat (ctx, &failure);
}

/* Rolls back to the newest snapshot before the increment, 'base'. */
static void
take_back (struct hv_ctx *ctx, const char *dataset, const char *name,
           const char *base)
{
    const struct zfs_failure failure = zfs_last (ctx);
    const char *const argv[] = { "zfs", "rollback", base, NULL };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = argv,
                                        .timeout = 30000 };

    zfs_undo (ctx, name);
    if (hv_run (ctx, &program, NULL) < 0) {
        hv_log (ctx, HV_WARNING,
                "%s contains unchecked received data, and must not be used: "
                "revert it to its newest snapshot (hvctl volume revert)",
                dataset);
    }
    zfs_repeat (ctx, &failure);
}

static const char *
text_of (struct hv_ctx *ctx, uint64_t guid)
{
    return hv_format (ctx, "%" PRIu64, guid);
}

/* zfs-fuse releases an unmounted dataset a moment later.  If the end of the
 * stream is received before, that succeeds, and then zfs tries to resume the
 * mount, which does not exist, and fails with EIO (zfs_ioc_recv(),
 * zfs_resume_fs()). */
static int
receive (struct hv_ctx *ctx, const char *name, const char *head, int fd)
{
    int r = stream_receive (ctx, name, head, fd);
    const struct zfs_failure failure = zfs_last (ctx);
    struct zfs_objects found;

    if (r != -EIO) {
        return r;
    }
    if (zfs_get_anyway (ctx, "guid", name, &found) == 0
        && has_guid (&found.p[0], text_of (ctx, stream_to (head)))) {
        return 0;
    }
    zfs_repeat (ctx, &failure);
    return r;
}

int
receive_increment (struct hv_ctx *ctx, const struct hv_volume *vol,
                   const char *snapshot, const char *head, int fd)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *dataset, *name;
    bool mounted;
    int r =
        check (ctx, vol, snapshot,
               hv_format (ctx, "%" PRIu64, stream_from (head)), &pool, &found);

    if (r < 0) {
        return r;
    }
    dataset = found.p[0].name;
    name = hv_format (ctx, "%s@%s", dataset, snapshot);
    mounted = !pool.zvol && place_mounted (ctx, dataset);
    r = mounted ? ZFS_RUN (ctx, "unmount", dataset) : 0;
    r = r < 0 ? r : receive (ctx, name, head, fd);
    if (r == 0) {
        /* zfs receive creates the node of a volume again. */
        r = pool.zvol ? place_wait (ctx, place_node (ctx, dataset))
                      : stream_check_files (ctx, dataset, true);
        r = r < 0 ? r : ZFS_RUN (ctx, "set", ZFS_OWNER "=" ZFS_SNAPSHOT, name);
        if (r < 0) {
            take_back (ctx, dataset, name, find_newest (&found)->name);
        }
    }
    if (mounted) {
        mount_anyway (ctx, dataset);
    }
    return r;
}
