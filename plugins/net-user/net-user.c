/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-user: the guest's network is the hypervisor's own (slirp), which needs
 * no interface and no privilege.
 *
 * So there is nothing to attach.  The hypervisor's plugin turns the options
 * into its arguments (struct hv_nic's 'options' and 'forward'); that they make
 * sense is tested here, once for all hypervisors. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "hvctl/plugin.h"

#define SUBNET "10.0.2.0/24"

/* The parts of the addresses that are the host's, as net/slirp.c in QEMU has
 * them: 10.0.2.2 and so on, and 2.2 of a subnet with a prefix up to 22. */
#define GATEWAY 0x0202
#define DNS 0x0203
#define DHCP 0x020f

/* libslirp's client_hostname[33], which it cuts without a word. */
#define HOSTNAME_MAX 32

/* A subnet, in the byte order of this host. */
struct subnet {
    const char *text;
    uint32_t net, mask;
};

static const struct hv_key keys[] = {
    { "subnet", HV_STRING, SUBNET, "the guest's IPv4 network", false },
    { "dns", HV_STRING, NULL, "where DNS is; else 10.0.2.3", false },
    { "dhcp_start", HV_STRING, NULL, "the guest's; else 10.0.2.15", false },
    { "hostname", HV_STRING, NULL, "what DHCP calls the guest", false },
    { "restrict", HV_BOOL, "no", "no traffic but what is forwarded", false },
    { NULL, 0, NULL, NULL, false },
};

static bool
parse_ipv4 (const char *text, uint32_t *out)
{
    struct in_addr address;

    if (inet_pton (AF_INET, text, &address) != 1) {
        return false;
    }
    *out = ntohl (address.s_addr);
    return true;
}

static const char *
format_ipv4 (struct hv_ctx *ctx, uint32_t address)
{
    return hv_format (ctx, "%u.%u.%u.%u", address >> 24, address >> 16 & 255,
                      address >> 8 & 255, address & 255);
}

/* Not "this host", not loopback, not multicast or reserved. */
static bool
is_usable (uint32_t address)
{
    uint32_t first = address >> 24;

    return first != 0 && first != 127 && first < 224;
}

/* Reads "10.0.2.0/24".  A prefix beyond 27 has no room for the guest's 15. */
static int
parse_subnet (struct hv_ctx *ctx, const char *text, struct subnet *out)
{
    const char *slash = strchr (text, '/');
    char address[INET_ADDRSTRLEN];
    uint64_t bits;

    if (!slash || (size_t)(slash - text) >= sizeof address
        || !parse_uint (slash + 1, &bits) || bits < 8 || bits > 27) {
        return hv_fail (ctx, EINVAL,
                        "subnet = \"%s\" is not an IPv4 network with a prefix "
                        "from 8 to 27, such as " SUBNET,
                        text);
    }
    snprintf (address, sizeof address, "%.*s", (int)(slash - text), text);
    if (!parse_ipv4 (address, &out->net) || !is_usable (out->net)) {
        return hv_fail (ctx, EINVAL,
                        "subnet = \"%s\": no guest can have the IPv4 address "
                        "'%s'",
                        text, address);
    }
    out->text = text;
    out->mask = UINT32_MAX << (32 - bits);
    if (out->net & ~out->mask) {
        return hv_fail (ctx, EINVAL,
                        "subnet = \"%s\" has more address than its prefix: "
                        "write %s/%" PRIu64,
                        text, format_ipv4 (ctx, out->net & out->mask), bits);
    }
    return 0;
}

/* Reads an address that a key may have set; else it is what '*out' is. */
static int
parse_address (struct hv_ctx *ctx, const struct hv_port *port, const char *key,
               uint32_t *out)
{
    const char *text = hv_option (ctx, port->options, key);

    if (text && !parse_ipv4 (text, out)) {
        return hv_fail (ctx, EINVAL, "%s = \"%s\" is not an IPv4 address", key,
                        text);
    }
    return 0;
}

/* Can a host of the subnet have it? */
static bool
is_member (const struct subnet *subnet, uint32_t address)
{
    return (address & subnet->mask) == subnet->net && address != subnet->net
           && address != (subnet->net | ~subnet->mask);
}

/* A guest that is restricted cannot reach a DNS server out of its subnet; any
 * other finds the host's wherever it is said to be. */
static int
check_addresses (struct hv_ctx *ctx, const struct hv_port *port)
{
    const char *text = hv_option (ctx, port->options, "subnet");
    const char *restricted = hv_option (ctx, port->options, "restrict");
    uint32_t gateway, dns, dhcp;
    struct subnet subnet = { 0 };
    bool closed = false;
    int r = parse_subnet (ctx, text ? text : SUBNET, &subnet);

    if (r < 0) {
        return r;
    }
    gateway = subnet.net | (GATEWAY & ~subnet.mask);
    dns = subnet.net | (DNS & ~subnet.mask);
    dhcp = subnet.net | (DHCP & ~subnet.mask);
    if ((r = parse_address (ctx, port, "dns", &dns)) < 0
        || (r = parse_address (ctx, port, "dhcp_start", &dhcp)) < 0) {
        return r;
    }
    if (!is_member (&subnet, dhcp)) {
        return hv_fail (ctx, EINVAL,
                        "dhcp_start is not an address in the subnet %s",
                        subnet.text);
    }
    if (restricted && parse_bool (restricted, &closed) && closed
        && !is_member (&subnet, dns)) {
        return hv_fail (ctx, EINVAL,
                        "dns is not an address in the subnet %s, and restrict "
                        "= yes keeps the guest there",
                        subnet.text);
    }
    if (dns == gateway || dhcp == gateway || dns == dhcp) {
        return hv_fail (ctx, EINVAL,
                        "dns and dhcp_start must differ from each other and "
                        "from the gateway, which is %s",
                        format_ipv4 (ctx, gateway));
    }
    return 0;
}

/* A label or labels of RFC 1123: it becomes part of a DHCP answer and of a
 * hypervisor's argument. */
static int
check_hostname (struct hv_ctx *ctx, const char *name)
{
    size_t len = name ? strlen (name) : 1;

    for (const char *c = name; c && *c; c++) {
        if (!isalnum ((unsigned char)*c) && !strchr ("-.", *c)) {
            len = 0;
        }
    }
    if (len < 1 || len > HOSTNAME_MAX
        || (name && (strchr ("-.", name[0]) || strchr ("-.", name[len - 1])))) {
        return hv_fail (ctx, EINVAL,
                        "hostname = \"%s\" is not a host name of at most %d "
                        "letters, digits, '-' and '.'",
                        name, HOSTNAME_MAX);
    }
    return 0;
}

static bool
parse_port (const char *text)
{
    uint64_t port;

    return text && parse_uint (text, &port) && port >= 1 && port <= 65535;
}

/* Is it "tcp:127.0.0.1:2222:22"?  'rule' is taken apart. */
static bool
is_rule (char *rule)
{
    char *rest = rule;
    const char *proto = strsep (&rest, ":");
    const char *address = strsep (&rest, ":");
    const char *from = strsep (&rest, ":");
    const char *to = strsep (&rest, ":");
    uint32_t ip;

    return (!strcmp (proto, "tcp") || !strcmp (proto, "udp")) && address
           && parse_ipv4 (address, &ip) && parse_port (from) && parse_port (to)
           && !rest;
}

static int
check_forward (struct hv_ctx *ctx, const char *forward)
{
    CLEANUP_FREE char *copy = forward ? strdup (forward) : NULL;
    char *rest = copy, *rule;

    if (forward && !copy) {
        return hv_fail (ctx, ENOMEM, "out of memory");
    }
    while ((rule = strsep (&rest, ","))) {
        const char *text = hv_format (ctx, "%s", rule);

        if (!is_rule (rule)) {
            return hv_fail (ctx, EINVAL,
                            "forward: \"%s\" is not PROTOCOL:ADDRESS:PORT:"
                            "GUEST-PORT, such as tcp:127.0.0.1:2222:22",
                            text);
        }
    }
    return 0;
}

static int
user_check (struct hv_ctx *ctx, const struct hv_port *port, struct hv_nic *out)
{
    int r;

    if (port->queues != 1) {
        return hv_fail (ctx, ENOTSUP,
                        "a user-mode network has one queue, not %u: remove "
                        "'queues' from the NIC, or connect it to a bridge or "
                        "macvtap network",
                        port->queues);
    }
    if (port->mtu) {
        return hv_fail (ctx, ENOTSUP,
                        "a user-mode network has no MTU to choose: remove "
                        "'mtu' from the NIC");
    }
    if ((r = check_addresses (ctx, port)) < 0
        || (r = check_hostname (ctx,
                                hv_option (ctx, port->options, "hostname")))
               < 0
        || (r = check_forward (ctx, out->forward)) < 0) {
        return r;
    }
    out->kind = HV_NIC_USER;
    out->ifname = NULL;
    out->queues = 1;
    out->mtu = 0;
    out->offload = false;
    return 0;
}

static int
user_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    return 0;
}

static int
user_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    return 0;
}

static const struct hv_network network = {
    .size = sizeof network,
    .type = "user",
    .keys = keys,
    .check = user_check,
    .attach = user_attach,
    .detach = user_detach,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "net-user",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "a network inside of the hypervisor, for anyone",
    .network = &network,
};
