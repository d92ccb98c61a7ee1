/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The content of a jail's root directory while the program starts: libraries,
 * firmware, its files, three devices; and for a network some files of /etc and
 * /proc.
 *
 * All of /usr is visible, and not just single libraries: one mount is cheaper
 * than sixty, modules that are loaded by name are found, and everything in it
 * is the same on every host. */

#include "core/sandbox/jail-items.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/error.h"

#define NAMES "/etc/resolv.conf"

static const char *const libraries[] = {
    "/usr", "/lib", "/lib64", "/lib32", "/libx32", "/etc/ld.so.cache",
};

/* Package managers that keep every program in its own tree. */
static const char *const stores[] = { "/nix/store", "/gnu/store" };

static bool
is_below (const char *path, const char *dir)
{
    size_t len = strlen (dir);

    return !strncmp (path, dir, len) && (path[len] == '/' || !path[len]);
}

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

/* Shows a directory or file of the system, or a symbolic link (such as /lib to
 * /usr/lib), as it is; nothing if it does not exist. */
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

/* A granted file keeps its own path, which may be the system's. */
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

static int
add_link (struct jail_child *child, struct items *items, const char *path,
          const char *to)
{
    struct item *item = add_item (child, items, path);

    if (!item) {
        return -1;
    }
    if (snprintf (item->link, sizeof item->link, "%s", to)
        >= (int)sizeof item->link) {
        errno = ENAMETOOLONG;
        return jail_detail (child, "%s", to);
    }
    return 0;
}

/* The current content of a file; nothing if it does not exist. */
static int
add_copy (struct jail_child *child, struct items *items, const char *path)
{
    struct item *item;
    struct stat st;
    int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0) {
        return 0;
    }
    if (fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)) {
        close (fd);
        errno = EINVAL;
        return jail_detail (child, "%s is not a regular file", path);
    }
    item = add_item (child, items, path);
    if (!item) {
        close (fd);
        return -1;
    }
    item->copy = true;
    item->fd = fd;
    return 0;
}

/* The files of /proc that passt of 2023 to 2026 reads while it starts,
 * according to its sources: its command name, its user namespace, and the
 * kernel's defaults that it follows.  There is no procfs, these are plain
 * files.  It writes about a child in a namespace, and opens that file, but
 * there is no such child (supervisor/attend.c): so it is /dev/null. */
static int
add_proc (struct jail_child *child, struct items *items)
{
    static const char *const copies[] = {
        "/proc/self/uid_map",
        "/proc/sys/net/ipv4/ip_local_port_range",
        "/proc/sys/net/ipv4/tcp_syn_retries",
        "/proc/sys/net/ipv4/tcp_syn_linear_timeouts",
        "/proc/sys/net/ipv4/tcp_rto_max_ms",
        "/proc/sys/net/netfilter/nf_conntrack_udp_timeout",
        "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream",
    };
    static const char *const nothing[] = {
        "/proc/1/uid_map",
        "/proc/1/gid_map",
        "/proc/1/setgroups",
        "/proc/1/ns/user",
    };
    int r = add_link (child, items, "/proc/self/exe", child->plan->program);

    for (size_t i = 0; i < ARRAY_SIZE (copies) && r == 0; i++) {
        r = add_copy (child, items, copies[i]);
    }
    for (size_t i = 0; i < ARRAY_SIZE (nothing) && r == 0; i++) {
        r = add_link (child, items, nothing[i], "/dev/null");
    }
    return r;
}

/* Files that user-mode networking reads: the configuration of name resolution,
 * and more if it runs in its own process. */
static int
add_network (struct jail_child *child, struct items *items)
{
    if (!child->plan->names_stay && add_proc (child, items) < 0) {
        return -1;
    }
    return add_copy (child, items, NAMES);
}

int
jail_collect (struct jail_child *child, struct items *items)
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
