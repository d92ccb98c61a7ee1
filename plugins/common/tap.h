/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Taps that are not persistent: they live as long as a descriptor of them
 * does, so they go with the hypervisor, however that ends.  For plugins:
 * errors are hv_fail()ed. */
#ifndef PLUGINS_COMMON_TAP_H
#define PLUGINS_COMMON_TAP_H

#include <stdbool.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* Fails unless we may open the device of all taps. */
int tap_possible (struct hv_ctx *ctx);

/* Makes the tap 'port->ifname', which must not be there, with all its queues.
 * With 'header' each packet has a struct virtio_net_hdr in front. */
int tap_open (struct hv_ctx *ctx, struct netlink *nl,
              const struct hv_port *port, bool header, int fds[]);

/* Closes them, and so removes the tap. */
void tap_close (const struct hv_port *port, int fds[]);

/* Stores the address of a tap in a bridge: it begins with 0xfe, since a bridge
 * takes the lowest address of its ports for its own, and must not change it
 * with every guest.  The rest is made from names, not from the guest's address:
 * what is sent to the address of a tap goes to the host, so it must be no
 * guest's. */
void tap_mac (const struct hv_port *port, uint8_t mac[6]);

/* Removes the tap, if it is there and carries our mark. */
int tap_delete (struct hv_ctx *ctx, const struct hv_port *port);

#endif /* PLUGINS_COMMON_TAP_H */
