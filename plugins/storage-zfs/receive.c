/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Creates a volume from a stream.  It is received below a dataset that is ours,
 * whose directory nobody else may enter, and becomes a volume, by renaming it,
 * when it has been checked.  So after any interruption everything is in one
 * place; left-overs of killed processes are destroyed by the next one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "plugins/common/volume.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/stream.h"

#define PLACE "_receive-"

/* ----------------------------------------------------- Where it is received */

/* Destroys it, with its children.  Everything there is ours. */
static void
discard (struct hv_ctx *ctx, const char *place)
{
    const struct zfs_failure failure = zfs_last (ctx);
    struct zfs_objects found, below;

    if (zfs_get_anyway (ctx, "type", place, &found) < 0) {
        hv_log (ctx, HV_WARNING, "%s is left behind", place);
        found.n = 0;
    }
    for (size_t i = found.n; i-- > 1;) {
        const char *child = found.p[i].name;

        if (!strchr (child, '@')
            && zfs_get_anyway (ctx, "type", child, &below) == 0) {
            for (size_t k = below.n; k-- > 1;) {
                zfs_undo (ctx, below.p[k].name);
            }
        }
        zfs_undo (ctx, child);
    }
    if (found.n) {
        zfs_undo (ctx, place);
    }
    zfs_repeat (ctx, &failure);
}

/* Destroys the left-overs of killed processes. */
static void
sweep (struct hv_ctx *ctx, const struct zfs_pool *pool)
{
    struct zfs_objects found;

    if (zfs_get (ctx, ZFS_OWNER "," ZFS_MAKER, pool->dataset, true, &found)
        < 0) {
        return;
    }
    for (size_t i = 1; i < found.n; i++) {
        const struct zfs_object *o = &found.p[i];

        if (zfs_is (o, ZFS_STREAM) && o->maker && !strchr (o->name, '@')
            && !zfs_maker_lives (ctx, o->maker)) {
            discard (ctx, o->name);
        }
    }
}

/* Creates the dataset into which one stream is received. */
static int
make_place (struct hv_ctx *ctx, const struct zfs_pool *pool, const char **place)
{
    const struct zfs_pool files = { .dataset = pool->dataset };
    struct make make = { .owner = ZFS_STREAM, .maker = zfs_maker (ctx) };
    CLEANUP_CLOSE int fd = -1;
    const char *dir;
    int r = zfs_child (ctx, pool->dataset,
                       hv_format (ctx, PLACE "%s", make.maker), &make.dataset);

    *place = make.dataset;
    if (r == 0) {
        r = make_dataset (ctx, &files, &make);
    }
    if (r < 0) {
        return r == -ENOTDIR || r == -ENOENT
                   ? zvolume_check_parent (ctx, pool, r)
                   : r;
    }
    r = pool->zvol ? ZFS_RUN (ctx, "set", "volmode=dev", make.dataset)
                   : place_open (ctx, make.dataset, &dir, &fd);
    if (r == 0 && fd >= 0 && fchmod (fd, 0700) < 0) {
        r = zfs_fail (ctx, errno, "cannot make %s inaccessible to others: %m",
                      dir);
    }
    if (r < 0) {
        discard (ctx, make.dataset);
    }
    return r;
}

/* ------------------------------------------------------- What was received */

static int
check_alone (struct hv_ctx *ctx, const char *dir)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *entry;

    if (!d) {
        return zfs_fail (ctx, errno, "cannot read %s: %m", dir);
    }
    while ((entry = readdir (d))) {
        if (strcmp (entry->d_name, ".") != 0
            && strcmp (entry->d_name, "..") != 0
            && strcmp (entry->d_name, PLACE_DISK) != 0) {
            return zfs_fail (
                ctx, EINVAL,
                "the received dataset contains more than a " PLACE_DISK
                ": it is not a volume");
        }
    }
    return 0;
}

/* Makes the disk accessible only to us.  With a snapshot it must be that
 * already: any change would keep increments from being received. */
static int
take (struct hv_ctx *ctx, int fd, const struct stat *st, int dir_fd,
      const char *dir, bool kept)
{
    struct stat above;

    if (kept) {
        return fstat (dir_fd, &above) < 0 || st->st_uid != geteuid ()
                       || (st->st_mode & 07777) != 0600
                       || above.st_uid != geteuid () || (above.st_mode & 022)
                   ? zfs_fail (ctx, EINVAL,
                               "the received dataset is owned by another user, "
                               "or accessible to others: receive a full stream "
                               "without a snapshot, and it becomes yours")
                   : 0;
    }
    if (fchown (fd, geteuid (), getegid ()) < 0 || fchmod (fd, 0600) < 0
        || fchown (dir_fd, geteuid (), getegid ()) < 0
        || fchmod (dir_fd, 0755) < 0) {
        return zfs_fail (ctx, errno, "cannot take %s/" PLACE_DISK ": %m", dir);
    }
    return 0;
}

