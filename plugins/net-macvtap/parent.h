/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The network card that macvtaps are made on. */
#ifndef NET_MACVTAP_PARENT_H
#define NET_MACVTAP_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* Reads a mode's name as MACVLAN_MODE_…. */
int parse_mode (struct hv_ctx *ctx, const char *text, uint32_t *mode);

/* Finds the parent by its name or MAC address, or fails, also if nothing can
 * be made on it. */
int find_parent (struct hv_ctx *ctx, struct netlink *nl, const char *text,
                 struct netlink_link *out);

/* Fails if another macvlan or macvtap than 'except' leaves no room on the
 * parent: one in mode passthru, or 'alone' and any. */
int parent_occupied (struct hv_ctx *ctx, struct netlink *nl,
                     const struct netlink_link *parent, const char *except,
                     bool alone);

#endif /* NET_MACVTAP_PARENT_H */
