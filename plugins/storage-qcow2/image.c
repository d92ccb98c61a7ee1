/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Writes images, by qemu-img, which is told everything and follows nothing. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "common/size.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

/* The settings of a pool for new volumes. */
struct creation {
    const char *preallocation;
    uint64_t cluster_size;
    bool lazy_refcounts;
};

int
run_qemu_img (struct hv_ctx *ctx, const char *const *argv,
              const char *const *reads, const char *const *writes)
{
    static const char *const needs[] = { "disk", "image", NULL };
    const struct hv_program program = {
        .size = sizeof program,
        .argv = argv,
        .needs = needs,
        .reads = reads,
        .writes = writes,
        .timeout = hv_remaining (ctx),
    };
    int r = hv_run (ctx, &program, NULL);

    if (r == -ENOENT) {
        return hv_fail (ctx, ENOENT,
                        "qemu-img is missing: install qemu-utils (Debian, "
                        "Ubuntu), qemu-img (Fedora, Arch) or qemu-tools "
                        "(openSUSE)");
    }
    return r;
}

const char *const *
layer_paths (struct hv_ctx *ctx, const struct chain *chain)
{
    const char **paths = hv_alloc (ctx, (chain->n + 1) * sizeof *paths);

    for (size_t i = 0; i < chain->n; i++) {
        paths[i] = chain->layers[i].path;
    }
    return paths;
}

static int
read_creation (struct hv_ctx *ctx, const struct hv_options *options,
               struct creation *out)
{
    static const char *const modes[] = { "off", "metadata", "falloc", "full" };
    const char *size = hv_option (ctx, options, "cluster_size");
    size_t mode = 0;

    out->preallocation = hv_option (ctx, options, "preallocation");
    while (mode < ARRAY_SIZE (modes)
           && strcmp (modes[mode], out->preallocation) != 0) {
        mode++;
    }
    if (mode == ARRAY_SIZE (modes)) {
        return hv_fail (
            ctx, EINVAL,
            "'preallocation' must be off, metadata, falloc or full, not '%s'",
            out->preallocation);
    }
    /* The limits are QEMU's (MIN_ and MAX_CLUSTER_BITS in block/qcow2.h). */
    if (!parse_size (size, &out->cluster_size) || out->cluster_size < 512
        || out->cluster_size > 2 << 20
        || out->cluster_size & (out->cluster_size - 1)) {
        return hv_fail (
            ctx, EINVAL,
            "'cluster_size' must be a power of two from 512 to 2M, not '%s'",
            size);
    }
    parse_bool (hv_option (ctx, options, "lazy_refcounts"),
                &out->lazy_refcounts);
    return 0;
}

/* Reports this before qemu-img would: its message has no figures, and "full"
 * would first write for minutes. */
static int
check_space (struct hv_ctx *ctx, const char *path, uint64_t size,
             const struct creation *how, bool overlay)
{
    const char *dir = volume_parent (ctx, path);
    uint64_t needed = 4 * how->cluster_size, available;
    char need_text[32], free_text[32];
    struct statvfs fs;

    if (!overlay && how->preallocation[0] == 'f') {
        needed += size;
    }
    if (statvfs (dir, &fs) < 0) {
        return hv_fail (ctx, errno, "cannot query the file system of %s: %m",
                        dir);
    }
    available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (available < needed) {
        return hv_fail (ctx, ENOSPC,
                        "the disk is full: the volume needs %s, and %s has %s "
                        "left",
                        format_size (needed, need_text, sizeof need_text), dir,
                        format_size (available, free_text, sizeof free_text));
    }
    return 0;
}

/* Runs qemu-img to write the image to 'path', which exists and is empty.  With
 * "-u" it does not even open the backing file. */
static int
write_image (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
             const struct creation *how, const char *path)
{
    const char *options =
        hv_format (ctx,
                   "compat=1.1,cluster_size=%" PRIu64 ",lazy_refcounts=%s,"
                   "preallocation=%s",
                   how->cluster_size, how->lazy_refcounts ? "on" : "off",
                   vol->backing ? "off" : how->preallocation);
    const char *bytes = hv_format (ctx, "%" PRIu64, size);
    const char *const alone[] = { "qemu-img", "create", "-q", "-f",  "qcow2",
                                  "-o",       options,  path, bytes, NULL };
    const char *const overlay[] = {
        "qemu-img", "create", "-q",         "-f",  "qcow2",
        "-u",       "-b",     vol->backing, "-F",  vol->backing_format,
        "-o",       options,  path,         bytes, NULL
    };

    const char *const writes[] = { path, NULL };

    return run_qemu_img (ctx, vol->backing ? overlay : alone, NULL, writes);
}

/* Reads the written header, and marks it; see check_mark() in chain.c. */
static int
seal (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
      const struct volume_file *file)
{
    const char *backing = vol->backing ? vol->backing : "";
    struct qcow2_header header;
    char reason[QCOW2_REASON];

    if (!qcow2_read (file->fd, &header, reason)) {
        return hv_fail (ctx, EIO, "the image that qemu-img wrote %s", reason);
    }
    if (header.size != size || strcmp (header.backing, backing) != 0) {
        return hv_fail (ctx, EIO,
                        "qemu-img wrote an image with another size or backing "
                        "file than requested");
    }
    if (fsetxattr (file->fd, BACKING_XATTR, backing, strlen (backing), 0) == 0
        && (!vol->backing
            || fsetxattr (file->fd, FORMAT_XATTR, vol->backing_format,
                          strlen (vol->backing_format), 0)
                   == 0)) {
        return 0;
    }
    if (errno != ENOTSUP) {
        return hv_fail (ctx, errno, "cannot mark %s: %m", file->temporary);
    }
    /* On file systems without attributes it cannot be distinguished from a
     * foreign image. */
    return vol->backing ? chain_check_place (ctx, file->temporary, vol->backing,
                                             vol->backing)
                        : 0;
}

int
image_write (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
             const struct volume_file *file)
{
    struct creation how = { 0 };
    int r = read_creation (ctx, vol->options, &how);

    if (r == 0) {
        r = check_space (ctx, file->path, size, &how, vol->backing);
    }
    if (r == 0) {
        r = write_image (ctx, vol, size, &how, file->temporary);
    }
    return r < 0 ? r : seal (ctx, vol, size, file);
}
