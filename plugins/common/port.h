/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Common code of the plugins that create an interface for a port: options,
 * permission, the name and the mark.  All report through hv_fail(). */
#ifndef PLUGINS_COMMON_PORT_H
#define PLUGINS_COMMON_PORT_H

#include <stdint.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* netlink_open() for the time the operation has, with the error reported. */
int port_connect (struct hv_ctx *ctx, struct netlink *nl);

/* Returns the ifalias by which we recognize our own interfaces: "hvctl:VM/NIC",
 * and "@RUN_DIR" if that is not the system's.  Neither name contains an '@'. */
const char *port_mark (struct hv_ctx *ctx, const struct hv_port *port);

/* Returns whether the mark is this hvctl's, not of another one on the host. */
bool port_mark_is_ours (struct hv_ctx *ctx, const char *mark);

/* Stores the MTU requested by the port or its network, 0 if neither does. */
int port_mtu (struct hv_ctx *ctx, const struct hv_port *port, uint32_t *mtu);

/* Fails if more queues are requested than a tap supports. */
int port_queues (struct hv_ctx *ctx, const struct hv_port *port);

/* Fails unless we may create interfaces in this network namespace. */
int port_permission (struct hv_ctx *ctx);
int port_forbidden (struct hv_ctx *ctx, int err);

/* Fails if the port's name belongs to an interface of something else. */
int port_name_free (struct hv_ctx *ctx, struct netlink *nl,
                    const struct hv_port *port);
int port_name_taken (struct hv_ctx *ctx, const struct netlink_link *link);

/* Returns whether this interface is the port's. */
typedef bool port_owner (struct hv_ctx *ctx, struct netlink *nl,
                         const struct hv_port *port,
                         const struct netlink_link *link);

/* Removes the interface of the port's name, if it exists and is the port's;
 * 'what' is its kind: "tap". */
int port_delete (struct hv_ctx *ctx, const struct hv_port *port,
                 const char *what, port_owner *is_ours);

#endif /* PLUGINS_COMMON_PORT_H */
