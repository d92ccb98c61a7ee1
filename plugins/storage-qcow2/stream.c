/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sends a snapshot, as one qcow2 image without a backing file, and creates a
 * volume from such an image, whoever sent it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/common/wait.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

#define CHUNK 65536

static int
broken (struct hv_ctx *ctx, int error, const char *why)
{
    errno = error;
    return error == ETIMEDOUT ? hv_fail (ctx, error,
                                         "the other end of the pipe does not "
                                         "respond")
           : error == ENOSPC || error == EDQUOT
               ? hv_fail (ctx, error, "the disk is full: %m")
               : hv_fail (ctx, error, "%s: %m", why);
}

/* Copies what there is, and tells how much that was. */
static int
pass (struct hv_ctx *ctx, int from, int to, uint64_t total)
{
    CLEANUP_FREE char *buffer = malloc (CHUNK);
    uint64_t done = 0;
    ssize_t n;

    if (!buffer) {
        return hv_fail (ctx, ENOMEM, "out of memory");
    }
    while ((n = wait_read (ctx, from, buffer, CHUNK)) > 0) {
        int r = wait_write_all (ctx, to, buffer, (size_t)n);

        if (r < 0) {
            return broken (ctx, -r, "cannot write the image");
        }
        done += (uint64_t)n;
        hv_progress (ctx, done, total);
    }
    return n < 0 ? broken (ctx, (int)-n, "cannot read the image") : 0;
}

/* ----------------------------------------------------------------- Send */

/* Copies the snapshot, with its backing files, to a temporary file: a pipe
 * cannot be written out of order. */
static int
flatten (struct hv_ctx *ctx, const struct chain *chain, size_t index,
         const struct volume_file *file)
{
    const char *const *paths = layer_paths (ctx, chain);
    const char *const argv[] = { "qemu-img", "convert",    "-q",
                                 "-f",       "qcow2",      "-O",
                                 "qcow2",    paths[index], file->temporary,
                                 NULL };

    return run_qemu_img (ctx, argv, paths + index,
                         (const char *const[]){ file->temporary, NULL });
}

int
qcow2_send (struct hv_ctx *ctx, const struct hv_volume *vol,
            const char *snapshot, const char *from, int fd)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    CLEANUP_CLOSE int image = -1;
    struct chain chain;
    const char *path;
    size_t index;
    struct stat st;
    int r =
        from ? hv_fail (ctx, ENOTSUP,
                        "a pool of type qcow2 can send only whole snapshots: "
                        "leave out '--from', or use a pool of type zfs")
             : qcow2_find (ctx, vol, snapshot, &path, &chain, &index);

    if (r == 0) {
        r = volume_begin (ctx, hv_format (ctx, "%s.sent", path), &file);
    }
    if (r == 0) {
        r = flatten (ctx, &chain, index, &file);
    }
    if (r < 0) {
        return r;
    }
    image = open (file.temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (image < 0 || fstat (image, &st) < 0) {
        return hv_fail (ctx, errno, "cannot open %s: %m", file.temporary);
    }
    return pass (ctx, image, fd, (uint64_t)st.st_size);
}

/* -------------------------------------------------------------- Receive */

/* An image from elsewhere must not name another file. */
static int
check_received (struct hv_ctx *ctx, const struct volume_file *file,
                const char *pool)
{
    struct qcow2_header header;
    char reason[QCOW2_REASON];
    struct chain chain;

    if (!qcow2_read (file->fd, &header, reason)) {
        return hv_fail (ctx, EINVAL, "the received image %s", reason);
    }
    if (header.backing[0]) {
        return hv_fail (ctx, EINVAL,
                        "the received image has a backing file, '%s', and only "
                        "complete images can be received",
                        header.backing);
    }
    return chain_walk (ctx, "the received image", file->temporary, "qcow2",
                       pool, &chain);
}

/* Are the tables where the header says, and is the rest present?  A truncated
 * image has a valid header. */
static int
check_whole (struct hv_ctx *ctx, const struct volume_file *file)
{
    const char *const argv[] = { "qemu-img", "check",         "-q", "-f",
                                 "qcow2",    file->temporary, NULL };
    int r = run_qemu_img (ctx, argv,
                          (const char *const[]){ file->temporary, NULL }, NULL);

    return r == -EIO ? hv_fail (ctx, EINVAL,
                                "the received image is damaged or truncated, "
                                "or leaks clusters: see 'qemu-img check'")
                     : r;
}

int
qcow2_receive (struct hv_ctx *ctx, const struct hv_volume *vol,
               const char *snapshot, int fd)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    const char *path, *pool;
    int r = volume_of_pool (ctx, vol, "can be received");

    if (r == 0) {
        r = qcow2_locate (ctx, vol, &path, &pool);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = pass (ctx, fd, file.fd, 0);
    }
    if (r == 0) {
        r = check_received (ctx, &file, pool);
    }
    if (r == 0) {
        r = check_whole (ctx, &file);
    }
    if (r == 0 && fsetxattr (file.fd, BACKING_XATTR, "", 0, 0) < 0
        && errno != ENOTSUP) {
        r = hv_fail (ctx, errno, "cannot mark %s: %m", file.temporary);
    }
    r = r < 0 ? r : volume_finish (ctx, &file);
    if (r == 0 && snapshot) {
        r = qcow2_snapshot (ctx, vol, snapshot);
        if (r < 0) {
            volume_remove (ctx, path);
        }
    }
    return r;
}
