/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A foreign image is untrusted: its header is read here before qemu-img sees
 * it, since that would follow file names in it (CVE-2024-4467, CVE-2024-32498).
 *  An imported image has no such names any more: volumes are raw. */
#include "plugins/storage-zfs/import.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/common/volume.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/zfs.h"

enum { CHUNK = 1 << 20, PIECE = 65536, SECTOR = 512 };

void
import_close (struct import *import)
{
    close_fd (steal_fd (&import->fd));
}

/* --------------------------------------------------------- The format */

static int
check_qcow2 (struct hv_ctx *ctx, struct import *from)
{
    struct qcow2_header header;
    char reason[QCOW2_REASON];

    if (!qcow2_read (from->fd, &header, reason)) {
        return zfs_fail (ctx, EINVAL, "%s %s", from->path, reason);
    }
    if (header.backing[0]) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s has a backing file, '%s', and only complete "
                         "images can be imported: flatten it with 'qemu-img "
                         "convert -f qcow2 -O qcow2' if you trust it",
                         from->path, header.backing);
    }
    if (header.incompatible & QCOW2_DATA_FILE || header.data_file_name) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s keeps its data in another file, named in its "
                         "header, which hvctl does not open",
                         from->path);
    }
    if (header.crypt_method) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s is encrypted, which hvctl does not support",
                         from->path);
    }
    if (header.incompatible & QCOW2_CORRUPT) {
        return zfs_fail (ctx, EIO,
                         "%s is marked corrupt: repair it with 'qemu-img check "
                         "-f qcow2 -r all'",
                         from->path);
    }
    if (header.incompatible & ~(uint64_t)QCOW2_KNOWN) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s has features that this hvctl does not know",
                         from->path);
    }
    from->size = header.size;
    return 0;
}

/* An image that is wrongly declared raw would become a disk that does not
 * boot. */
static int
check_raw (struct hv_ctx *ctx, struct import *from)
{
    const char *is = image_looks_like (from->fd);

    if (strcmp (is, "raw") != 0 && strcmp (is, "iso9660") != 0) {
        return zfs_fail (
            ctx, EINVAL, "%s is declared raw, but it begins like %s: %s",
            from->path, is,
            !strcmp (is, "qcow2") ? "declare its format as qcow2, if it is"
                                  : "unpack or convert it first");
    }
    from->size = (uint64_t)from->st.st_size;
    return 0;
}

static int
open_file (struct hv_ctx *ctx, const char *path, struct import *out)
{
    CLEANUP_FREE char *real = NULL;
    int r;

    if (path[0] != '/') {
        return zfs_fail (ctx, EINVAL,
                         "the path of an image must be absolute, not '%s'",
                         path);
    }
    r = volume_open (ctx, "the image", path, &out->fd, &out->st);
    if (r < 0) {
        return r;
    }
    if (!S_ISREG (out->st.st_mode)) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s is a block device, for which changes since its "
                         "import cannot be detected: copy it to a file",
                         path);
    }
    real = realpath (path, NULL);
    out->path = hv_format (ctx, "%s", real ? real : path);
    return 0;
}

int
import_open (struct hv_ctx *ctx, const char *path, const char *format,
             struct import *out)
{
    bool qcow2 = !strcmp (format, "qcow2");
    int r;

    if (!qcow2 && strcmp (format, "raw") != 0) {
        return zfs_fail (ctx, ENOTSUP,
                         "%s has format '%s', and hvctl reads only qcow2 and "
                         "raw: convert it with qemu-img",
                         path, format);
    }
    out->format = qcow2 ? "qcow2" : "raw";
    r = open_file (ctx, path, out);
    if (r == 0) {
        r = qcow2 ? check_qcow2 (ctx, out) : check_raw (ctx, out);
    }
    if (r == 0 && (out->size < SECTOR || out->size > INT64_MAX / 2)) {
        return zfs_fail (ctx, EINVAL,
                         "%s has %" PRIu64
                         " bytes, which is not a valid size of a disk",
                         path, out->size);
    }
    return r;
}

/* ----------------------------------------------------------- The bytes */

static bool
is_zero (const char *p, size_t len)
{
    return len && !*p && !memcmp (p, p + 1, len - 1);
}

