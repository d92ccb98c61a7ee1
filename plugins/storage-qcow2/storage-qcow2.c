/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-qcow2: each volume is a qcow2 file in a directory, alone or as an
 * overlay on another image.
 *
 * Images are looked at by chain.c, in process.  Only what writes one is left
 * to qemu-img: create and resize, after chain.c has agreed.  A start runs no
 * program. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "common/size.h"
#include "common/volume.h"
#include "hvctl/plugin.h"
#include "plugins/storage-qcow2/chain.h"

#define SUFFIX ".qcow2"

static const struct hv_key plugin_keys[] = {
    { BACKING_PATH_KEY, HV_STRING, NULL,
      "directories, separated by colons, whose files any image may lie on",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct hv_key pool_keys[] = {
    VOLUME_PATH_KEY,
    { "preallocation", HV_STRING, "off",
      "what is allocated at once: off, metadata, falloc or full (overlays: "
      "nothing)",
      false },
    { "cluster_size", HV_SIZE, "64K", "the size of a volume's clusters",
      false },
    { "lazy_refcounts", HV_BOOL, "no",
      "write reference counts late: faster, slow to open after a crash",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

/* What a pool says about new volumes. */
struct creation {
    const char *preallocation;
    uint64_t cluster_size;
    bool lazy_refcounts;
};

/* Runs qemu-img.  It gets only paths that begin with a slash, which it takes
 * for nothing else, and reads no image that chain.c has not seen. */
static int
run_qemu_img (struct hv_ctx *ctx, const char *const *argv)
{
    const struct hv_program program = {
        .size = sizeof program,
        .argv = argv,
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

/* Stores where the volume is, and in which pool's directory, if any. */
static int
locate (struct hv_ctx *ctx, const struct hv_volume *vol, const char **path,
        const char **pool)
{
    int r = volume_path (ctx, vol, SUFFIX, path);

    *pool = r == 0 && !vol->path ? volume_parent (ctx, *path) : NULL;
    return r;
}

static int
walk (struct hv_ctx *ctx, const struct hv_volume *vol, const char **path,
      struct chain *chain)
{
    const char *pool;
    int r = locate (ctx, vol, path, &pool);

    return r < 0 ? r
                 : chain_walk (ctx, vol->path ? "the image" : "the volume",
                               *path, "qcow2", pool, chain);
}

static int
qcow2_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
             struct hv_chain *out, struct hv_volume_info *info)
{
    struct chain chain;
    const char *path;
    int r = walk (ctx, vol, &path, &chain);

    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < chain.n; i++) {
        hv_layer (ctx, out, chain.layers[i].path, chain.layers[i].format);
    }
    info->size = chain.size;
    info->allocated = chain.allocated;
    return 0;
}

/* ------------------------------------------------------------- Create */

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
        return hv_fail (ctx, EINVAL,
                        "'preallocation' is off, metadata, falloc or full, "
                        "not '%s'",
                        out->preallocation);
    }
    /* The limits are QEMU's (MIN_ and MAX_CLUSTER_BITS in block/qcow2.h). */
    if (!parse_size (size, &out->cluster_size) || out->cluster_size < 512
        || out->cluster_size > 2 << 20
        || out->cluster_size & (out->cluster_size - 1)) {
        return hv_fail (ctx, EINVAL,
                        "'cluster_size' is a power of two from 512 to 2M, "
                        "not '%s'",
                        size);
    }
    parse_bool (hv_option (ctx, options, "lazy_refcounts"),
                &out->lazy_refcounts);
    return 0;
}

/* Checks the image that the new volume is to lie on, and the size. */
static int
check_backing (struct hv_ctx *ctx, const struct hv_volume *vol,
               const char *pool, uint64_t *size)
{
    struct chain chain;
    char needs[32];
    int r;

    *size = vol->size;
    if (!vol->backing) {
        return volume_check_size (ctx, vol->size);
    }
    /* The header has room for 1023 bytes, and our reader wants them to be
     * printable. */
    if (vol->backing[0] != '/' || strlen (vol->backing) > 1023
        || strpbrk (vol->backing, "\n\r\t\033")) {
        return hv_fail (ctx, EINVAL,
                        "'%s' cannot be the name of a backing file: it must "
                        "be absolute, at most 1023 bytes, and on one line",
                        vol->backing);
    }
    r = chain_walk (ctx, "the image below", vol->backing, vol->backing_format,
                    pool, &chain);
    if (r < 0) {
        return r;
    }
    if (chain.n == CHAIN_MAX) {
        return hv_fail (ctx, ELOOP,
                        "%s has %d layers already, and there can "
                        "be no more",
                        vol->backing, CHAIN_MAX);
    }
    if (!vol->size) {
        *size = (chain.size + 511) & ~UINT64_C (511);
    } else if (vol->size < chain.size) {
        return hv_fail (
            ctx, EINVAL, "a volume on %s needs at least its size, %s",
            vol->backing, format_size (chain.size, needs, sizeof needs));
    }
    return volume_check_size (ctx, *size);
}

/* Says it before qemu-img has to: its words come without the figures, and
 * "full" would first write for minutes. */
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
        return hv_fail (ctx, errno, "cannot look at the file system of %s: %m",
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

/* Has qemu-img write the image to 'path', which exists and is empty.  With
 * "-u" it does not even open the image below. */
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

    return run_qemu_img (ctx, vol->backing ? overlay : alone);
}

/* Reads back what was written, and marks it; see check_mark() in chain.c. */
static int
seal (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
      const struct volume_file *file)
{
    const char *backing = vol->backing ? vol->backing : "";
    struct qcow2_header header;
    char reason[QCOW2_REASON];

    if (!qcow2_read (file->fd, &header, reason)) {
        return hv_fail (ctx, EIO, "what qemu-img wrote %s", reason);
    }
    if (header.size != size || strcmp (header.backing, backing) != 0) {
        return hv_fail (ctx, EIO,
                        "qemu-img wrote an image of another size, or on "
                        "another backing file, than it was told to");
    }
    /* Some file systems have no attributes: then it goes without. */
    if (fsetxattr (file->fd, BACKING_XATTR, backing, strlen (backing), 0) < 0
        && errno != ENOTSUP) {
        return hv_fail (ctx, errno, "cannot mark %s: %m", file->temporary);
    }
    return 0;
}

static int
qcow2_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    struct creation how = { 0 };
    const char *path, *pool;
    uint64_t size;
    int r;

    if (vol->path) {
        return hv_fail (ctx, EINVAL, "only volumes of a pool are created");
    }
    r = locate (ctx, vol, &path, &pool);
    if (r == 0) {
        r = read_creation (ctx, vol->options, &how);
    }
    if (r == 0) {
        r = check_backing (ctx, vol, pool, &size);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = check_space (ctx, path, size, &how, vol->backing);
    }
    if (r == 0) {
        r = write_image (ctx, vol, size, &how, file.temporary);
    }
    if (r == 0) {
        r = seal (ctx, vol, size, &file);
    }
    return r < 0 ? r : volume_finish (ctx, &file);
}

static int
qcow2_resize (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct chain chain;
    const char *path;
    int r = walk (ctx, vol, &path, &chain);

    if (r == 0) {
        r = volume_check_growth (ctx, path, chain.size, vol->size);
    }
    if (r < 0 || vol->size == chain.size) {
        return r;
    }
    return run_qemu_img (
        ctx,
        (const char *const[]){ "qemu-img", "resize", "-q", "-f", "qcow2", path,
                               hv_format (ctx, "%" PRIu64, vol->size), NULL });
}

/* ------------------------------------------------------------- Destroy */

/* Does the image 'path' lie on the file 'st'? */
static bool
lies_on (struct hv_ctx *ctx, const char *path, const struct stat *st)
{
    CLEANUP_CLOSE int fd = -1;
    struct qcow2_header header;
    char reason[QCOW2_REASON];
    struct stat s;

    if (stat (path, &s) < 0 || !S_ISREG (s.st_mode)) {
        return false;
    }
    fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    return fd >= 0 && qcow2_read (fd, &header, reason) && header.backing[0]
           && stat (chain_resolve (ctx, path, header.backing), &s) == 0
           && s.st_dev == st->st_dev && s.st_ino == st->st_ino;
}

/* Fails if volumes of the pool lie on this one. */
static int
check_unused (struct hv_ctx *ctx, const char *path, const char *dir)
{
    CLEANUP_CLOSEDIR DIR *d = NULL;
    const char *users = NULL;
    struct dirent *entry;
    struct stat st;

    if (stat (path, &st) < 0 || !(d = opendir (dir))) {
        return 0; /* It is not there. */
    }
    while ((entry = readdir (d))) {
        const char *name = volume_name (ctx, entry->d_name, SUFFIX);

        if (name
            && lies_on (ctx, hv_format (ctx, "%s/%s", dir, entry->d_name),
                        &st)) {
            users = users ? hv_format (ctx, "%s, %s", users, name) : name;
        }
    }
    if (users) {
        return hv_fail (ctx, EBUSY,
                        "other volumes of the pool lie on it and would lose "
                        "their data: %s",
                        users);
    }
    return 0;
}

static int
qcow2_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path, *pool;
    int r;

    if (vol->path) {
        return hv_fail (ctx, EINVAL, "only volumes of a pool are destroyed");
    }
    r = locate (ctx, vol, &path, &pool);
    if (r == 0) {
        r = check_unused (ctx, path, pool);
    }
    return r < 0 ? r : volume_remove (ctx, path);
}

static int
qcow2_list (struct hv_ctx *ctx, const struct hv_options *options,
            struct hv_list *out)
{
    const char *dir;
    int r = volume_directory (ctx, options, &dir);

    return r < 0 ? r : volume_list (ctx, dir, SUFFIX, out);
}

static const struct hv_storage storage = {
    .size = sizeof storage,
    .type = "qcow2",
    .format = "qcow2",
    .keys = pool_keys,
    .chain = qcow2_chain,
    .create = qcow2_create,
    .destroy = qcow2_destroy,
    .resize = qcow2_resize,
    .list = qcow2_list,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "storage-qcow2",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "volumes and overlays as qcow2 files in a directory",
    .keys = plugin_keys,
    .storage = &storage,
};
