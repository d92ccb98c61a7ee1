/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-macvtap: each port is a macvtap on a network card.
 *
 * The interface outlives the hypervisor, so detach() has to remove it; its
 * character device is chardev.c's part. */
#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "hvctl/plugin.h"
#include "plugins/common/port.h"
#include "plugins/net-macvtap/chardev.h"
#include "plugins/net-macvtap/parent.h"

#define ETHERNET_MTU 1500 /* The MTU that a guest assumes by default. */

static const struct hv_key keys[] = {
    { "parent", HV_STRING, NULL, "the network card: its name or MAC", true },
    { "mode", HV_STRING, "bridge", "bridge, vepa, private or passthru", false },
    { "mtu", HV_UINT, NULL, "bytes; default: the parent's MTU", false },
    { NULL, 0, NULL, NULL, false },
};

/* Reads the options and finds the parent. */
static int
prepare (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
         struct netlink_change *change, struct netlink_link *parent)
{
    int r;

    if ((r = parse_mode (ctx, hv_option (ctx, port->options, "mode"),
                         &change->mode))
            < 0
        || (r = port_mtu (ctx, port, &change->mtu)) < 0
        || (r = port_queues (ctx, port)) < 0 || (r = port_connect (ctx, nl)) < 0
        || (r = find_parent (ctx, nl, hv_option (ctx, port->options, "parent"),
                             parent))
               < 0) {
        return r;
    }
    if (change->mtu > parent->mtu) {
        return hv_fail (ctx, EINVAL,
                        "an MTU of %u is more than the %u of '%s': raise that "
                        "(ip link set %s mtu %u), or lower 'mtu'",
                        change->mtu, parent->mtu, parent->name, parent->name,
                        change->mtu);
    }
    if (change->mode != MACVLAN_MODE_PASSTHRU
        && !memcmp (port->mac, parent->mac, sizeof parent->mac)) {
        return hv_fail (ctx, EADDRINUSE,
                        "the NIC has the MAC address of '%s' itself: give the "
                        "NIC another, or the network mode = \"passthru\"",
                        parent->name);
    }
    change->name = port->ifname;
    change->mac = port->mac;
    change->lower = parent->index;
    change->queues = port->queues;
    return 0;
}

static int
macvtap_check (struct hv_ctx *ctx, const struct hv_port *port,
               struct hv_nic *out)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_change change = { 0 };
    struct netlink_link parent;
    int r;

    if ((r = prepare (ctx, &nl, port, &change, &parent)) < 0
        || (r = port_permission (ctx)) < 0
        || (r = port_name_free (ctx, &nl, port)) < 0) {
        return r;
    }
    if (change.mode == MACVLAN_MODE_PASSTHRU
        && (r = parent_occupied (ctx, &nl, &parent, port->ifname, true)) < 0) {
        return r;
    }
    out->kind = HV_NIC_TAP;
    out->ifname = hv_format (ctx, "%s", port->ifname);
    memcpy (out->mac, port->mac, sizeof out->mac); /* It drops all others. */
    out->queues = port->queues;
    out->mtu =
        change.mtu || parent.mtu == ETHERNET_MTU ? change.mtu : parent.mtu;
    out->offload = true;
    return 0;
}

/* Explains why the kernel refused to create the interface. */
static int
refused (struct hv_ctx *ctx, struct netlink *nl,
         const struct netlink_change *change, const struct netlink_link *parent)
{
    struct netlink_link link;
    char mac[MAC_TEXT], reason[sizeof nl->reason];
    int err = nl->error, r;

    memcpy (reason, nl->reason, sizeof reason);
    switch (err) {
    case EPERM:
        return port_forbidden (ctx, err);
    case EEXIST:
        if (netlink_get (nl, change->name, &link) == 0) {
            return port_name_taken (ctx, &link);
        }
        break;
    case EADDRINUSE:
        return hv_fail (ctx, err,
                        "another port of '%s' already has the MAC address %s",
                        parent->name, format_mac (change->mac, mac));
    case EOPNOTSUPP:
        return hv_fail (ctx, err,
                        "the kernel does not support macvtap: load the module "
                        "(modprobe macvtap)");
    case EINVAL:
        r = parent_occupied (ctx, nl, parent, change->name,
                             change->mode == MACVLAN_MODE_PASSTHRU);
        if (r < 0) {
            return r;
        }
        break;
    }
    return hv_fail (ctx, err,
                    "the kernel refused to create the macvtap '%s' on '%s': %s",
                    change->name, parent->name, reason);
}

