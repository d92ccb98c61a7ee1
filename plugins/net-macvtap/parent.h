/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The parent interface of macvtaps. */
#ifndef NET_MACVTAP_PARENT_H
#define NET_MACVTAP_PARENT_H

#include <stdbool.h>
#include <stdint.h>

#include "hvctl/plugin.h"
#include "plugins/common/netlink.h"

/* Reads a mode's name as MACVLAN_MODE_…. */
int parse_mode (struct hv_ctx *ctx, const char *text, uint32_t *mode);

/* Finds the parent by its name or MAC address, or fails, also if it does not
 * support macvtaps. */
int find_parent (struct hv_ctx *ctx, struct netlink *nl, const char *text,
                 struct netlink_link *out);

/* Fails if a macvlan or macvtap other than 'except' occupies the
 * parent: one in mode passthru or, with 'alone', any. */
int parent_occupied (struct hv_ctx *ctx, struct netlink *nl,
                     const struct netlink_link *parent, const char *except,
                     bool alone);

#endif /* NET_MACVTAP_PARENT_H */
