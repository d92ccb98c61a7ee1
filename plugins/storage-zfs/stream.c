/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sending a snapshot, and making a volume of what was sent.
 *
 * (A plugin cannot give 'zfs send' a descriptor.)  What is sent is the disk,
 * without its holes, so that another kind of pool could take it, too; numbers
 * are 64 bits, the highest byte first:
 *
 *   "hvctlvol" SIZE             of the disk
 *   OFFSET LENGTH and the data  as often as there is some: LENGTH is 1 to
 *                               1 MiB, and offsets rise
 *   SIZE 0                      the end: without it, it is not whole
 *
 * To be read, a snapshot is cloned, since zfs-fuse has no .zfs/snapshot, and
 * ZFS volumes have not either.  The clone is destroyed afterwards; one whose
 * process was killed is destroyed by the next that sends. */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/volume.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/import.h"
#include "plugins/storage-zfs/make.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"

static const char magic[8] = "hvctlvol";

enum { CHUNK = 1 << 20, TURN = 60000 };

/* ------------------------------------------------------------ Descriptors */

/* Waits until it can be read or written. */
static int
wait_fd (struct hv_ctx *ctx, int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };
    int64_t left = hv_remaining (ctx);
    int n = left > 0 ? poll (&p, 1, (int)(left < TURN ? left : TURN)) : 0;

    if (n < 0 && errno != EINTR) {
        return zfs_fail (ctx, errno, "cannot wait for the other end: %m");
    }
    return n != 0 ? 0
                  : zfs_fail (ctx, ETIMEDOUT,
                              "the other end of the pipe takes too long");
}

