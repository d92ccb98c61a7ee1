/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Leftovers in Open vSwitch of VMs that were never released. */
#ifndef PLUGINS_NET_OVS_SWEEP_H
#define PLUGINS_NET_OVS_SWEEP_H

#include "hvctl/plugin.h"

/* Removes this network's ports of VMs that are not 'live' (their UUIDs, up to a
 * null), as described for struct hv_network. */
int ovs_sweep (struct hv_ctx *ctx, const struct hv_options *options,
               const char *const live[]);

#endif /* PLUGINS_NET_OVS_SWEEP_H */
