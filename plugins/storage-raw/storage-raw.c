/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-raw: each volume is a raw file in a directory.  Also reads raw
 * images, CD-ROM images and block devices by path.
 *
 * The content of a raw image is up to the guest: it may write the magic of
 * qcow2 to its own disk, and that disk must still boot, as raw.  So nothing
 * here looks inside. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "common/volume.h"
#include "hvctl/plugin.h"

#define SUFFIX ".raw"

static const struct hv_key pool_keys[] = {
    VOLUME_PATH_KEY,
    { "preallocation", HV_BOOL, "no",
      "reserve all space of a volume when it is created", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
raw_open (struct hv_ctx *ctx, const struct hv_volume *vol, const char **path,
          int *fd, struct stat *st)
{
    int r = volume_path (ctx, vol, SUFFIX, path);

    return r < 0 ? r
                 : volume_open (ctx, vol->path ? "the image" : "the volume",
                                *path, fd, st);
}

static int
raw_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
           struct hv_chain *out, struct hv_volume_info *info)
{
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    const char *path;
    int r = raw_open (ctx, vol, &path, &fd, &st);

    if (r == 0) {
        r = volume_length (ctx, fd, &st, path, &info->size);
    }
    if (r < 0) {
        return r;
    }
    info->allocated =
        S_ISBLK (st.st_mode) ? info->size : (uint64_t)st.st_blocks * 512;
    hv_layer (ctx, out, path, "raw");
    return 0;
}

/* Gives the file behind 'fd' its size. */
static int
set_size (struct hv_ctx *ctx, const struct hv_volume *vol, int fd,
          const char *path)
{
    const char *text =
        vol->path ? "no" : hv_option (ctx, vol->options, "preallocation");
    bool reserve = false;
    char size[32];

    parse_bool (text, &reserve);
    if ((reserve ? fallocate (fd, 0, 0, (off_t)vol->size)
                 : ftruncate (fd, (off_t)vol->size))
        == 0) {
        return 0;
    }
    if (errno == EOPNOTSUPP) {
        return hv_fail (ctx, errno,
                        "the file system of %s cannot reserve space: set "
                        "'preallocation' to no",
                        path);
    }
    return hv_fail (ctx, errno, "cannot resize %s to %s: %m", path,
                    format_size (vol->size, size, sizeof size));
}

static int
raw_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    const char *path;
    int r = volume_of_pool (ctx, vol, "can be created");

    if (r < 0) {
        return r;
    }
    if (vol->backing) {
        return hv_fail (
            ctx, ENOTSUP,
            "a raw volume cannot have a backing file: use a pool of type "
            "qcow2, or copy the image with 'qemu-img convert -O raw'");
    }
    r = volume_check_size (ctx, vol->size);
    if (r == 0) {
        r = volume_path (ctx, vol, SUFFIX, &path);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = set_size (ctx, vol, file.fd, path);
    }
    return r < 0 ? r : volume_finish (ctx, &file);
}

static int
raw_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path;
    int r = volume_of_pool (ctx, vol, "can be deleted");

    if (r == 0) {
        r = volume_path (ctx, vol, SUFFIX, &path);
    }
    return r < 0 ? r : volume_remove (ctx, path);
}

static int
raw_resize (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    const char *path;
    int r = raw_open (ctx, vol, &path, &fd, &st);

    if (r < 0) {
        return r;
    }
    if (!S_ISREG (st.st_mode)) {
        return hv_fail (
            ctx, ENOTSUP,
            "%s is a block device: resize it with the tools of its provider",
            path);
    }
    r = volume_check_growth (ctx, path, (uint64_t)st.st_size, vol->size);
    if (r < 0 || (uint64_t)st.st_size == vol->size) {
        return r;
    }
    close_fd (steal_fd (&fd));
    fd = open (path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot open %s: %m", path);
    }
    r = set_size (ctx, vol, fd, path);
    if (r < 0) {
        /* A part may have been reserved. */
        if (ftruncate (fd, st.st_size) < 0) {
            hv_log (ctx, HV_WARNING, "cannot undo that for %s: %m", path);
        }
        return r;
    }
    if (fsync (fd) < 0) {
        return hv_fail (ctx, errno, "cannot write %s: %m", path);
    }
    return 0;
}

static int
raw_list (struct hv_ctx *ctx, const struct hv_options *options,
          struct hv_list *out)
{
    return volume_list (ctx, options, SUFFIX, out);
}

static const struct hv_storage storage = {
    .size = sizeof storage,
    .type = "raw",
    .format = "raw",
    .keys = pool_keys,
    .chain = raw_chain,
    .create = raw_create,
    .destroy = raw_destroy,
    .resize = raw_resize,
    .list = raw_list,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "storage-raw",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "volumes as raw files in a directory",
    .storage = &storage,
};
