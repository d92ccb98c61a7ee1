/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The root directory of a jail: a private tmpfs with what a program needs to
 * start (jail-items.c says what that is), bound read-only.  How all of it is
 * taken away again is in supervisor/seal.c. */

#include "core/sandbox/jail-items.h"

#include "core/sandbox/jail-root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "common/cleanup.h"

/* Where the tmpfs is mounted before it becomes the root: a directory that
 * exists everywhere, and whose entries have been opened by then. */
static const char staging[] = "/dev";

/* mount_setattr(2), Linux 5.12; glibc has it since 2.36. */
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
struct mount_attributes {
    uint64_t set, clear, propagation, userns_fd;
};
#define ATTR_RDONLY 0x1
#define ATTR_NOSUID 0x2
#define ATTR_NODEV 0x4
#define ATTR_RECURSIVE 0x8000 /* AT_RECURSIVE */

/* The owner of the mount namespace may do these: if they fail, no mount
 * namespace is available.  A failure with a single file is due to that file. */
static int
no_namespace (struct jail_child *child, const char *what)
{
    child->namespaces = true;
    return jail_detail (child, "%s", what);
}

/* Makes the directories above 'path' in the new root. */
static int
make_parents (struct jail_child *child, const char *path)
{
    char dir[4096];
    size_t len = strlen (path);

    if (len >= sizeof dir - sizeof staging) {
        errno = ENAMETOOLONG;
        return jail_detail (child, "%s", path);
    }
    for (size_t i = 1; i < len; i++) {
        if (path[i] != '/') {
            continue;
        }
        snprintf (dir, sizeof dir, "%s%.*s", staging, (int)i, path);
        if (mkdir (dir, 0755) < 0 && errno != EEXIST) {
            return jail_detail (child, "mkdir %.*s", (int)i, path);
        }
    }
    return 0;
}

/* Creates a file or directory as mount point, if it does not exist. */
static int
make_target (struct jail_child *child, const char *path, bool directory)
{
    char target[4096];
    int fd;

    if (make_parents (child, path) < 0) {
        return -1;
    }
    snprintf (target, sizeof target, "%s%s", staging, path);
    if (directory) {
        return mkdir (target, 0755) < 0 && errno != EEXIST
                   ? jail_detail (child, "mkdir %s", path)
                   : 0;
    }
    fd = open (target, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0) {
        return jail_detail (child, "create %s", path);
    }
    close (fd);
    return 0;
}

/* Makes the mount at 'target' read-only. */
static int
make_readonly (const char *target, bool nodev)
{
    struct mount_attributes attr = {
        .set = ATTR_RDONLY | ATTR_NOSUID | (nodev ? ATTR_NODEV : 0),
    };

    if (syscall (SYS_mount_setattr, AT_FDCWD, target, ATTR_RECURSIVE, &attr,
                 sizeof attr)
        == 0) {
        return 0;
    }
    if (errno != ENOSYS) {
        return -1;
    }
    return mount (NULL, target, NULL,
                  MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID
                      | (nodev ? MS_NODEV : 0),
                  NULL);
}

/* Binds what 'fd' is at 'path' of the new root. */
static int
bind_fd (struct jail_child *child, int fd, const char *path, bool device)
{
    char source[64], target[4096];
    struct stat st;

    if (fstat (fd, &st) < 0
        || make_target (child, path, S_ISDIR (st.st_mode)) < 0) {
        return jail_detail (child, "bind %s", path);
    }
    snprintf (source, sizeof source, "/proc/self/fd/%d", fd);
    snprintf (target, sizeof target, "%s%s", staging, path);
    if (mount (source, target, NULL, MS_BIND | MS_REC, NULL) < 0
        || (!device && make_readonly (target, true) < 0)) {
        return jail_detail (child, "bind %s", path);
    }
    return 0;
}

static int
place_copy (struct jail_child *child, const struct item *item)
{
    char target[4096];
    CLEANUP_CLOSE int out = -1;
    char part[4096];
    ssize_t n;

    if (make_parents (child, item->path) < 0) {
        return -1;
    }
    snprintf (target, sizeof target, "%s%s", staging, item->path);
    out = open (target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (out < 0 || fchown (out, child->uid, child->gid) < 0) {
        return jail_detail (child, "create %s", item->path);
    }
    /* Not by sendfile(), which not all files of /proc support. */
    do {
        n = read (item->fd, part, sizeof part);
    } while (n > 0 && write (out, part, (size_t)n) == n);
    return n ? jail_detail (child, "copy %s", item->path) : 0;
}

/* As root a device is a node of our own that belongs to the process's user:
 * the host's is not touched.  Where there is no right to make one, the host's
 * is bound, with the host's permissions. */
static int
place_device (struct jail_child *child, const struct item *item)
{
    char target[4096];
    struct stat st;

    if (make_parents (child, item->path) < 0) {
        return -1;
    }
    snprintf (target, sizeof target, "%s%s", staging, item->path);
    if (child->plan->root && fstat (item->fd, &st) == 0
        && mknod (target, S_IFCHR | 0600, st.st_rdev) == 0) {
        return chown (target, child->uid, child->gid) < 0
                   ? jail_detail (child, "chown %s", item->path)
                   : 0;
    }
    return bind_fd (child, item->fd, item->path, true);
}

static int
place (struct jail_child *child, const struct item *item)
{
    char target[4096];

    if (item->fd < 0) {
        snprintf (target, sizeof target, "%s%s", staging, item->path);
        return make_parents (child, item->path) < 0
                       || symlink (item->link, target) < 0
                   ? jail_detail (child, "symlink %s", item->path)
                   : 0;
    }
    return item->device ? place_device (child, item)
           : item->copy ? place_copy (child, item)
                        : bind_fd (child, item->fd, item->path, false);
}

/* ".", ".": the old root is stacked on the new one and then detached, so
 * there is no directory for it. */
static int
pivot (struct jail_child *child)
{
    if (chdir (staging) < 0 || syscall (SYS_pivot_root, ".", ".") < 0) {
        return no_namespace (child, "pivot_root");
    }
    if (umount2 (".", MNT_DETACH) < 0 || chdir ("/") < 0) {
        return no_namespace (child, "detaching the old root");
    }
    return 0;
}

int
jail_root (struct jail_child *child)
{
    static struct items items;

    if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return no_namespace (child, "making mounts private");
    }
    if (jail_collect (child, &items) < 0) {
        return -1;
    }
    if (mount ("hvctl", staging, "tmpfs", MS_NOSUID | MS_NOEXEC,
               "mode=0755,nr_inodes=1024")
        < 0) {
        return no_namespace (child, "mounting a tmpfs");
    }
    for (size_t i = 0; i < items.n; i++) {
        if (place (child, &items.list[i]) < 0) {
            return -1;
        }
        if (items.list[i].fd >= 0) {
            close (items.list[i].fd);
        }
    }
    if (pivot (child) < 0) {
        return -1;
    }
    return mount (NULL, "/", NULL,
                  MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC,
                  NULL)
                   < 0
               ? no_namespace (child, "making it read-only")
               : 0;
}
