/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Opens the character device of a macvtap: the right one.
 *
 * The kernel names the node /dev/tapN after the interface's index.  Each
 * network namespace counts its own indexes, but there is one devtmpfs: so
 * /dev/tap7 may well be an interface of another namespace, and opening it
 * succeeds, since tap_open() in drivers/net/tap.c does not look at namespaces.
 * Hence the device number is read from a sysfs that is mounted here and now,
 * which shows this network namespace whatever /sys shows, and opened through
 * a node of our own.  Both mounts are attached nowhere: nobody else can see
 * them, and nothing is left of them if we are killed.  It works without udev
 * too. */
#include "plugins/net-macvtap/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/mac.h"

#define NODE "tap"
#define PRIVATE_DIR "/dev/.hvctl-%s" /* Of the interface name. */

/* Places where a node with the right number may be, best first. */
enum place { DETACHED, PRIVATE, UDEV, N_PLACES };

/* Mounts a file system of its own that is in no tree; Linux 5.2 and
 * CAP_SYS_ADMIN.  Returns a descriptor of its root, or -1. */
static int
mount_detached (const char *type)
{
#ifdef SYS_fsopen
    CLEANUP_CLOSE int fs = (int)syscall (SYS_fsopen, type, FSOPEN_CLOEXEC);

    if (fs < 0
        || syscall (SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
        return -1;
    }
    return (int)syscall (SYS_fsmount, fs, FSMOUNT_CLOEXEC, 0);
#else
    errno = ENOSYS;
    return -1;
#endif
}

/* Reads the first line of a file of sysfs into 'text'. */
static bool
read_line (int dir, const char *path, char *text, size_t size)
{
    CLEANUP_CLOSE int fd = openat (dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read (fd, text, size - 1);

    if (n < 0) {
        return false;
    }
    text[n] = '\0';
    text[strcspn (text, "\n")] = '\0';
    return true;
}

/* Does /sys show 'link', and not an interface of the same name in another
 * namespace?  If two agree in everything that is compared, it cannot tell; a
 * fresh sysfs needs no such test. */
static bool
shows (int net, const struct netlink_link *link)
{
    char path[64], text[512], want[MAC_TEXT];
    unsigned index;
    char end;

    snprintf (path, sizeof path, "%s/ifindex", link->name);
    if (!read_line (net, path, text, sizeof text)
        || sscanf (text, "%u%c", &index, &end) != 1
        || index != (unsigned)link->index) {
        return false;
    }
    snprintf (path, sizeof path, "%s/address", link->name);
    if (!read_line (net, path, text, sizeof text)
        || strcmp (text, format_mac (link->mac, want))) {
        return false;
    }
    snprintf (path, sizeof path, "%s/ifalias", link->name);
    return read_line (net, path, text, sizeof text)
           && !strcmp (text, link->alias);
}

static int
device_number (struct hv_ctx *ctx, const struct netlink_link *link, dev_t *out)
{
    CLEANUP_CLOSE int root = mount_detached ("sysfs");
    CLEANUP_CLOSE int net = -1;
    unsigned major, minor;
    char path[64], text[64], end;

    net = root < 0 ? open ("/sys/class/net", O_PATH | O_CLOEXEC)
                   : openat (root, "class/net", O_PATH | O_CLOEXEC);
    if (net < 0 || (root < 0 && !shows (net, link))) {
        return hv_fail (ctx, ENOTSUP,
                        "/sys does not show this network namespace's '%s': "
                        "mount a fresh sysfs there, or run hvctl with "
                        "CAP_SYS_ADMIN on Linux 5.2 or later",
                        link->name);
    }
    snprintf (path, sizeof path, "%s/tap%d/dev", link->name, link->index);
    if (!read_line (net, path, text, sizeof text)) {
        return hv_fail (ctx, errno, "cannot read class/net/%s in sysfs: %m",
                        path);
    }
    if (sscanf (text, "%u:%u%c", &major, &minor, &end) != 2) {
        return hv_fail (
            ctx, EPROTO,
            "class/net/%s in sysfs contains '%s', which is unexpected", path,
            text);
    }
    *out = makedev (major, minor);
    return 0;
}

/* For kernels without detached mounts: a directory that only root can access,
 * in /dev because /run is often mounted 'nodev'. */
static int
private_dir (const char *ifname)
{
    char path[64];

    snprintf (path, sizeof path, PRIVATE_DIR, ifname);
    chardev_sweep (ifname);
    if (mkdir (path, 0700) < 0) {
        return -1;
    }
    return open (path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void
chardev_sweep (const char *ifname)
{
    char path[64];
    int dir, saved = errno;

    snprintf (path, sizeof path, PRIVATE_DIR, ifname);
    dir = open (path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir >= 0) {
        unlinkat (dir, NODE, 0);
        close (dir);
        rmdir (path);
    }
    errno = saved;
}

/* Returns the directory of a node that has, or will be seen to have, the
 * right number, and stores the node's name; or -1. */
static int
find_place (enum place place, const struct netlink_link *link, dev_t dev,
            char name[32])
{
    CLEANUP_CLOSE int dir = -1;

    if (place == UDEV) {
        snprintf (name, 32, "tap%d", link->index);
        return open ("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    dir =
        place == DETACHED ? mount_detached ("tmpfs") : private_dir (link->name);
    if (dir < 0 || mknodat (dir, NODE, S_IFCHR | 0600, dev) < 0) {
        return -1;
    }
    snprintf (name, 32, NODE);
    return steal_fd (&dir);
}

/* Opens one queue, and only of 'dev': even opening and closing the device of
 * another namespace would disturb that. */
static int
open_queue (int dir, const char *name, dev_t dev, uint32_t queues,
            const struct netlink_link *link)
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
    CLEANUP_CLOSE int fd = -1;
    struct stat st;

    if (fstatat (dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return -1;
    }
    if (!S_ISCHR (st.st_mode) || st.st_rdev != dev) {
        errno = ENXIO;
        return -1;
    }
    fd = openat (dir, name, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat (fd, &st) < 0) {
        return -1;
    }
    if (queues > 1) {
        request.ifr_flags |= IFF_MULTI_QUEUE;
    }
    if (!S_ISCHR (st.st_mode) || st.st_rdev != dev
        || ioctl (fd, TUNSETIFF, &request) < 0
        || ioctl (fd, TUNGETIFF, &request) < 0
        || strncmp (request.ifr_name, link->name, IFNAMSIZ)) {
        errno = ENXIO;
        return -1;
    }
    return steal_fd (&fd);
}

/* Gives udev a second to make its node, where the kernel does not. */
static void
wait_for_node (struct hv_ctx *ctx, const struct netlink_link *link)
{
    const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
    char path[64];

    snprintf (path, sizeof path, "/dev/tap%d", link->index);
    for (int i = 0; i < 50 && hv_remaining (ctx) > 0; i++) {
        if (access (path, F_OK) == 0) {
            return;
        }
        nanosleep (&pause, NULL);
    }
}

/* Opens all queues, or none: -1 and errno. */
static int
open_queues (enum place place, const struct netlink_link *link, dev_t dev,
             int fds[], uint32_t n)
{
    char name[32];
    CLEANUP_CLOSE int dir = find_place (place, link, dev, name);
    uint32_t i = 0;

    if (dir < 0) {
        return -1;
    }
    while (i < n && (fds[i] = open_queue (dir, name, dev, n, link)) >= 0) {
        i++;
    }
    if (i == n) {
        return 0;
    }
    while (i > 0) {
        close_fd (fds[--i]);
        fds[i] = -1;
    }
    return -1;
}

int
chardev_open (struct hv_ctx *ctx, const struct netlink_link *link, int fds[],
              uint32_t n)
{
    dev_t dev = 0;
    int err = ENOSYS, r = device_number (ctx, link, &dev);

    if (r < 0) {
        return r;
    }
    for (enum place place = DETACHED; place < N_PLACES; place++) {
        if (place == UDEV) {
            wait_for_node (ctx, link);
        }
        r = open_queues (place, link, dev, fds, n);
        err = err == ENOSYS ? errno : err; /* The first real reason. */
        if (place == PRIVATE) {
            chardev_sweep (link->name);
        }
        if (r == 0) {
            return 0;
        }
    }
    errno = err;
    return hv_fail (ctx, err,
                    "cannot open the character device %u:%u of '%s': %m; "
                    "hvctl needs CAP_MKNOD, or udev's /dev/tap%d, and the "
                    "devices cgroup must allow it",
                    major (dev), minor (dev), link->name, link->index);
}
