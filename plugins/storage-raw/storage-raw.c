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
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "hvctl/plugin.h"
#include "plugins/common/volume.h"

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

/* May a volume be like this?  Stores its path. */
static int
check_new (struct hv_ctx *ctx, const struct hv_volume *vol, const char **path)
{
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
    return r < 0 ? r : volume_path (ctx, vol, SUFFIX, path);
}

static int
raw_check (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path;

    return check_new (ctx, vol, &path);
}

static int
raw_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    const char *path;
    int r = check_new (ctx, vol, &path);

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

/* Copies the data from 'at' to 'end', if possible in the kernel.  Returns -1,
 * with errno, if it fails. */
static int
copy_part (int from, int to, off_t at, off_t end)
{
    char buffer[65536];
    off_t out = at;

    while (at < end) {
        ssize_t n =
            copy_file_range (from, &at, to, &out, (size_t)(end - at), 0);

        if (n > 0) {
            continue;
        }
        /* Not every file system, or pair of files, can do that. */
        n = pread (from, buffer,
                   end - at < (off_t)sizeof buffer ? (size_t)(end - at)
                                                   : sizeof buffer,
                   at);
        if (n == 0) {
            errno = EIO; /* It has become shorter. */
        }
        if (n <= 0 || pwrite (to, buffer, (size_t)n, out) != n) {
            return -1;
        }
        at += n;
        out += n;
    }
    return 0;
}

/* Copies all data, and no holes.  What is copied at once takes a moment. */
static int
copy_data (struct hv_ctx *ctx, int from, int to, off_t size)
{
    const off_t most = 64 << 20;
    off_t at = 0, end;

    while (at < size) {
        off_t data = lseek (from, at, SEEK_DATA);

        if (data < 0 && errno == ENXIO) {
            break;
        }
        at = data < 0 ? at : data; /* A device has no holes. */
        end = lseek (from, at, SEEK_HOLE);
        end = end <= at || end > size ? size : end;
        end = end - at > most ? at + most : end;
        if (hv_remaining (ctx) <= 0) {
            return hv_fail (ctx, ETIMEDOUT,
                            "copying the volume takes too long");
        }
        if (copy_part (from, to, at, end) < 0) {
            return hv_fail (ctx, errno, "cannot copy the volume: %m");
        }
        at = end;
        hv_progress (ctx, (uint64_t)at, (uint64_t)size);
    }
    return 0;
}

/* Some file systems let two files share their data until one is written to. */
static int
copy (struct hv_ctx *ctx, const struct hv_volume *vol, int from,
      const struct volume_file *to)
{
    int r;

    if (ioctl (to->fd, FICLONE, from) == 0) {
        return 0;
    }
    r = set_size (ctx, vol, to->fd, to->temporary);
    return r < 0 ? r : copy_data (ctx, from, to->fd, (off_t)vol->size);
}

static int
raw_clone (struct hv_ctx *ctx, const struct hv_volume *vol,
           const struct hv_volume *from, const char *snapshot)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    CLEANUP_CLOSE int fd = -1;
    struct hv_volume whole = *vol;
    const char *path, *origin;
    struct stat st;
    int r = volume_of_pool (ctx, vol, "can be created");

    if (r == 0 && snapshot) {
        r = hv_fail (ctx, ENOENT,
                     "'%s' has no snapshot '%s': raw volumes have "
                     "none",
                     from->name, snapshot);
    }
    if (r == 0) {
        r = raw_open (ctx, from, &origin, &fd, &st);
    }
    if (r == 0) {
        r = volume_check_idle (ctx, origin);
    }
    if (r == 0) {
        r = volume_length (ctx, fd, &st, origin, &whole.size);
    }
    if (r == 0) {
        r = volume_path (ctx, vol, SUFFIX, &path);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = copy (ctx, &whole, fd, &file);
    }
    return r < 0 ? r : volume_finish (ctx, &file);
}

/* The rest of the disk is empty. */
static int
raw_copy (struct hv_ctx *ctx, const struct hv_volume *vol, const char *image)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    CLEANUP_CLOSE int fd = -1;
    struct hv_volume whole = *vol;
    const char *path;
    struct stat st;
    int r = volume_of_pool (ctx, vol, "can be created");

    if (r == 0) {
        r = volume_open (ctx, "the image", image, &fd, &st);
    }
    if (r == 0) {
        r = volume_length (ctx, fd, &st, image, &whole.size);
    }
    if (r == 0) {
        r = volume_check_size (ctx, vol->size);
    }
    if (r == 0) {
        r = volume_check_growth (ctx, image, whole.size, vol->size);
    }
    if (r == 0) {
        r = volume_path (ctx, vol, SUFFIX, &path);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = copy (ctx, &whole, fd, &file);
    }
    if (r == 0) {
        r = set_size (ctx, vol, file.fd, file.temporary);
    }
    return r < 0 ? r : volume_finish (ctx, &file);
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
    .check = raw_check,
    .list = raw_list,
    .clone = raw_clone,
    .copy = raw_copy,
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
