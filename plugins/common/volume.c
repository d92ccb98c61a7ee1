/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "common/if-any.h"
#include "common/size.h"

enum {
    NAME_LENGTH = 63, /* As plugin.h has it. */
    SECTOR = 512,
    TRIES = 10,
};

int
volume_directory (struct hv_ctx *ctx, const struct hv_options *options,
                  const char **dir)
{
    const char *path = options ? hv_option (ctx, options, "path") : NULL;
    size_t len;

    if (!path || path[0] != '/') {
        return hv_fail (ctx, EINVAL,
                        "the pool's 'path' must be an absolute path, not '%s'",
                        path ? path : "");
    }
    len = strlen (path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    *dir = hv_format (ctx, "%.*s", (int)len, path);
    return 0;
}

int
volume_path (struct hv_ctx *ctx, const struct hv_volume *vol,
             const char *suffix, const char **path)
{
    const char *dir;
    int r;

    if (vol->path) {
        if (vol->path[0] != '/') {
            return hv_fail (ctx, EINVAL,
                            "the path of an image must be absolute, not '%s'",
                            vol->path);
        }
        *path = vol->path;
        return 0;
    }
    r = volume_directory (ctx, vol->options, &dir);
    if (r == 0) {
        *path = hv_format (ctx, "%s/%s%s", strcmp (dir, "/") ? dir : "",
                           vol->name, suffix);
    }
    return r;
}

const char *
volume_parent (struct hv_ctx *ctx, const char *path)
{
    const char *slash = strrchr (path, '/');

    return slash == path ? "/"
                         : hv_format (ctx, "%.*s", (int)(slash - path), path);
}

int
volume_open (struct hv_ctx *ctx, const char *what, const char *path, int *fd,
             struct stat *st)
{
    CLEANUP_CLOSE int opened = -1;

    if (stat (path, st) < 0) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return hv_fail (ctx, ENOENT, "%s is missing: there is no file %s",
                            what, path);
        }
        return hv_fail (ctx, errno, "cannot access %s %s: %m", what, path);
    }
    if (!S_ISREG (st->st_mode) && !S_ISBLK (st->st_mode)) {
        return hv_fail (ctx, S_ISDIR (st->st_mode) ? EISDIR : EINVAL,
                        "%s %s is neither a file nor a block device", what,
                        path);
    }
    opened = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0 || fstat (opened, st) < 0) {
        return hv_fail (ctx, errno, "cannot open %s %s: %m", what, path);
    }
    *fd = steal_fd (&opened);
    return 0;
}

int
volume_length (struct hv_ctx *ctx, int fd, const struct stat *st,
               const char *path, uint64_t *length)
{
    if (S_ISBLK (st->st_mode)) {
        if (ioctl (fd, BLKGETSIZE64, length) < 0) {
            return hv_fail (ctx, errno, "cannot get the size of %s: %m", path);
        }
    } else {
        *length = (uint64_t)st->st_size;
    }
    return 0;
}

int
volume_check_size (struct hv_ctx *ctx, uint64_t size)
{
    if (size == 0) {
        return hv_fail (ctx, EINVAL, "a size is needed: for example 10G");
    }
    if (size > INT64_MAX || size % SECTOR) {
        return hv_fail (ctx, EINVAL,
                        "a disk cannot have %" PRIu64
                        " bytes: make it a multiple of %d",
                        size, SECTOR);
    }
    return 0;
}

int
volume_check_growth (struct hv_ctx *ctx, const char *path, uint64_t from,
                     uint64_t to)
{
    char now[32], wanted[32];
    int r = volume_check_size (ctx, to);

    if (r == 0 && to < from) {
        return hv_fail (
            ctx, EINVAL,
            "%s has a size of %s and is not shrunk to %s, which would "
            "destroy data of the guest",
            path, format_size (from, now, sizeof now),
            format_size (to, wanted, sizeof wanted));
    }
    return r;
}

/* ------------------------------------------------------------- Listing */

static bool
is_name (const char *s, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_.-";

    return len >= 1 && len <= NAME_LENGTH && !strchr ("_.-", s[0])
           && strspn (s, letters) >= len;
}

