/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The interface between the plugin's two files. */
#ifndef PLUGINS_NET_USER_H
#define PLUGINS_NET_USER_H

#include "hvctl/plugin.h"

/* A guest's network, in the byte order of this host. */
struct user_network {
    uint32_t net, mask;
    unsigned bits; /* Of the mask. */
    uint32_t gateway, dns, guest;
    bool restricted;
    const char *hostname; /* Or null. */
};

/* Reads the options of a port's network, and checks them. */
int user_read (struct hv_ctx *ctx, const struct hv_port *port,
               struct user_network *out);

/* Returns it in dotted form. */
const char *user_address (struct hv_ctx *ctx, uint32_t address);

/* passt.c: returns why a separate process cannot be the network of this port,
 * or null if it can. */
const char *passt_lacks (struct hv_ctx *ctx, const struct user_network *n,
                         const char *forward);
int passt_helper (struct hv_ctx *ctx, const struct hv_port *port,
                  const struct hv_nic *nic, struct hv_launch *out);
int passt_settled (struct hv_ctx *ctx, const struct hv_port *port, int pid);

#endif /* PLUGINS_NET_USER_H */
