/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The socket of a vhost-user port, where the hypervisor is the server and
 * Open vSwitch connects (dpdkvhostuserclient).  We make it, so that it is
 * there whatever jail the hypervisor is in, and hand it out as a listening
 * descriptor. */
#ifndef PLUGINS_NET_OVS_VHOST_H
#define PLUGINS_NET_OVS_VHOST_H

#include "hvctl/plugin.h"

/* Where the socket of 'port' is: DIRECTORY/IFNAME.sock.  Fails if there is no
 * such directory, or the path is too long. */
int vhost_path (struct hv_ctx *ctx, const struct hv_port *port, const char *dir,
                const char **out);

/* Is there a socket of somebody who lives?  If in doubt, yes. */
bool vhost_in_use (const char *path);

/* Makes it, in place of one that nobody listens at. */
int vhost_listen (struct hv_ctx *ctx, const char *path, int *fd);

/* Removes it, if it is there. */
void vhost_remove (struct hv_ctx *ctx, const char *path);

#endif /* PLUGINS_NET_OVS_VHOST_H */
