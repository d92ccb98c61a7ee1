/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The character device of a macvtap, through which its packets go. */
#ifndef NET_MACVTAP_CHARDEV_H
#define NET_MACVTAP_CHARDEV_H

#include <stdint.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* Opens 'n' queues of 'link', which is in this network namespace. */
int chardev_open (struct hv_ctx *ctx, const struct netlink_link *link,
                  int fds[], uint32_t n);

/* Removes leftovers of a chardev_open() that was killed. */
void chardev_sweep (const char *ifname);

#endif /* NET_MACVTAP_CHARDEV_H */