/* Does it belong to this port?  An interface without a mark remains if attach()
 * was killed between creating and marking it: it has the MAC address that it
 * was created with. */
static bool
is_ours (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
         const struct netlink_link *link)
{
    struct netlink_link parent;

    if (strcmp (link->kind, "macvtap")) {
        return false;
    }
    if (*link->alias) {
        return !strcmp (link->alias, port_mark (ctx, port));
    }
    if (!memcmp (link->mac, port->mac, sizeof link->mac)) {
        return true;
    }
    return link->mode == MACVLAN_MODE_PASSTHRU
           && netlink_get_index (nl, link->lower, &parent) == 0
           && !memcmp (link->mac, parent.mac, sizeof link->mac);
}

/* The VM is not running, so an interface with its mark is a leftover, of which
 * the journal was lost with the run directory.  Returns whether it is removed.
 */
static bool
remove_leftover (struct hv_ctx *ctx, struct netlink *nl,
                 const struct hv_port *port)
{
    struct netlink_link link;
    int err = nl->error;
    bool ours = err == EEXIST && netlink_get (nl, port->ifname, &link) == 0
                && !strcmp (link.kind, "macvtap")
                && !strcmp (link.alias, port_mark (ctx, port));

    ours = ours && netlink_delete (nl, link.index) == 0;
    nl->error = err;
    return ours;
}

/* Creates the interface and marks it.  The kernel does not accept an alias
 * while it creates one, and in mode passthru no address but the parent's. */
static int
make_link (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
           struct netlink_change *change, const struct netlink_link *parent,
           struct netlink_link *out)
{
    bool passthru = change->mode == MACVLAN_MODE_PASSTHRU;
    struct netlink_change mark = {
        .alias = port_mark (ctx, port),
        .mac = passthru ? change->mac : NULL,
        .up = passthru,
    };

    change->up = !passthru;
    if (netlink_add_macvtap (nl, change) < 0
        && (!remove_leftover (ctx, nl, port)
            || netlink_add_macvtap (nl, change) < 0)) {
        return refused (ctx, nl, change, parent);
    }
    if (netlink_get (nl, change->name, out) < 0) {
        return hv_fail (ctx, nl->error, "'%s' was created and has vanished: %s",
                        change->name, nl->reason);
    }
    mark.index = out->index;
    if (netlink_set (nl, &mark) < 0) {
        int err = nl->error;
        const char *reason = hv_format (ctx, "%s", nl->reason);

        netlink_delete (nl, out->index);
        return hv_fail (ctx, err,
                        passthru ? "'%s' refused the NIC's MAC address: %s"
                                 : "the kernel refused to mark '%s': %s",
                        passthru ? parent->name : change->name, reason);
    }
    snprintf (out->alias, sizeof out->alias, "%s", mark.alias);
    memcpy (out->mac, port->mac, sizeof out->mac);
    return 0;
}

static int
macvtap_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_change change = { 0 }, raise = { .up = true };
    struct netlink_change lower = { .down = true };
    struct netlink_link parent, link;
    bool raised;
    int r = prepare (ctx, &nl, port, &change, &parent);

    if (r < 0) {
        return r;
    }
    raise.index = lower.index = parent.index;
    raised = !(parent.flags & IFF_UP);
    if (raised && netlink_set (&nl, &raise) < 0) {
        return nl.error == EPERM
                   ? port_forbidden (ctx, EPERM)
                   : hv_fail (ctx, nl.error, "cannot set '%s' up: %s",
                              parent.name, nl.reason);
    }
    r = make_link (ctx, &nl, port, &change, &parent, &link);
    if (r < 0) {
        goto lower_parent;
    }
    r = chardev_open (ctx, &link, fds, port->queues);
    if (r < 0) {
        goto delete_link;
    }
    return 0;

delete_link:
    netlink_delete (&nl, link.index);
lower_parent:
    if (raised) {
        netlink_set (&nl, &lower);
    }
    return r;
}

static int
macvtap_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    chardev_sweep (port->ifname);
    return port_delete (ctx, port, "macvtap", is_ours);
}

static const struct hv_network network = {
    .size = sizeof network,
    .type = "macvtap",
    .keys = keys,
    .check = macvtap_check,
    .attach = macvtap_attach,
    .detach = macvtap_detach,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "net-macvtap",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "ports on a network card, with macvtap",
    .network = &network,
};
