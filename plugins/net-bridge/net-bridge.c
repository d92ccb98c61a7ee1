/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-bridge: each port is a tap in a bridge of the Linux kernel.
 *
 * The tap is not persistent: it goes with the hypervisor (common/tap.h). */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "common/port.h"
#include "common/size.h"
#include "common/tap.h"
#include "hvctl/plugin.h"

#define ETHERNET_MTU 1500 /* The MTU that a guest assumes by default. */

static const struct hv_key keys[] = {
    { "bridge", HV_STRING, NULL, "the bridge's interface name", true },
    { "mtu", HV_UINT, NULL, "bytes; default: the bridge's MTU", false },
    { "isolated", HV_BOOL, "no", "no traffic between isolated ports", false },
    { "offload", HV_BOOL, "yes", "checksum and segmentation offload", false },
    { NULL, 0, NULL, NULL, false },
};

static bool
is_set (struct hv_ctx *ctx, const struct hv_port *port, const char *key)
{
    const char *text = hv_option (ctx, port->options, key);
    bool value;

    return text && parse_bool (text, &value) && value;
}

static int
not_a_bridge (struct hv_ctx *ctx, const struct netlink_link *link)
{
    if (!strcmp (link->kind, "openvswitch")) {
        return hv_fail (ctx, ENOTSUP,
                        "'%s' is a bridge of Open vSwitch: give the network "
                        "the type \"ovs\"",
                        link->name);
    }
    return hv_fail (ctx, ENOTSUP,
                    "'%s' is not a bridge but %s%s: name a bridge, or give "
                    "the network the type \"macvtap\" and parent = \"%s\"",
                    link->name, *link->kind ? "a " : "a network card",
                    link->kind, link->name);
}

static int
find_bridge (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
             struct netlink_link *bridge)
{
    const char *name = hv_option (ctx, port->options, "bridge");
    int r;

    if (!name) {
        return hv_fail (ctx, EINVAL, "'bridge' is missing: name the bridge");
    }
    r = netlink_get (nl, name, bridge);
    if (r == -ENODEV) {
        return hv_fail (ctx, ENODEV,
                        "there is no bridge '%s': create it (ip link add %s up "
                        "type bridge), or correct 'bridge'",
                        name, name);
    }
    if (r < 0) {
        return hv_fail (ctx, -r, "cannot query the bridge '%s': %s", name,
                        nl->reason);
    }
    return strcmp (bridge->kind, "bridge") ? not_a_bridge (ctx, bridge) : 0;
}

static int
bridge_check (struct hv_ctx *ctx, const struct hv_port *port,
              struct hv_nic *out)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_link bridge;
    uint32_t mtu;
    int r;

    if ((r = port_mtu (ctx, port, &mtu)) < 0
        || (r = port_queues (ctx, port)) < 0
        || (r = port_connect (ctx, &nl)) < 0
        || (r = find_bridge (ctx, &nl, port, &bridge)) < 0
        || (r = port_permission (ctx)) < 0
        || (r = port_name_free (ctx, &nl, port)) < 0
        || (r = tap_possible (ctx)) < 0) {
        return r;
    }
    if (!(bridge.flags & IFF_UP)) {
        hv_log (ctx, HV_WARNING,
                "the bridge '%s' is down and forwards nothing until it is up "
                "(ip link set %s up)",
                bridge.name, bridge.name);
    }
    out->kind = HV_NIC_TAP;
    out->ifname = hv_format (ctx, "%s", port->ifname);
    out->queues = port->queues;
    out->mtu = mtu || bridge.mtu == ETHERNET_MTU ? mtu : bridge.mtu;
    out->offload = is_set (ctx, port, "offload");
    return 0;
}

/* Gives the tap all that it needs. */
static int
join_bridge (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
             const struct netlink_link *bridge)
{
    bool isolated = is_set (ctx, port, "isolated");
    uint8_t mac[6];
    uint32_t mtu;
    int r;
    struct netlink_change change = {
        .name = port->ifname,
        .mac = mac,
        .alias = port_mark (ctx, port),
        .master = bridge->index,
        .up = !isolated,
    };

    r = port_mtu (ctx, port, &mtu);
    if (r < 0) {
        return r;
    }
    change.mtu = mtu ? mtu : bridge->mtu;
    tap_mac (port, mac);
    if (netlink_set (nl, &change) < 0) {
        return hv_fail (ctx, nl->error,
                        "the kernel refused to add '%s' to the bridge '%s' "
                        "with an MTU of %u: %s",
                        port->ifname, bridge->name, change.mtu, nl->reason);
    }
    if (isolated && netlink_isolate (nl, port->ifname) < 0) {
        return hv_fail (ctx, nl->error,
                        "the kernel refused to isolate '%s' (isolated = yes "
                        "needs Linux 4.18): %s",
                        port->ifname, nl->reason);
    }
    return 0;
}

static int
bridge_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_link bridge;
    int r;

    if ((r = port_queues (ctx, port)) < 0 || (r = port_connect (ctx, &nl)) < 0
        || (r = find_bridge (ctx, &nl, port, &bridge)) < 0) {
        return r;
    }
    r = tap_open (ctx, &nl, port, is_set (ctx, port, "offload"), fds);
    if (r < 0) {
        return r;
    }
    r = join_bridge (ctx, &nl, port, &bridge);
    if (r < 0) {
        tap_close (port, fds);
    }
    return r;
}

static int
bridge_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    return tap_delete (ctx, port);
}

static const struct hv_network network = {
    .size = sizeof network,
    .type = "bridge",
    .keys = keys,
    .check = bridge_check,
    .attach = bridge_attach,
    .detach = bridge_detach,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "net-bridge",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "ports on a Linux bridge",
    .network = &network,
};
