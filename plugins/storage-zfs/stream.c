/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sending a snapshot by 'zfs send', and what such a stream begins with.
 *
 * A stream is untrusted.  Its head is read here (include/sys/zfs_ioctl.h of
 * OpenZFS, struct drr_begin): streams with properties, which could mount
 * something anywhere, and of many datasets have another one, and are
 * refused. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/wait.h"
#include "plugins/storage-zfs/stream.h"

#define MAGIC UINT64_C (0x2f5bacbac)

/* Of a stream's first record. */
enum {
    TYPE = 0,       /* 32 bits, null; */
    MAGIC_AT = 8,   /* 64 bits; */
    VERSIONS = 16,  /* 64 bits, the lowest two the kind of the stream; */
    OBJECTS = 32,   /* 32 bits: what it has; */
    TO_GUID = 40,   /* 64 bits: of the snapshot; */
    FROM_GUID = 48, /* 64 bits: of what it is an increment. */
    KIND_ONE = 1,
    OBJECTS_FILES = 2,
    OBJECTS_VOLUME = 3,
};

/* ------------------------------------------------------------------ Send */

/* The approximate size of the stream, which is not compressed. */
static uint64_t
stream_size (const struct zfs_object *o)
{
    double ratio = o->ratio ? strtod (o->ratio, NULL) : 1;

    return ratio >= 1 && ratio < 1000
               ? (uint64_t)((double)o->referenced * ratio)
               : o->referenced;
}

static int
get_snapshot (struct hv_ctx *ctx, const char *dataset, const char *snapshot,
              const char **name, struct zfs_objects *out)
{
    int r = zfs_at (ctx, dataset, snapshot, name);

    r = r < 0 ? r
              : zfs_get (ctx, "referenced,compressratio,createtxg", *name,
                         false, out);
    return r == -ENOENT ? zfs_fail (ctx, ENOENT, "'%s' does not exist", *name)
                        : r;
}

/* The size of an increment is not known beforehand. */
static int
send_from (struct hv_ctx *ctx, const char *dataset, const char *from,
           const char *name, uint64_t txg, int fd)
{
    struct zfs_objects found;
    const char *base;
    int r = get_snapshot (ctx, dataset, from, &base, &found);

    if (r == 0 && found.p[0].createtxg >= txg) {
        r = zfs_fail (ctx, EINVAL,
                      "'%s' is not older than '%s': only changes since an "
                      "older snapshot can be sent",
                      base, name);
    }
    if (r < 0) {
        return r;
    }
    hv_progress (ctx, 0, 0);
    return zfs_stream (
        ctx, (const char *const[]){ "zfs", "send", "-i", base, name, NULL }, fd,
        NULL, 0, -1);
}

int
zfs_send (struct hv_ctx *ctx, const struct hv_volume *vol, const char *snapshot,
          const char *from, int fd)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    const char *name, *dataset;
    int r = zvolume_get (ctx, vol, "type", false, &pool, &found);

    if (r < 0) {
        return r;
    }
    dataset = found.p[0].name;
    r = get_snapshot (ctx, dataset, snapshot, &name, &found);
    if (r < 0) {
        return r;
    }
    if (from) {
        return send_from (ctx, dataset, from, name, found.p[0].createtxg, fd);
    }
    hv_progress (ctx, 0, stream_size (&found.p[0]));
    return zfs_stream (ctx, (const char *const[]){ "zfs", "send", name, NULL },
                       fd, NULL, 0, -1);
}

/* -------------------------------------------------------- A stream's head */

/* Reads all of it, or fails. */
static int
read_all (struct hv_ctx *ctx, int fd, char *p, size_t len)
{
    while (len) {
        ssize_t n = wait_read (ctx, fd, p, len);

        if (n == 0) {
            return zfs_fail (ctx, EPIPE,
                             "the stream ends too early: it is truncated");
        }
        if (n < 0) {
            errno = (int)-n;
            return zfs_fail (ctx, errno,
                             errno == ETIMEDOUT
                                 ? "the other end of the pipe does not respond"
                                 : "cannot read the stream: %m");
        }
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Numbers are in the byte order of the sending machine. */
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

uint64_t
stream_to (const char *head)
{
    return number (head, TO_GUID, 8);
}

uint64_t
stream_from (const char *head)
{
    return number (head, FROM_GUID, 8);
}

static int
check_head (struct hv_ctx *ctx, const struct zfs_pool *pool, const char *head)
{
    uint64_t objects = number (head, OBJECTS, 4);

    if (number (head, MAGIC_AT, 8) != MAGIC || number (head, TYPE, 4) != 0) {
        return zfs_fail (ctx, EINVAL, "the stream is not from 'zfs send'");
    }
    if ((number (head, VERSIONS, 8) & 3) != KIND_ONE) {
        return zfs_fail (ctx, EINVAL,
                         "the stream contains properties, or more than one "
                         "snapshot: send it without -R and -p");
    }
    if (objects != OBJECTS_FILES && objects != OBJECTS_VOLUME) {
        return zfs_fail (
            ctx, EINVAL,
            "the stream is neither of a ZFS file system nor of a ZFS volume");
    }
    if ((objects == OBJECTS_VOLUME) != pool->zvol) {
        return zfs_fail (ctx, EINVAL,
                         pool->zvol ? "the stream is of a file system, but the "
                                      "pool is for ZFS volumes ('zvol')"
                                    : "the stream is of a ZFS volume, but the "
                                      "pool is for files: set 'zvol' to yes");
    }
    return 0;
}

int
stream_begin (struct hv_ctx *ctx, const struct zfs_pool *pool, int fd,
              char head[STREAM_HEAD])
{
    int r = read_all (ctx, fd, head, STREAM_HEAD);

    return r < 0 ? r : check_head (ctx, pool, head);
}

int
stream_receive (struct hv_ctx *ctx, const char *name, const char *head, int fd)
{
    return zfs_stream (
        ctx, (const char *const[]){ "zfs", "receive", "-u", name, NULL }, -1,
        head, STREAM_HEAD, fd);
}
