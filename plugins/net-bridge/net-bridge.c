/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-bridge: each port is a tap in a bridge of the Linux kernel.
 *
 * The tap is not persistent: it lives as long as a descriptor of it does, so
 * it goes with the hypervisor, however that ends. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "common/port.h"
#include "common/size.h"
#include "hvctl/plugin.h"

#define TUN "/dev/net/tun"
#define ETHERNET_MTU 1500 /* What a guest supposes if it is told nothing. */

static const struct hv_key keys[] = {
    { "bridge", HV_STRING, NULL, "the bridge's interface name", true },
    { "mtu", HV_UINT, NULL, "bytes; else as the bridge has it", false },
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
                        "there is no bridge '%s': make it (ip link add %s up "
                        "type bridge), or correct 'bridge'",
                        name, name);
    }
    if (r < 0) {
        return hv_fail (ctx, -r, "cannot look for the bridge '%s': %s", name,
                        nl->reason);
    }
    return strcmp (bridge->kind, "bridge") ? not_a_bridge (ctx, bridge) : 0;
}

/* Says why the device of all taps can not be opened, from errno. */
static int
no_tun (struct hv_ctx *ctx)
{
    int err = errno;

    if (err == ENOENT || err == ENODEV || err == ENXIO) {
        return hv_fail (ctx, err,
                        TUN ": %m: load the kernel's module (modprobe tun)");
    }
    if (err == EACCES || err == EPERM) {
        return hv_fail (ctx, err,
                        TUN ": %m: run hvctl as root, let this user open the "
                            "device, or give the NIC the network 'user'");
    }
    return hv_fail (ctx, err, "cannot open " TUN ": %m");
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
        || (r = port_name_free (ctx, &nl, port)) < 0) {
        return r;
    }
    if (faccessat (AT_FDCWD, TUN, R_OK | W_OK, AT_EACCESS) < 0) {
        return no_tun (ctx);
    }
    if (!(bridge.flags & IFF_UP)) {
        hv_log (ctx, HV_WARNING,
                "the bridge '%s' is down and carries nothing until it is up "
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

static int
tap_refused (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port)
{
    int err = errno;
    struct netlink_link link;

    if (err == EPERM) {
        return port_forbidden (ctx, err);
    }
    if (netlink_get (nl, port->ifname, &link) == 0) {
        return port_name_taken (ctx, &link);
    }
    errno = err;
    return hv_fail (ctx, err, "the kernel refused to make the tap '%s': %m",
                    port->ifname);
}

/* Opens one queue of the tap; the first makes it.  IFF_TUN_EXCL: the kernel
 * would give us a persistent tap of this name that is someone else's. */
static int
open_queue (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
            bool first, int *out)
{
    CLEANUP_CLOSE int fd = -1;
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    fd = open (TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return no_tun (ctx);
    }
    if (is_set (ctx, port, "offload")) {
        request.ifr_flags |= IFF_VNET_HDR;
    }
    if (port->queues > 1) {
        request.ifr_flags |= IFF_MULTI_QUEUE;
    }
    if (first) {
        request.ifr_flags |= (short)IFF_TUN_EXCL;
    }
    memcpy (request.ifr_name, port->ifname, strlen (port->ifname) + 1);
    if (ioctl (fd, TUNSETIFF, &request) < 0) {
        return tap_refused (ctx, nl, port);
    }
    *out = steal_fd (&fd);
    return 0;
}

/* Gives the tap all that it needs.  Its address is the guest's with 0xfe in
 * front: a bridge takes the lowest address of its ports for its own, and must
 * not change it with every guest. */
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
    memcpy (mac, port->mac, sizeof mac);
    mac[0] = 0xfe;
    if (netlink_set (nl, &change) < 0) {
        return hv_fail (ctx, nl->error,
                        "the kernel refused to put '%s' into the bridge '%s' "
                        "with an MTU of %u: %s",
                        port->ifname, bridge->name, change.mtu, nl->reason);
    }
    if (isolated && netlink_isolate (nl, port->ifname) < 0) {
        return hv_fail (ctx, nl->error,
                        "the kernel refused to isolate '%s' (isolated = yes "
                        "takes Linux 4.18): %s",
                        port->ifname, nl->reason);
    }
    return 0;
}

static int
bridge_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_link bridge;
    uint32_t n = 0;
    int r;

    if (strlen (port->ifname) >= IFNAMSIZ) {
        return hv_fail (ctx, ENAMETOOLONG,
                        "the interface name '%s' is longer than %d bytes",
                        port->ifname, IFNAMSIZ - 1);
    }
    if ((r = port_queues (ctx, port)) < 0 || (r = port_connect (ctx, &nl)) < 0
        || (r = find_bridge (ctx, &nl, port, &bridge)) < 0) {
        return r;
    }
    for (; r == 0 && n < port->queues; n++) {
        r = open_queue (ctx, &nl, port, n == 0, &fds[n]);
    }
    if (r == 0) {
        r = join_bridge (ctx, &nl, port, &bridge);
    }
    while (r < 0 && n > 0) { /* The last one takes the tap with it. */
        close_fd (fds[--n]);
        fds[n] = -1;
    }
    return r;
}

static int
bridge_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_link link;
    int r = port_connect (ctx, &nl);

    if (r < 0) {
        return r;
    }
    r = netlink_get (&nl, port->ifname, &link);
    if (r == -ENODEV) {
        return 0;
    }
    if (r < 0) {
        return hv_fail (ctx, -r, "cannot look for the interface '%s': %s",
                        port->ifname, nl.reason);
    }
    if (strcmp (link.kind, "tun")
        || strcmp (link.alias, port_mark (ctx, port))) {
        hv_log (ctx, HV_INFO, "the interface '%s' is not ours and stays",
                link.name);
        return 0;
    }
    r = netlink_delete (&nl, link.index);
    if (r < 0 && r != -ENODEV) { /* It may go by itself meanwhile. */
        return hv_fail (ctx, -r, "cannot remove the tap '%s': %s", link.name,
                        nl.reason);
    }
    return 0;
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
    .summary = "ports on a bridge of the Linux kernel",
    .network = &network,
};