const char *
volume_name (struct hv_ctx *ctx, const char *entry, const char *suffix)
{
    size_t len = strlen (entry), tail = strlen (suffix);

    if (len <= tail || strcmp (entry + len - tail, suffix)
        || !is_name (entry, len - tail)) {
        return NULL;
    }
    return hv_format (ctx, "%.*s", (int)(len - tail), entry);
}

int
volume_entries (struct hv_ctx *ctx, const char *dir, const char *const **names)
{
    struct dirent **entries;
    const char **copy;
    int n = scandir (dir, &entries, NULL, alphasort);

    if (n < 0) {
        return -errno;
    }
    copy = hv_alloc (ctx, ((size_t)n + 1) * sizeof *copy);
    for (int i = 0; i < n; i++) {
        copy[i] = hv_format (ctx, "%s", entries[i]->d_name);
        free (entries[i]);
    }
    free (entries);
    *names = copy;
    return 0;
}

int
volume_list (struct hv_ctx *ctx, const struct hv_options *options,
             const char *suffix, struct hv_list *out)
{
    const char *const *entries;
    const char *dir;
    int r = volume_directory (ctx, options, &dir);

    if (r < 0) {
        return r;
    }
    r = volume_entries (ctx, dir, &entries);
    if (r == -ENOENT) {
        return 0; /* The directory is created with the first volume. */
    }
    if (r < 0) {
        errno = -r;
        return hv_fail (ctx, errno, "cannot read the directory %s: %m", dir);
    }
    for (; *entries; entries++) {
        const char *name = volume_name (ctx, *entries, suffix);

        if (name) {
            hv_add (ctx, out, name, NULL);
        }
    }
    return 0;
}

int
volume_of_pool (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *what)
{
    return vol->path ? hv_fail (ctx, EINVAL, "only volumes in a pool %s", what)
                     : 0;
}

/* ------------------------------------------------------------- Making */

static const char *
temporary_name (struct hv_ctx *ctx, const char *path)
{
    const char *base = strrchr (path, '/') + 1;

    return hv_format (ctx, "%.*s.%s.new", (int)(base - path), path, base);
}

/* Returns the number of hard links of 'fd' if 'path' is one of them, else 0. */
static nlink_t
names_at (int fd, const char *path)
{
    struct stat a, b;

    return fstat (fd, &a) == 0 && lstat (path, &b) == 0 && a.st_dev == b.st_dev
                   && a.st_ino == b.st_ino
               ? a.st_nlink
               : 0;
}

/* Byte 0 is not among those that QEMU locks (100 to 203), so qemu-img can write
 * the file while we hold the lock. */
static bool
lock (int fd)
{
    struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

    /* A failure that is not due to another lock is retried once: otherwise the
     * file would be left behind. */
    return fcntl (fd, F_OFD_SETLK, &l) == 0
           || (errno != EAGAIN && errno != EACCES
               && fcntl (fd, F_OFD_SETLK, &l) == 0);
}