int
stream_check_files (struct hv_ctx *ctx, const char *dataset, bool kept)
{
    CLEANUP_CLOSE int dir_fd = -1;
    CLEANUP_CLOSE int fd = -1;
    const char *dir;
    struct stat st;
    uint64_t size;
    int r = ZFS_RUN (ctx, "mount", dataset);

    if (r == 0) {
        r = place_open (ctx, dataset, &dir, &dir_fd);
    }
    if (r == 0) {
        r = check_alone (ctx, dir);
    }
    if (r < 0) {
        return r;
    }
    fd = openat (dir_fd, PLACE_DISK,
                 O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)
        || st.st_nlink != 1) {
        return zfs_fail (ctx, EINVAL,
                         "the received dataset has no " PLACE_DISK
                         " that is a file: it is not a volume");
    }
    r = take (ctx, fd, &st, dir_fd, dir, kept);
    return r < 0 ? r : volume_length (ctx, fd, &st, PLACE_DISK, &size);
}

/* The snapshot in the stream is not one of the volume. */
static int
destroy_snapshots (struct hv_ctx *ctx, const char *dataset)
{
    struct zfs_objects found;
    int r = zfs_get (ctx, "type", dataset, true, &found);

    for (size_t i = 1; r == 0 && i < found.n; i++) {
        r = ZFS_RUN (ctx, "destroy", found.p[i].name);
    }
    return r;
}

/* The snapshot in the stream is kept as 'snapshot', or destroyed. */
static int
settle_snapshot (struct hv_ctx *ctx, const char *received, const char *snapshot)
{
    return snapshot ? ZFS_RUN (ctx, "set", ZFS_OWNER "=" ZFS_SNAPSHOT,
                               hv_format (ctx, "%s@%s", received, snapshot))
                    : destroy_snapshots (ctx, received);
}

/* Turns it into a volume.  Changing properties does not change the contents;
 * but an access time would. */
static int
accept (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *received,
        const char *snapshot, const char *dataset)
{
    int r = ZFS_RUN (ctx, "set", pool->zvol ? "volmode=dev" : "atime=off",
                     received);

    if (r == 0 && !pool->zvol) {
        r = stream_check_files (ctx, received, snapshot);
    }
    if (r == 0) {
        r = settle_snapshot (ctx, received, snapshot);
    }
    if (r == 0 && pool->compression) {
        r = ZFS_RUN (ctx, "set",
                     hv_format (ctx, "compression=%s", pool->compression),
                     received);
    }
    if (r == 0) {
        r = ZFS_RUN (ctx, "set", ZFS_OWNER "=" ZFS_VOLUME, received);
    }
    /* zfs-fuse cannot rename a mounted dataset. */
    if (r == 0 && !pool->zvol) {
        r = ZFS_RUN (ctx, "unmount", received);
    }
    if (r == 0) {
        r = ZFS_RUN (ctx, "rename", received, dataset);
    }
    if (r == -EEXIST) {
        return zfs_fail (ctx, EEXIST, "there is now a dataset '%s'", dataset);
    }
    if (r < 0) {
        return r;
    }
    if (pool->zvol) {
        r = place_wait (ctx, place_node (ctx, dataset));
    } else if (!place_mounted (ctx, dataset)) {
        r = ZFS_RUN (ctx, "mount", dataset);
    }
    if (r < 0 && snapshot) {
        zfs_undo (ctx, hv_format (ctx, "%s@%s", dataset, snapshot));
    }
    if (r < 0) {
        zfs_undo (ctx, dataset);
    }
    return r;
}

static int
receive_in (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *place,
            const char *dataset, const char *snapshot, const char *head, int fd)
{
    const char *received =
        hv_format (ctx, "%s/%s", place, strrchr (dataset, '/') + 1);
    const char *name = received;
    int r = snapshot ? zfs_at (ctx, received, snapshot, &name) : 0;

    if (r == 0) {
        r = stream_receive (ctx, name, head, fd);
    }
    return r < 0 ? r : accept (ctx, pool, received, snapshot, dataset);
}

static int
receive_new (struct hv_ctx *ctx, const struct zfs_pool *pool,
             const char *dataset, const char *snapshot, const char *head,
             int fd)
{
    const char *place;
    int r = make_place (ctx, pool, &place);

    if (r < 0) {
        return r;
    }
    r = receive_in (ctx, pool, place, dataset, snapshot, head, fd);
    discard (ctx, place);
    return r;
}

int
zfs_receive (struct hv_ctx *ctx, const struct hv_volume *vol,
             const char *snapshot, int fd)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *dataset;
    char head[STREAM_HEAD];
    bool there;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    if (r == 0 && pool.zvol) {
        r = zfs_check_zvols (ctx);
    }
    if (r < 0) {
        return r;
    }
    /* It can be an increment only with a snapshot. */
    there = zfs_get (ctx, "type", dataset, false, &found) == 0;
    if (there && !snapshot) {
        r = zvolume_make_room (ctx, &pool, dataset);
    }
    if (r == 0) {
        r = stream_begin (ctx, &pool, fd, head);
    }
    if (r == 0 && stream_from (head)) {
        return receive_increment (ctx, vol, snapshot, head, fd);
    }
    if (r == 0 && there && snapshot) {
        r = zvolume_make_room (ctx, &pool, dataset);
    }
    if (r < 0) {
        return r;
    }
    sweep (ctx, &pool);
    return receive_new (ctx, &pool, dataset, snapshot, head, fd);
}
