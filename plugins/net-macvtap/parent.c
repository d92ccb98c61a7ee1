/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds the parent of a macvtap and tells whether it can be one. */
#include "plugins/net-macvtap/parent.h"

#include <errno.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/mac.h"

int
parse_mode (struct hv_ctx *ctx, const char *text, uint32_t *mode)
{
    static const struct {
        const char *name;
        uint32_t mode;
    } modes[] = {
        { "bridge", MACVLAN_MODE_BRIDGE },
        { "vepa", MACVLAN_MODE_VEPA },
        { "private", MACVLAN_MODE_PRIVATE },
        { "passthru", MACVLAN_MODE_PASSTHRU },
    };

    for (size_t i = 0; text && i < ARRAY_SIZE (modes); i++) {
        if (!strcmp (text, modes[i].name)) {
            *mode = modes[i].mode;
            return 0;
        }
    }
    return hv_fail (ctx, EINVAL,
                    "mode = \"%s\" is not bridge, vepa, private or passthru",
                    text ? text : "");
}

/* Ranks interfaces that share a MAC address: cards first, then interfaces on
 * top of them that have their address, and members of a bridge or bond last. */
enum rank { CARD, UPPER, SLAVE, NONE };

struct search {
    struct hv_ctx *ctx;
    uint8_t mac[6];
    enum rank best;
    struct netlink_link link; /* The first of the best rank. */
    unsigned count;           /* How many of that rank. */
    const char *names;        /* Of all of that rank. */
};

static enum rank
rank_of (const struct netlink_link *link)
{
    static const char *const uppers[] = { "vlan",   "macvlan", "macvtap",
                                          "ipvlan", "ipvtap",  "bridge" };

    if (link->master) {
        return SLAVE;
    }
    for (size_t i = 0; i < ARRAY_SIZE (uppers); i++) {
        if (!strcmp (link->kind, uppers[i])) {
            return UPPER;
        }
    }
    return CARD;
}

static bool
consider (const struct netlink_link *link, void *data)
{
    struct search *s = data;
    enum rank rank = rank_of (link);

    if (memcmp (link->mac, s->mac, sizeof s->mac) || rank > s->best) {
        return true;
    }
    if (rank < s->best) {
        s->best = rank;
        s->link = *link;
        s->count = 0;
        s->names = NULL;
    }
    s->count++;
    s->names = s->names ? hv_format (s->ctx, "%s, %s", s->names, link->name)
                        : hv_format (s->ctx, "%s", link->name);
    return true;
}

static int
find_by_mac (struct hv_ctx *ctx, struct netlink *nl, const char *text,
             struct search *s)
{
    s->ctx = ctx;
    s->best = NONE;
    if (netlink_each (nl, consider, s) < 0) {
        return hv_fail (ctx, nl->error, "cannot list the interfaces: %s",
                        nl->reason);
    }
    if (!s->count) {
        return hv_fail (ctx, ENODEV,
                        "no interface has the MAC address %s: correct 'parent' "
                        "(see 'ip link')",
                        text);
    }
    if (s->count > 1) {
        return hv_fail (ctx, ENOTUNIQ,
                        "several interfaces have the MAC address %s (%s): name "
                        "one of them as 'parent'",
                        text, s->names);
    }
    return 0;
}

/* Fails if no macvtap can be created on 'link'.  Only one user may receive the
 * packets of a card: a bridge, a bond, or macvtaps.  A VRF does not. */
static int
check_parent (struct hv_ctx *ctx, struct netlink *nl,
              const struct netlink_link *link)
{
    struct netlink_link master;

    if (!strcmp (link->kind, "bridge")) {
        return hv_fail (ctx, ENOTSUP,
                        "'%s' is a bridge: give the network the type "
                        "\"bridge\" and bridge = \"%s\"",
                        link->name, link->name);
    }
    if (link->type != ARPHRD_ETHER || (link->flags & IFF_LOOPBACK)) {
        return hv_fail (ctx, ENOTSUP,
                        "'%s' is not an Ethernet interface: name an Ethernet "
                        "interface as 'parent'",
                        link->name);
    }
    if (!link->master) {
        return 0;
    }
    if (netlink_get_index (nl, link->master, &master) < 0) {
        return hv_fail (ctx, nl->error, "cannot query what '%s' belongs to: %s",
                        link->name, nl->reason);
    }
    if (!strcmp (master.kind, "vrf")) {
        return 0;
    }
    if (!strcmp (master.kind, "bridge")) {
        return hv_fail (ctx, EBUSY,
                        "'%s' is a port of the bridge '%s': give the network "
                        "the type \"bridge\" and bridge = \"%s\"",
                        link->name, master.name, master.name);
    }
    return hv_fail (ctx, EBUSY,
                    "'%s' belongs to the %s '%s': name that as 'parent'",
                    link->name, master.kind, master.name);
}

int
find_parent (struct hv_ctx *ctx, struct netlink *nl, const char *text,
             struct netlink_link *out)
{
    struct search s = { 0 };
    int r;

    if (!text) {
        return hv_fail (ctx, EINVAL,
                        "'parent' is missing: name the network card");
    }
    if (parse_mac (text, s.mac)) {
        r = find_by_mac (ctx, nl, text, &s);
        if (r < 0) {
            return r;
        }
        *out = s.link;
        return check_parent (ctx, nl, out);
    }
    r = netlink_get (nl, text, out);
    if (r == -ENODEV) {
        return hv_fail (
            ctx, ENODEV,
            "there is no interface '%s': correct 'parent' (see 'ip link')",
            text);
    }
    if (r < 0) {
        return hv_fail (ctx, -r, "cannot query the interface '%s': %s", text,
                        nl->reason);
    }
    return check_parent (ctx, nl, out);
}

struct occupant {
    int parent;
    const char *except;
    bool alone;
    struct netlink_link link;
};

static bool
is_occupant (const struct netlink_link *link, void *data)
{
    struct occupant *o = data;

    if (link->lower != o->parent || !strcmp (link->name, o->except)
        || (strcmp (link->kind, "macvtap") && strcmp (link->kind, "macvlan"))
        || (!o->alone && link->mode != MACVLAN_MODE_PASSTHRU)) {
        return true;
    }
    o->link = *link;
    return false;
}

int
parent_occupied (struct hv_ctx *ctx, struct netlink *nl,
                 const struct netlink_link *parent, const char *except,
                 bool alone)
{
    struct occupant o = { .parent = parent->index,
                          .except = except,
                          .alone = alone };

    if (netlink_each (nl, is_occupant, &o) < 0) {
        return hv_fail (ctx, nl->error, "cannot list the interfaces: %s",
                        nl->reason);
    }
    if (!o.link.index) {
        return 0;
    }
    return hv_fail (
        ctx, EBUSY,
        "'%s' already serves '%s'%s%s%s, and mode = \"passthru\" uses a card "
        "for a single port: use another parent, or the mode \"bridge\" for all",
        parent->name, o.link.name, *o.link.alias ? " (" : "", o.link.alias,
        *o.link.alias ? ")" : "");
}
