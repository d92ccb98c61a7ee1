/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/root/net-lab.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"

#define ETHERTYPE 0x88b5 /* For local experiments: IEEE 802. */

static void __attribute__ ((noreturn, format (printf, 1, 2)))
die (const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    vfprintf (stderr, fmt, args);
    fprintf (stderr, ": %s\n", strerror (errno));
    va_end (args);
    exit (99);
}

void
lab_need_root (void)
{
    if (geteuid () != 0) {
        fputs ("it takes root\n", stderr);
        exit (77);
    }
}

int
lab_new_namespace (void)
{
    int fd;

    if (unshare (CLONE_NEWNET) < 0) {
        die ("cannot make a network namespace");
    }
    fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        die ("/proc/self/ns/net");
    }
    lab_run ("ip link set lo up");
    return fd;
}

void
lab_enter (int ns)
{
    if (setns (ns, CLONE_NEWNET) < 0) {
        die ("cannot enter a network namespace");
    }
}

bool
lab_has_detached_mounts (void)
{
    int fd = (int)syscall (SYS_fsopen, "sysfs", 0);

    close_fd (fd);
    return fd >= 0 || errno != ENOSYS;
}

bool
lab_mount_sys (void)
{
    return unshare (CLONE_NEWNS) == 0
           && mount ("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0
           && mount ("sysfs", "/sys", "sysfs", 0, NULL) == 0;
}

void
lab_see_namespace (void)
{
    if (!lab_has_detached_mounts () && !lab_mount_sys ()) {
        die ("cannot mount sysfs");
    }
}

void
lab_run (const char *fmt, ...)
{
    char text[512], *rest = text, *word, *argv[64];
    size_t n = 0;
    va_list args;
    int status;
    pid_t pid;

    va_start (args, fmt);
    vsnprintf (text, sizeof text, fmt, args);
    va_end (args);
    while (n < ARRAY_SIZE (argv) - 1 && (word = strsep (&rest, " "))) {
        argv[n++] = word;
    }
    argv[n] = NULL;
    pid = fork ();
    if (pid == 0) {
        execvp (argv[0], argv);
        perror (argv[0]);
        _exit (127);
    }
    if (pid < 0 || waitpid (pid, &status, 0) < 0) {
        die ("cannot run %s", argv[0]);
    }
    if (status) {
        errno = EINVAL;
        va_start (args, fmt);
        vsnprintf (text, sizeof text, fmt, args);
        va_end (args);
        die ("\"%s\" has failed", text);
    }
}

bool
lab_link (const char *name, struct netlink_link *out)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    int r = netlink_open (&nl, 5000);

    if (r == 0) {
        r = netlink_get (&nl, name, out);
    }
    if (r < 0 && r != -ENODEV) {
        die ("cannot look for %s: %s", name, nl.reason);
    }
    return r == 0;
}

int
lab_socket (const char *ifname)
{
    struct sockaddr_ll address = { .sll_family = AF_PACKET,
                                   .sll_protocol = htons (ETHERTYPE) };
    int fd = socket (AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons (ETHERTYPE));

    address.sll_ifindex = (int)if_nametoindex (ifname);
    if (fd < 0 || !address.sll_ifindex
        || bind (fd, (struct sockaddr *)&address, sizeof address) < 0) {
        die ("no packet socket on %s", ifname);
    }
    return fd;
}

void
lab_frame (uint8_t frame[LAB_FRAME], const uint8_t to[6], const uint8_t from[6])
{
    static unsigned number;

    memset (frame, 0, LAB_FRAME);
    memcpy (frame, to, 6);
    memcpy (frame + 6, from, 6);
    frame[12] = ETHERTYPE >> 8;
    frame[13] = ETHERTYPE & 0xff;
    snprintf ((char *)frame + 14, LAB_FRAME - 14, "frame %u of %d", ++number,
              (int)getpid ());
}

void
lab_send (int fd, const uint8_t frame[LAB_FRAME], size_t header)
{
    uint8_t data[LAB_FRAME + 64] = { 0 };

    memcpy (data + header, frame, LAB_FRAME);
    if (write (fd, data, header + LAB_FRAME) != (ssize_t)(header + LAB_FRAME)) {
        die ("cannot send a frame");
    }
}

static int
milliseconds (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int)(t.tv_sec % 100000) * 1000 + (int)(t.tv_nsec / 1000000);
}

int
lab_receive (const int *fds, size_t n, const uint8_t frame[LAB_FRAME],
             size_t header, int ms)
{
    struct pollfd polls[16];
    uint8_t data[2048];
    int end = milliseconds () + ms, left;

    if (n > ARRAY_SIZE (polls)) {
        die ("too many descriptors");
    }
    for (size_t i = 0; i < n; i++) {
        polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
    }
    while ((left = end - milliseconds ()) > 0
           && poll (polls, (nfds_t)n, left) > 0) {
        for (size_t i = 0; i < n; i++) {
            ssize_t len;

            if (!(polls[i].revents & POLLIN)) {
                continue;
            }
            len = read (fds[i], data, sizeof data);
            if (len == (ssize_t)(header + LAB_FRAME)
                && !memcmp (data + header, frame, LAB_FRAME)) {
                return (int)i;
            }
        }
    }
    return -1;
}

int
lab_carry (int from, size_t from_header, const int *to, size_t n,
           size_t to_header, const uint8_t frame[LAB_FRAME])
{
    int to_nr = -1;

    for (int i = 0; i < 10 && to_nr < 0; i++) {
        lab_send (from, frame, from_header);
        to_nr = lab_receive (to, n, frame, to_header, 500);
    }
    return to_nr;
}

bool
lab_connected (int near, size_t header, const uint8_t near_mac[6], int far)
{
    static const uint8_t far_mac[6] = { 2, 0, 0, 0, 0xfa, 0xfa };
    uint8_t frame[LAB_FRAME];

    lab_frame (frame, far_mac, near_mac);
    if (lab_carry (near, header, &far, 1, 0, frame) < 0) {
        return false;
    }
    lab_frame (frame, near_mac, far_mac);
    return lab_carry (far, 0, &near, 1, header, frame) == 0;
}
