/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Non-persistent taps: they exist as long as a descriptor of them does, so they
 * disappear with the hypervisor, however that exits.  For plugins: errors are
 * hv_fail()ed. */
#ifndef PLUGINS_COMMON_TAP_H
#define PLUGINS_COMMON_TAP_H

#include <stdbool.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* Fails unless we may open the device for taps. */
int tap_possible (struct hv_ctx *ctx);

/* Creates the tap 'port->ifname', which must not exist, with all its queues.
 * With 'header' each packet is preceded by a struct virtio_net_hdr. */
int tap_open (struct hv_ctx *ctx, struct netlink *nl,
              const struct hv_port *port, bool header, int fds[]);

/* Closes the queues, which removes the tap. */
void tap_close (const struct hv_port *port, int fds[]);

/* Stores the MAC address of a tap in a bridge: it begins with 0xfe, since a
 * bridge adopts the lowest address of its ports as its own, and must not change
 * it with every guest.  The rest is derived from names, not from the guest's
 * address: frames to the address of a tap go to the host, so no guest may have
 * it. */
void tap_mac (const struct hv_port *port, uint8_t mac[6]);

/* Removes the tap, if it exists and carries our mark. */
int tap_delete (struct hv_ctx *ctx, const struct hv_port *port);

#endif /* PLUGINS_COMMON_TAP_H */
