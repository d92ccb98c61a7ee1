/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Who needs an image: the other images of its pool that lie on it, and the
 * programs that have it open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

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

const char *
image_name (struct hv_ctx *ctx, const char *entry, const char **at)
{
    const char *sign = strchr (entry, '@');
    const char *volume;

    *at = NULL;
    if (!sign) {
        return volume_name (ctx, entry, SUFFIX);
    }
    volume = hv_format (ctx, "%.*s" SUFFIX, (int)(sign - entry), entry);
    if (!volume_name (ctx, volume, SUFFIX)
        || !volume_name (ctx, sign + 1, SUFFIX)) {
        return NULL;
    }
    volume =
        hv_format (ctx, "%.*s", (int)(strlen (entry) - strlen (SUFFIX)), entry);
    *at = strchr (volume, '@');
    return volume;
}

/* Is the image 'name' the volume 'owner', or a snapshot of it? */
static bool
is_of (const char *name, const char *at, const char *owner)
{
    size_t len = at ? (size_t)(at - name) : strlen (name);

    return strlen (owner) == len && !strncmp (name, owner, len);
}

int
check_unused (struct hv_ctx *ctx, const char *path, const char *dir,
              const char *owner)
{
    CLEANUP_CLOSEDIR DIR *d = NULL;
    const char *users = NULL;
    struct dirent *entry;
    struct stat st;

    if (stat (path, &st) < 0 || !(d = opendir (dir))) {
        return 0; /* It is not there. */
    }
    while ((entry = readdir (d))) {
        const char *at, *name = image_name (ctx, entry->d_name, &at);

        if (name && !is_of (name, at, owner)
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

/* QEMU and cloud-hypervisor lock what they have open, even to read it. */
int
check_idle (struct hv_ctx *ctx, const char *path)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot open %s: %m", path);
    }
    if (fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) {
        return hv_fail (ctx, EBUSY,
                        "%s is in use: stop the VM, or wait for the program, "
                        "that has it open",
                        path);
    }
    return 0;
}
