/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What VMs left in Open vSwitch that are gone without a word. */
#ifndef PLUGINS_NET_OVS_SWEEP_H
#define PLUGINS_NET_OVS_SWEEP_H

#include "hvctl/plugin.h"

/* Removes this network's ports of VMs that are not 'live' (their UUIDs, up to a
 * null), as struct hv_network says. */
int ovs_sweep (struct hv_ctx *ctx, const struct hv_options *options,
               const char *const live[]);

#endif /* PLUGINS_NET_OVS_SWEEP_H */