static int
write_all (struct hv_ctx *ctx, int fd, const char *p, size_t len)
{
    while (len) {
        ssize_t n;
        int r = wait_fd (ctx, fd, POLLOUT);

        if (r < 0) {
            return r;
        }
        /* A blocking pipe takes this much, if it takes anything. */
        n = write (fd, p, len < PIPE_BUF ? len : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return zfs_fail (ctx, errno, "cannot write what is sent: %m");
        }
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Reads all of it, or fails. */
static int
read_all (struct hv_ctx *ctx, int fd, char *p, size_t len)
{
    while (len) {
        ssize_t n;
        int r = wait_fd (ctx, fd, POLLIN);

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

static int
write_pair (struct hv_ctx *ctx, int fd, uint64_t a, uint64_t b)
{
    const uint64_t pair[2] = { htobe64 (a), htobe64 (b) };

    return write_all (ctx, fd, (const char *)pair, sizeof pair);
}

static int
read_pair (struct hv_ctx *ctx, int fd, uint64_t *a, uint64_t *b)
{
    uint64_t pair[2];
    int r = read_all (ctx, fd, (char *)pair, sizeof pair);

    *a = be64toh (pair[0]);
    *b = be64toh (pair[1]);
    return r;
}

/* ------------------------------------------------------------------ Send */

struct stream {
    struct hv_ctx *ctx;
    int fd;
};

static int
send_piece (void *to, const char *p, size_t len, uint64_t at)
{
    const struct stream *s = to;
    int r = write_pair (s->ctx, s->fd, at, len);

    return r < 0 ? r : write_all (s->ctx, s->fd, p, len);
}

static int
send_disk (struct hv_ctx *ctx, int disk, uint64_t size, int fd)
{
    struct stream s = { ctx, fd };
    uint64_t tag;
    int r;

    memcpy (&tag, magic, sizeof tag);
    r = write_pair (ctx, fd, be64toh (tag), size);
    if (r == 0) {
        r = import_pieces (ctx, disk, size, "the snapshot", send_piece, &s);
    }
    return r < 0 ? r : write_pair (ctx, fd, size, 0);
}

static int
open_disk (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *dataset,
           int *fd, uint64_t *size)
{
    const char *dir = NULL, *path = place_node (ctx, dataset);
    struct stat st;
    int r;

    if (pool->zvol) {
        r = place_wait (ctx, path);
    } else {
        CLEANUP_CLOSE int dir_fd = -1;

        r = place_open (ctx, dataset, &dir, &dir_fd);
        path = hv_format (ctx, "%s/" PLACE_DISK, dir ? dir : "");
    }
    if (r == 0) {
        r = volume_open (ctx, "the snapshot", path, fd, &st);
    }
    return r < 0 ? r : volume_length (ctx, *fd, &st, path, size);
}

/* Destroys the clones of those who were killed. */
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
            zfs_undo (ctx, o->name);
        }
    }
}

int
zfs_send (struct hv_ctx *ctx, const struct hv_volume *vol, const char *snapshot,
          int fd)
{
    CLEANUP_CLOSE int disk = -1;
    struct make make = { .owner = ZFS_STREAM, .maker = zfs_maker (ctx) };
    struct zfs_pool pool;
    struct zfs_objects found;
    uint64_t size = 0;
    int r = zvolume_get (ctx, vol, "type", false, &pool, &found);

    if (r == 0) {
        r = zfs_at (ctx, found.p[0].name, snapshot, &make.origin);
    }
    if (r == 0) {
        sweep (ctx, &pool);
        r = zfs_child (ctx, pool.dataset,
                       hv_format (ctx, "_send-%s", make.maker), &make.dataset);
    }
    if (r == 0) {
        r = make_dataset (ctx, &pool, &make);
    }
    if (r < 0) {
        return r == -ENOENT
                   ? zfs_fail (ctx, ENOENT, "'%s' has no snapshot '%s'",
                               found.p[0].name, snapshot)
                   : r;
    }
    r = open_disk (ctx, &pool, make.dataset, &disk, &size);
    if (r == 0) {
        r = send_disk (ctx, disk, size, fd);
    }
    close_fd (steal_fd (&disk));
    zfs_undo (ctx, make.dataset);
    return r;
}

/* --------------------------------------------------------------- Receive */

static int
receive_head (struct hv_ctx *ctx, const struct hv_volume *vol, int fd,
              uint64_t *size)
{
    uint64_t tag, ours;
    int r = read_pair (ctx, fd, &tag, size);

    memcpy (&ours, magic, sizeof ours);
    if (r < 0) {
        return r;
    }
    if (tag != be64toh (ours)) {
        return zfs_fail (ctx, EINVAL,
                         "what is received was not sent by hvctl (what 'zfs "
                         "send' sends is for 'zfs receive')");
    }
    if (vol->size && vol->size < *size) {
        return zfs_fail (ctx, EINVAL,
                         "the disk that is received has %" PRIu64
                         " bytes, and the volume would have less",
                         *size);
    }
    if (!*size || *size > INT64_MAX / 2) {
        return zfs_fail (ctx, EINVAL, "no disk has %" PRIu64 " bytes", *size);
    }
    return 0;
}

/* Reads what follows the head; everything in it is untrusted. */
static int
receive_data (struct hv_ctx *ctx, int fd, int disk, uint64_t size)
{
    CLEANUP_FREE char *buffer = malloc (CHUNK);
    uint64_t at = 0, offset, len;
    int r = buffer ? 0 : zfs_fail (ctx, ENOMEM, "no memory");

    while (r == 0) {
        r = read_pair (ctx, fd, &offset, &len);
        if (r == 0
            && (offset < at || offset > size || len > CHUNK
                || len > size - offset || (!len && offset != size))) {
            return zfs_fail (ctx, EINVAL, "what is received is damaged");
        }
        if (r < 0 || !len) {
            return r;
        }
        at = offset + len;
        r = read_all (ctx, fd, buffer, len);
        if (r == 0) {
            r = import_write (ctx, disk, buffer, len, offset, "the disk");
        }
    }
    return r;
}

static int
receive_into (struct hv_ctx *ctx, const struct zfs_pool *pool,
              const char *dataset, int fd, uint64_t size)
{
    CLEANUP_CLOSE int disk = -1;
    const char *path = NULL;
    int r = import_target (ctx, dataset, pool->zvol, &path, &disk);

    if (r == 0) {
        r = receive_data (ctx, fd, disk, size);
    }
    if (r == 0 && fsync (disk) < 0) {
        return zfs_fail (ctx, errno, "cannot write %s: %m", path);
    }
    return r;
}

int
zfs_receive (struct hv_ctx *ctx, const struct hv_volume *vol, int fd)
{
    struct make make = { .owner = ZFS_VOLUME, .maker = zfs_maker (ctx) };
    struct zfs_pool pool;
    uint64_t size = 0;
    int r = zvolume_locate (ctx, vol, &pool, &make.dataset);

    if (r == 0 && pool.zvol) {
        r = zfs_check_zvols (ctx);
    }
    if (r == 0) {
        r = receive_head (ctx, vol, fd, &size);
    }
    if (r < 0) {
        return r;
    }
    make.size = image_round (&pool, vol->size ? vol->size : size);
    r = zvolume_make (ctx, &pool, &make);
    if (r < 0) {
        return r;
    }
    r = receive_into (ctx, &pool, make.dataset, fd, size);
    if (r == 0) {
        r = zvolume_finish (ctx, &pool, make.dataset, true, make.size);
    }
    if (r < 0) {
        zfs_undo (ctx, make.dataset);
    }
    return r;
}