/* Opens and locks the temporary file, which may be left over. */
static int
open_temporary (struct hv_ctx *ctx, const char *path, int *out)
{
    for (int i = 0; i < TRIES; i++) {
        CLEANUP_CLOSE int fd = open (
            path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

        if (fd < 0) {
            return hv_fail (ctx, errno, "cannot create %s: %m", path);
        }
        if (!lock (fd)) {
            return hv_fail (ctx, errno == EAGAIN ? EBUSY : errno,
                            errno == EAGAIN
                                ? "%s is being created by another hvctl"
                                : "cannot lock %s: %m",
                            path);
        }
        switch (names_at (fd, path)) {
        case 0: /* Renamed or removed before we had the lock. */
            break;
        case 1:
            *out = steal_fd (&fd);
            return 0;
        default: /* A hard link to a volume, left behind by rename_new(). */
            unlink (path);
        }
    }
    return hv_fail (ctx, EBUSY, "%s keeps changing", path);
}

static int
make_directory (struct hv_ctx *ctx, const char *dir)
{
    /* Others may traverse the directory, but not list it: the hypervisor's own
     * user can reach the files that are created for it. */
    if (mkdir (dir, 0711) < 0 && errno != EEXIST) {
        return hv_fail (ctx, errno, "cannot create the directory %s: %m", dir);
    }
    return 0;
}

static int
begin (struct hv_ctx *ctx, const char *path, bool over, struct volume_file *out)
{
    struct stat st;
    int r;

    out->path = path;
    out->over = over;
    out->temporary = temporary_name (ctx, path);
    r = open_temporary (ctx, out->temporary, &out->fd);
    if (r < 0) {
        return r;
    }
    /* Only now: nobody else can give it the name any more. */
    if (lstat (path, &st) == 0 && !over) {
        return hv_fail (ctx, EEXIST, "%s already exists", path);
    }
    if (ftruncate (out->fd, 0) < 0 || fchmod (out->fd, 0600) < 0) {
        return hv_fail (ctx, errno, "cannot write %s: %m", out->temporary);
    }
    return 0;
}

int
volume_begin (struct hv_ctx *ctx, const char *path, struct volume_file *out)
{
    int r = make_directory (ctx, volume_parent (ctx, path));

    return r < 0 ? r : begin (ctx, path, false, out);
}

int
volume_begin_over (struct hv_ctx *ctx, const char *path,
                   struct volume_file *out)
{
    if (access (path, F_OK) < 0) {
        return hv_fail (ctx, errno,
                        "the volume is missing: there is no file %s", path);
    }
    return begin (ctx, path, true, out);
}

int
volume_sync (struct hv_ctx *ctx, const char *dir)
{
    CLEANUP_CLOSE int fd = open (dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    /* Some file systems have nothing to do here and return EINVAL. */
    if (fd < 0 || (fsync (fd) < 0 && errno != EINVAL)) {
        return hv_fail (ctx, errno, "cannot write the directory %s: %m", dir);
    }
    return 0;
}

/* Renames, but never replaces another file. */
static int
rename_new (const char *from, const char *to)
{
    if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    /* The file system cannot (NFS, for one). */
    if (link (from, to) < 0) {
        return -1;
    }
    unlink (from); /* It does not matter any more: see open_temporary(). */
    return 0;
}

int
volume_finish (struct hv_ctx *ctx, struct volume_file *file)
{
    int r;

    if (fsync (file->fd) < 0) {
        return hv_fail (ctx, errno, "cannot write %s: %m", file->temporary);
    }
    if (file->over ? rename (file->temporary, file->path) < 0
                   : rename_new (file->temporary, file->path) < 0) {
        return hv_fail (ctx, errno,
                        errno == EEXIST ? "%s already exists"
                                        : "cannot create %s: %m",
                        file->path);
    }
    close_fd (steal_fd (&file->fd));
    r = volume_sync (ctx, volume_parent (ctx, file->path));
    if (r < 0 && !file->over) {
        unlink (file->path);
    }
    return r;
}

void
volume_abandon (struct volume_file *file)
{
    int fd = steal_fd (&file->fd);

    if (fd >= 0 && names_at (fd, file->temporary)
        && unlink (file->temporary) < 0) {
        unlink (file->temporary); /* Nobody else would remove it, so it is tried
                                   * once more. */
    }
    close_fd (fd);
}

int
volume_remove (struct hv_ctx *ctx, const char *path)
{
    const char *temporary = temporary_name (ctx, path);
    CLEANUP_CLOSE int fd =
        open (temporary, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

    if (fd >= 0 && lock (fd)) {
        unlink (temporary);
    }
    if (unlink (path) < 0) {
        return fail_if_any (path) < 0
                   ? hv_fail (ctx, errno, "cannot remove %s: %m", path)
                   : 0;
    }
    return volume_sync (ctx, volume_parent (ctx, path));
}

/* QEMU and cloud-hypervisor lock what they have open, even to read it. */
int
volume_check_idle (struct hv_ctx *ctx, const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot open %s: %m", path);
    }
    if (fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
        return hv_fail (ctx, EBUSY,
                        "%s is in use: stop the VM that has it open, or wait "
                        "for the program",
                        path);
    }
    return 0;
}
