/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The root directory of a jail: a private tmpfs with what a program needs to
 * start (libraries, firmware, the files it was given, three devices), bound
 * read-only; and how all of it is taken away again.
 *
 * All of /usr is bound, and not the single libraries: one mount is cheaper
 * than sixty, modules that are loaded by name are found, and there is nothing
 * in it that is not the same on every host. */

#include "core/jail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "common/cleanup.h"

#define MAX_MOUNTS 256
#define NAMES "/etc/resolv.conf"

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

static const char *const libraries[] = {
    "/usr", "/lib", "/lib64", "/lib32", "/libx32", "/etc/ld.so.cache",
};

/* Package managers that keep every program in a tree of its own. */
static const char *const stores[] = { "/nix/store", "/gnu/store" };

static bool
is_below (const char *path, const char *dir)
{
    size_t len = strlen (dir);

    return !strncmp (path, dir, len) && (path[len] == '/' || !path[len]);
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

/* Makes a file or directory to mount on, if it is not there. */
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

/* ------------------------------------------------------------ one thing */

/* What is to appear in the root, opened before the root exists. */
struct item {
    const char *path; /* In the new root. */
    int fd;           /* O_PATH, or of a file to copy; -1: a link */
    char link[256];
    bool device, copy;
};

struct items {
    struct item list[64 + JAIL_MAX_FDS];
    size_t n;
};

static struct item *
add_item (struct jail_child *child, struct items *items, const char *path)
{
    struct item *item;

    if (items->n == ARRAY_SIZE (items->list)) {
        errno = E2BIG;
        jail_detail (child, "too many files");
        return NULL;
    }
    item = &items->list[items->n++];
    *item = (struct item){ .path = path, .fd = -1 };
    return item;
}

/* A directory or file of the system, or a link (/lib is one to /usr/lib), as
 * it is; nothing if it does not exist. */
static int
add_system (struct jail_child *child, struct items *items, const char *path)
{
    struct stat st;
    struct item *item;
    ssize_t len;

    if (lstat (path, &st) < 0) {
        return 0;
    }
    item = add_item (child, items, path);
    if (!item) {
        return -1;
    }
    if (S_ISLNK (st.st_mode)) {
        len = readlink (path, item->link, sizeof item->link - 1);
        return len < 0 ? jail_detail (child, "readlink %s", path) : 0;
    }
    item->fd = open (path, O_PATH | O_CLOEXEC);
    return item->fd < 0 ? jail_detail (child, "open %s", path) : 0;
}

/* The directory that a program was installed in, if it is none of the
 * system's: /opt/qemu for /opt/qemu/bin/qemu-system-x86_64, so that its own
 * libraries and firmware are there. */
static int
add_program (struct jail_child *child, struct items *items)
{
    const char *program = child->plan->program;
    char *dir, *slash;
    size_t i;

    for (i = 0; i < ARRAY_SIZE (libraries); i++) {
        if (is_below (program, libraries[i])) {
            return 0;
        }
    }
    for (i = 0; i < ARRAY_SIZE (stores); i++) {
        if (is_below (program, stores[i])) {
            return add_system (child, items, stores[i]);
        }
    }
    dir = xstrdup (program); /* Lives until exec: the item points to it. */
    slash = strrchr (dir, '/');
    *slash = '\0';
    slash = strrchr (dir, '/');
    if (slash && slash != dir && !strcmp (slash, "/bin")) {
        *slash = '\0';
    }
    if (!*dir) {
        dir = xstrdup (program);
    }
    return add_system (child, items, dir);
}

/* As root a file is copied if others may not read it: the process's own user
 * shall read it and no mode be changed. */
static int
add_file (struct jail_child *child, struct items *items,
          const struct jail_file *file)
{
    struct item *item = add_item (child, items, file->as);
    struct stat st;

    if (!item) {
        return -1;
    }
    if (stat (file->path, &st) < 0) {
        return jail_detail (child, "%s", file->path);
    }
    if (!S_ISREG (st.st_mode) && !(file->granted && S_ISBLK (st.st_mode))) {
        errno = EINVAL;
        return jail_detail (child, "%s is not a regular file", file->path);
    }
    item->copy = child->plan->root && !(st.st_mode & S_IROTH) && !file->granted;
    item->fd = open (file->path, O_CLOEXEC | (item->copy ? O_RDONLY : O_PATH));
    return item->fd < 0 ? jail_detail (child, "open %s", file->path) : 0;
}

static int
add_device (struct jail_child *child, struct items *items, const char *path)
{
    struct item *item = add_item (child, items, path);

    if (!item) {
        return -1;
    }
    item->device = true;
    item->fd = open (path, O_PATH | O_CLOEXEC);
    return item->fd < 0 ? jail_detail (child, "open %s", path) : 0;
}

/* What is granted has its own path, and may be the system's. */
static bool
is_there (const struct jail_file *file)
{
    for (size_t i = 0; i < ARRAY_SIZE (libraries); i++) {
        if (file->granted && is_below (file->as, libraries[i])) {
            return true;
        }
    }
    return false;
}

/* What user-mode networking reads: where names are resolved; and passt, by
 * what name it was started. */
static int
add_network (struct jail_child *child, struct items *items)
{
    static const struct jail_file names = { .path = NAMES, .as = NAMES };
    struct item *item;

    if (!child->plan->names_stay) {
        item = add_item (child, items, "/proc/self/exe");
        if (!item) {
            return -1;
        }
        if (snprintf (item->link, sizeof item->link, "%s", child->plan->program)
            >= (int)sizeof item->link) {
            errno = ENAMETOOLONG;
            return jail_detail (child, "%s", child->plan->program);
        }
    }
    if (access (NAMES, R_OK) < 0) {
        return 0;
    }
    if (add_file (child, items, &names) < 0) {
        return -1;
    }
    item = &items->list[items->n - 1];
    item->copy = true;
    close (item->fd);
    item->fd = open (NAMES, O_RDONLY | O_CLOEXEC);
    return item->fd < 0 ? jail_detail (child, "open %s", NAMES) : 0;
}

static int
collect (struct jail_child *child, struct items *items)
{
    const struct jail *jail = child->plan->jail;
    size_t i;

    for (i = 0; i < ARRAY_SIZE (libraries); i++) {
        if (add_system (child, items, libraries[i]) < 0) {
            return -1;
        }
    }
    if (add_program (child, items) < 0
        || add_device (child, items, "/dev/null") < 0
        || add_device (child, items, "/dev/urandom") < 0
        || (jail->kvm && add_device (child, items, "/dev/kvm") < 0)) {
        return -1;
    }
    for (i = 0; i < jail->n_files; i++) {
        if (!is_there (&jail->files[i])
            && add_file (child, items, &jail->files[i]) < 0) {
            return -1;
        }
    }
    return child->plan->host_network ? add_network (child, items) : 0;
}

/* ------------------------------------------------------ making it appear */

static int
place_copy (struct jail_child *child, const struct item *item)
{
    char target[4096];
    CLEANUP_CLOSE int out = -1;
    ssize_t n;

    if (make_parents (child, item->path) < 0) {
        return -1;
    }
    snprintf (target, sizeof target, "%s%s", staging, item->path);
    out = open (target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (out < 0 || fchown (out, child->uid, child->gid) < 0) {
        return jail_detail (child, "create %s", item->path);
    }
    do {
        n = sendfile (out, item->fd, NULL, 1 << 30);
    } while (n > 0);
    return n < 0 ? jail_detail (child, "copy %s", item->path) : 0;
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
        return jail_detail (child, "pivot_root");
    }
    if (umount2 (".", MNT_DETACH) < 0 || chdir ("/") < 0) {
        return jail_detail (child, "detaching the old root");
    }
    return 0;
}

int
jail_root (struct jail_child *child)
{
    static struct items items;

    if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return jail_detail (child, "making mounts private");
    }
    if (collect (child, &items) < 0) {
        return -1;
    }
    if (mount ("hvctl", staging, "tmpfs", MS_NOSUID | MS_NOEXEC,
               "mode=0755,nr_inodes=1024")
        < 0) {
        return jail_detail (child, "mounting a tmpfs");
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
               ? jail_detail (child, "making it read-only")
               : 0;
}
