/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The section of a network of type "ovs": its keys, and their values. */
#ifndef PLUGINS_NET_OVS_SECTION_H
#define PLUGINS_NET_OVS_SECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "hvctl/plugin.h"

#define VLANS 4096
#define NO_TAG (-1)
#define USERSPACE "netdev" /* A bridge's datapath_type. */

enum ovs_offload { OFFLOAD_AUTO, OFFLOAD_YES, OFFLOAD_NO };

struct settings {
    const char *bridge;
    const char *socket;   /* Of ovsdb-server. */
    const char *datapath; /* Of a bridge that is created; "": OVS's default. */
    const char *vhost_dir;
    bool create;
    bool vhost_user;
    enum ovs_offload offload;
    int tag; /* Or NO_TAG. */
    bool has_trunks;
    bool trunks[VLANS];
    int64_t rate, burst; /* In kbit/s and kbit; 0: none. */
};

extern const struct hv_key ovs_keys[];

/* Fails if a value is not valid.  A tag that is too large for OVS is accepted:
 * section_check() reports it, and OVS itself. */
int section_read (struct hv_ctx *ctx, const struct hv_options *options,
                  struct settings *out);
int section_check (struct hv_ctx *ctx, const struct settings *s);

#endif /* PLUGINS_NET_OVS_SECTION_H */