int
import_write (struct hv_ctx *ctx, int fd, const char *p, size_t len,
              uint64_t at, const char *name)
{
    while (len) {
        ssize_t n = pwrite (fd, p, len, (off_t)at);

        if (n <= 0 && (n == 0 || errno != EINTR)) {
            return zfs_fail (ctx, n == 0 ? EIO : errno,
                             n < 0 && (errno == ENOSPC || errno == EDQUOT)
                                 ? "the ZFS pool is full: cannot write %s: %m"
                                 : "cannot write %s: %m",
                             name);
        }
        if (n > 0) {
            p += n;
            at += (uint64_t)n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Passes on blocks that are not zero; neighbours together. */
static int
split_chunk (const char *p, size_t len, uint64_t at, import_piece *piece,
             void *to)
{
    size_t from = 0;
    int r = 0;

    for (size_t done = 0; r == 0 && done < len; done += PIECE) {
        size_t n = len - done < PIECE ? len - done : PIECE;

        if (!is_zero (p + done, n)) {
            continue;
        }
        r = from < done ? piece (to, p + from, done - from, at + from) : 0;
        from = done + n;
    }
    return r == 0 && from < len ? piece (to, p + from, len - from, at + from)
                                : r;
}

/* Moves '*at' over a hole, and stores where the data ends.  A file system
 * without SEEK_DATA has no holes. */
static void
next_data (int fd, uint64_t *at, uint64_t *end, uint64_t size)
{
    off_t data = lseek (fd, (off_t)*at, SEEK_DATA), hole;

    if (data < 0) {
        *at = errno == ENXIO ? size : *at;
        *end = size;
        return;
    }
    hole = lseek (fd, data, SEEK_HOLE);
    *at = (uint64_t)data;
    *end = hole < 0 || (uint64_t)hole > size ? size : (uint64_t)hole;
}

int
import_pieces (struct hv_ctx *ctx, int from, uint64_t size, const char *name,
               import_piece *piece, void *to)
{
    CLEANUP_FREE char *buffer = malloc (CHUNK);
    uint64_t at = 0, end = 0;

    if (!buffer) {
        return zfs_fail (ctx, ENOMEM, "out of memory while copying %s", name);
    }
    while (at < size) {
        size_t want;
        ssize_t n;
        int r;

        if (at >= end) {
            next_data (from, &at, &end, size);
            continue;
        }
        if (hv_remaining (ctx) == 0) {
            return zfs_fail (ctx, ETIMEDOUT, "copying %s took too long", name);
        }
        want = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        n = pread (from, buffer, want, (off_t)at);
        if (n <= 0) {
            return zfs_fail (ctx, n < 0 ? errno : EIO,
                             n < 0 ? "cannot read %s: %m"
                                   : "%s has been truncated in the meantime",
                             name);
        }
        r = split_chunk (buffer, (size_t)n, at, piece, to);
        if (r < 0) {
            return r;
        }
        at += (uint64_t)n;
    }
    return 0;
}

struct target {
    struct hv_ctx *ctx;
    int fd;
    const char *name;
};

static int
write_target (void *to, const char *p, size_t len, uint64_t at)
{
    const struct target *t = to;

    return import_write (t->ctx, t->fd, p, len, at, t->name);
}

/* Runs qemu-img to write it to 'target', which exists. */
static int
convert (struct hv_ctx *ctx, const struct import *from, const char *target,
         bool zvol)
{
    const char *const to_file[] = { "qemu-img", "convert", "-q",  "-f",
                                    "qcow2",    "-O",      "raw", from->path,
                                    target,     NULL };
    const char *const to_device[] = {
        "qemu-img", "convert", "-q", "-n",  "--target-is-zero",
        "-f",       "qcow2",   "-O", "raw", from->path,
        target,     NULL
    };
    const struct hv_program program = { .size = sizeof program,
                                        .argv = zvol ? to_device : to_file,
                                        .timeout = hv_remaining (ctx) };
    const char *words = NULL;
    int r = hv_run (ctx, &program, &words);

    if (r == -ENOENT) {
        return zfs_fail (ctx, ENOPKG,
                         "importing qcow2 needs qemu-img: install qemu-utils, "
                         "qemu-img or qemu-tools");
    }
    if (r < 0 && words) {
        bool full = strstr (words, strerror (ENOSPC))
                    || strstr (words, strerror (EDQUOT));

        return zfs_fail (ctx, full ? ENOSPC : -r, "%s%s",
                         full ? "the ZFS pool is full: " : "", words);
    }
    return r;
}

int
import_target (struct hv_ctx *ctx, const char *dataset, bool zvol,
               const char **path, int *fd)
{
    CLEANUP_CLOSE int dir_fd = -1;
    const char *dir;
    int r;

    if (zvol) {
        *path = place_node (ctx, dataset);
        r = place_wait (ctx, *path);
        *fd = r < 0 ? -1 : open (*path, O_WRONLY | O_CLOEXEC);
    } else {
        r = place_open (ctx, dataset, &dir, &dir_fd);
        if (r == 0) {
            *path = hv_format (ctx, "%s/" PLACE_IMAGE, dir);
            *fd = openat (dir_fd, PLACE_IMAGE,
                          O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        }
    }
    if (r == 0 && *fd < 0) {
        return zfs_fail (ctx, errno, "cannot open %s: %m", *path);
    }
    return r;
}

/* A program that can write to the file must not replace it after our checks. */
static int
check_unchanged (struct hv_ctx *ctx, const struct import *from)
{
    struct stat st;

    if (fstat (from->fd, &st) == 0 && st.st_size == from->st.st_size
        && st.st_ctim.tv_sec == from->st.st_ctim.tv_sec
        && st.st_ctim.tv_nsec == from->st.st_ctim.tv_nsec) {
        return 0;
    }
    return zfs_fail (ctx, EBUSY,
                     "%s changed while it was being imported: try again when "
                     "it is not being written",
                     from->path);
}

int
import_into (struct hv_ctx *ctx, const struct import *from, const char *dataset,
             bool zvol, uint64_t size)
{
    CLEANUP_CLOSE int fd = -1;
    const char *path = NULL;
    int r = import_target (ctx, dataset, zvol, &path, &fd);
    struct target target = { ctx, fd, path };

    if (r == 0) {
        r = strcmp (from->format, "raw") != 0
                ? convert (ctx, from, path, zvol)
                : import_pieces (ctx, from->fd, from->size, from->path,
                                 write_target, &target);
    }
    if (r == 0) {
        r = check_unchanged (ctx, from);
    }
    if (r < 0) {
        return r;
    }
    if ((!zvol && ftruncate (fd, (off_t)size) < 0) || fsync (fd) < 0) {
        return zfs_fail (ctx, errno, "cannot write %s: %m", path);
    }
    return 0;
}
