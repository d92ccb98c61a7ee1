/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A network namespace to try things in, and Ethernet frames to send through
 * them.  Whatever goes wrong here ends the test. */
#ifndef TESTS_ROOT_NET_LAB_H
#define TESTS_ROOT_NET_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plugins/common/netlink.h"

#define LAB_FRAME 64
#define LAB_VNET_HDR 10 /* struct virtio_net_hdr, a tap's default. */

/* Exits with 77 unless we are root. */
void lab_need_root (void);

/* Enters a network namespace of its own.  Returns a descriptor of it. */
int lab_new_namespace (void);
void lab_enter (int ns);

/* Are there mounts without a place?  Not before Linux 5.2, and not in
 * valgrind 3.19. */
bool lab_has_detached_mounts (void);

/* Makes /sys show the network namespace that we are in, for us; the second
 * only if a plugin needs that, for want of detached mounts. */
bool lab_mount_sys (void);
void lab_see_namespace (void);

/* Runs a program, given as words with blanks in between: "ip link add …". */
void lab_run (const char *fmt, ...) __attribute__ ((format (printf, 1, 2)));

/* What 'name' is now; false if it is not there. */
bool lab_link (const char *name, struct netlink_link *out);

/* A packet socket on an interface. */
int lab_socket (const char *ifname);

/* Makes a frame that no other is like. */
void lab_frame (uint8_t frame[LAB_FRAME], const uint8_t to[6],
                const uint8_t from[6]);

/* Sends a frame, after 'header' zero bytes. */
void lab_send (int fd, const uint8_t frame[LAB_FRAME], size_t header);

/* Does this very frame arrive at one of the descriptors, after 'header' bytes
 * of anything, within 'ms'?  Returns which, or -1. */
int lab_receive (const int *fds, size_t n, const uint8_t frame[LAB_FRAME],
                 size_t header, int ms);

/* Sends the frame until it arrives, for up to five seconds: a bridge drops what
 * comes before it has heard of the link, which takes the kernel up to one.
 * Returns at which descriptor, or -1. */
int lab_carry (int from, size_t from_header, const int *to, size_t n,
               size_t to_header, const uint8_t frame[LAB_FRAME]);

/* Do frames go from 'near' (with 'header') to 'far' and back? */
bool lab_connected (int near, size_t header, const uint8_t near_mac[6],
                    int far);

#endif /* TESTS_ROOT_NET_LAB_H */
