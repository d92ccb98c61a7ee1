/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sending a snapshot by 'zfs send', and making a volume of what such a stream
 * has.
 *
 * A stream is untrusted.  Its head is read here (include/sys/zfs_ioctl.h of
 * OpenZFS, struct drr_begin): streams with properties, which could mount
 * something anywhere, and of many datasets have another one, and are refused,
 * and so are increments.  What is received is then below a dataset that is
 * ours, whose directory nobody else may enter, and becomes a volume, by
 * renaming it, when it was looked at.  So whatever interrupts it, all is in
 * one place; what the killed leave is destroyed by the next one. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/volume.h"
#include "common/wait.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/make.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"

#define MAGIC UINT64_C (0x2f5bacbac)
#define PLACE "_receive-"

/* Of a stream's first record. */
enum {
    HEAD = 312,
    TYPE = 0,       /* 32 bits, null; */
    MAGIC_AT = 8,   /* 64 bits; */
    VERSIONS = 16,  /* 64 bits, the lowest two the kind of the stream; */
    OBJECTS = 32,   /* 32 bits: what it has; */
    FROM_GUID = 48, /* 64 bits: of what it is an increment. */
    KIND_ONE = 1,
    OBJECTS_FILES = 2,
    OBJECTS_VOLUME = 3,
};

enum { TURN = 600000 };

/* ------------------------------------------------------------------ Send */

/* About as much as the stream will have: it is not compressed. */
static uint64_t
stream_size (const struct zfs_object *o)
{
    double ratio = o->ratio ? strtod (o->ratio, NULL) : 1;

    return ratio >= 1 && ratio < 1000
               ? (uint64_t)((double)o->referenced * ratio)
               : o->referenced;
}

int
zfs_send (struct hv_ctx *ctx, const struct hv_volume *vol, const char *snapshot,
          int fd)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *name;
    int r =
        zvolume_at (ctx, vol, snapshot, "type", false, &pool, &found, &name);

    if (r < 0) {
        return r;
    }
    r = zfs_get (ctx, "referenced,compressratio", name, false, &found);
    if (r < 0) {
        return r == -ENOENT ? zfs_fail (ctx, ENOENT, "'%s' is not there", name)
                            : r;
    }
    hv_progress (ctx, 0, stream_size (&found.p[0]));
    return zfs_stream (ctx, (const char *const[]){ "zfs", "send", name, NULL },
                       fd, NULL, 0, -1);
}

/* -------------------------------------------------------- A stream's head */

/* Waits until it can be read. */
static int
wait_fd (struct hv_ctx *ctx, int fd)
{
    int64_t left = hv_remaining (ctx);
    int n = wait_a_while (fd, POLLIN, left < TURN ? left : TURN);

    if (n < 0) {
        return zfs_fail (ctx, -n, "cannot wait for the other end: %m");
    }
    return n != 0 ? 0
                  : zfs_fail (ctx, ETIMEDOUT,
                              "the other end of the pipe takes too long");
}

/* Reads all of it, or fails. */
static int
read_all (struct hv_ctx *ctx, int fd, char *p, size_t len)
{
    while (len) {
        ssize_t n;
        int r = wait_fd (ctx, fd);

        if (r < 0) {
            return r;
        }
        n = read (fd, p, len);
        if (n == 0) {
            return zfs_fail (ctx, EPIPE,
                             "what is received ends too early: it was not "
                             "sent to its end");
        }
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return zfs_fail (ctx, errno, "cannot read what is received: %m");
        }
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Numbers are in the order of the machine that has sent it. */
static uint64_t
number (const char *head, size_t at, size_t size)
{
    bool swap = (unsigned char)head[MAGIC_AT] != (MAGIC & 0xff);
    uint64_t n = 0;

    for (size_t i = 0; i < size; i++) {
        n = n << 8 | (unsigned char)head[at + (swap ? i : size - 1 - i)];
    }
    return n;
}

static int
check_head (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *head)
{
    uint64_t objects = number (head, OBJECTS, 4);

    if (number (head, MAGIC_AT, 8) != MAGIC || number (head, TYPE, 4) != 0) {
        return zfs_fail (ctx, EINVAL,
                         "what is received is not what 'zfs send' sends");
    }
    if ((number (head, VERSIONS, 8) & 3) != KIND_ONE) {
        return zfs_fail (ctx, EINVAL,
                         "what is received was sent with properties, or with "
                         "more than a snapshot: send it without -R and -p");
    }
    if (number (head, FROM_GUID, 8)) {
        return zfs_fail (ctx, EINVAL,
                         "what is received is only what has changed between "
                         "two snapshots: send all of it, without -i and -I");
    }
    if (objects != OBJECTS_FILES && objects != OBJECTS_VOLUME) {
        return zfs_fail (ctx, EINVAL,
                         "what is received is neither of a file system nor of "
                         "a volume of ZFS");
    }
    if ((objects == OBJECTS_VOLUME) != pool->zvol) {
        return zfs_fail (ctx, EINVAL,
                         pool->zvol
                             ? "what is received is of a file system, and the "
                               "pool has volumes of ZFS ('zvol')"
                             : "what is received is of a volume of ZFS, and "
                               "the pool has files: set 'zvol' to yes");
    }
    return 0;
}

/* ----------------------------------------------------- Where it is received */

/* Destroys it, with what is below it.  Nothing there is anybody else's. */
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

/* Destroys those of who were killed. */
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

/* Makes the dataset that is the place of one receiving. */
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
        r = zfs_fail (ctx, errno, "cannot close %s to others: %m", dir);
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
            return zfs_fail (ctx, EINVAL,
                             "what was received has more than a " PLACE_DISK
                             ": it is no volume");
        }
    }
    return 0;
}

