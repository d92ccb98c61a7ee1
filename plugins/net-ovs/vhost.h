/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The socket of a vhost-user port, where the hypervisor is the server and
 * Open vSwitch connects (dpdkvhostuserclient).  We create it, so that it
 * exists whatever jail the hypervisor is in, and pass it on as a listening
 * descriptor. */
#ifndef PLUGINS_NET_OVS_VHOST_H
#define PLUGINS_NET_OVS_VHOST_H

#include "hvctl/plugin.h"

/* Stores the path of the socket of 'port': DIRECTORY/IFNAME.sock.  Fails if
 * there is no such directory, or the path is too long. */
int vhost_path (struct hv_ctx *ctx, const struct hv_port *port, const char *dir,
                const char **out);

/* Returns whether a running process has the socket; if in doubt, true. */
bool vhost_in_use (const char *path);

/* Creates it, replacing one that nobody listens at. */
int vhost_listen (struct hv_ctx *ctx, const char *path, int *fd);

/* Removes it, if it exists. */
void vhost_remove (struct hv_ctx *ctx, const char *path);

#endif /* PLUGINS_NET_OVS_VHOST_H */