/* It has a disk, which is then only ours, and nothing else. */
static int
check_files (struct hv_ctx *ctx, const char *dataset)
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
                         "what was received has no " PLACE_DISK
                         " that is a file: it is no volume");
    }
    if (fchown (fd, geteuid (), getegid ()) < 0 || fchmod (fd, 0600) < 0
        || fchown (dir_fd, geteuid (), getegid ()) < 0
        || fchmod (dir_fd, 0755) < 0) {
        return zfs_fail (ctx, errno, "cannot take %s/" PLACE_DISK ": %m", dir);
    }
    return volume_length (ctx, fd, &st, PLACE_DISK, &size);
}

/* The snapshot that was sent is not the volume's. */
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

/* Makes a volume of it. */
static int
accept (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *received,
        const char *dataset)
{
    int r = pool->zvol ? ZFS_RUN (ctx, "set", "volmode=dev", received)
                       : check_files (ctx, received);

    if (r == 0) {
        r = destroy_snapshots (ctx, received);
    }
    if (r == 0 && pool->compression) {
        r = ZFS_RUN (ctx, "set",
                     hv_format (ctx, "compression=%s", pool->compression),
                     received);
    }
    if (r == 0) {
        r = ZFS_RUN (ctx, "set", ZFS_OWNER "=" ZFS_VOLUME, received);
    }
    /* zfs-fuse does not rename what is mounted. */
    if (r == 0 && !pool->zvol) {
        r = ZFS_RUN (ctx, "unmount", received);
    }
    if (r == 0) {
        r = ZFS_RUN (ctx, "rename", received, dataset);
    }
    if (r == -EEXIST) {
        return zfs_fail (ctx, EEXIST, "there is a dataset '%s' by now",
                         dataset);
    }
    if (r < 0) {
        return r;
    }
    if (pool->zvol) {
        r = place_wait (ctx, place_node (ctx, dataset));
    } else if (!place_mounted (ctx, dataset)) {
        r = ZFS_RUN (ctx, "mount", dataset);
    }
    if (r < 0) {
        zfs_undo (ctx, dataset);
    }
    return r;
}

static int
receive_in (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *place,
            const char *dataset, const char *head, int fd)
{
    const char *received =
        hv_format (ctx, "%s/%s", place, strrchr (dataset, '/') + 1);
    int r = zfs_stream (
        ctx, (const char *const[]){ "zfs", "receive", "-u", received, NULL },
        -1, head, HEAD, fd);

    return r < 0 ? r : accept (ctx, pool, received, dataset);
}

int
zfs_receive (struct hv_ctx *ctx, const struct hv_volume *vol, int fd)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *dataset, *place;
    char head[HEAD];
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    if (r == 0 && pool.zvol) {
        r = zfs_check_zvols (ctx);
    }
    if (r == 0 && zfs_get (ctx, "type", dataset, false, &found) == 0) {
        r = zvolume_make_room (ctx, &pool, dataset);
    }
    if (r == 0) {
        r = read_all (ctx, fd, head, sizeof head);
    }
    if (r == 0) {
        r = check_head (ctx, &pool, head);
    }
    if (r < 0) {
        return r;
    }
    sweep (ctx, &pool);
    r = make_place (ctx, &pool, &place);
    if (r < 0) {
        return r;
    }
    r = receive_in (ctx, &pool, place, dataset, head, fd);
    discard (ctx, place);
    return r;
}
