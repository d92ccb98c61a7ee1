/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-user: the guest's network is a process, which needs no interface and no
 * privilege: passt, or the hypervisor itself (slirp) where passt is missing or
 * lacks a requested feature.
 *
 * So there is nothing to attach.  For its own network a hypervisor's plugin
 * turns the options into arguments (struct hv_nic's 'options' and 'forward');
 * they are validated here, for all hypervisors. */
#include "plugins/net-user/net-user.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "common/size.h"

#define SUBNET "10.0.2.0/24"

/* The host parts of the addresses, as in net/slirp.c of QEMU: 10.0.2.2 and so
 * on, and 2.2 of a subnet with a prefix up to 22. */
#define GATEWAY 0x0202
#define DNS 0x0203
#define DHCP 0x020f

/* libslirp's client_hostname[33], which truncates silently. */
#define HOSTNAME_MAX 32

/* Limits of passt and of a guest. */
#define MTU_MIN 576
#define MTU_MAX 65520

static const struct hv_key keys[] = {
    { "subnet", HV_STRING, SUBNET, "the guest's IPv4 network", false },
    { "dns", HV_STRING, NULL, "address of the DNS server; default: 10.0.2.3",
      false },
    { "dhcp_start", HV_STRING, NULL, "address of the guest; default: 10.0.2.15",
      false },
    { "hostname", HV_STRING, NULL, "host name that DHCP gives the guest",
      false },
    { "restrict", HV_BOOL, "no", "no traffic except forwarded ports", false },
    { "backend", HV_STRING, "auto", "passt, slirp, or auto", false },
    { NULL, 0, NULL, NULL, false },
};

/* The plugin's own section. */
static const struct hv_key own_keys[] = {
    { "program", HV_PATH, NULL, "path of passt; default: search for it",
      false },
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

const char *
user_address (struct hv_ctx *ctx, uint32_t address)
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
parse_subnet (struct hv_ctx *ctx, const char *text, struct user_network *out)
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
        return hv_fail (
            ctx, EINVAL,
            "subnet = \"%s\": '%s' is not a valid IPv4 address for a guest",
            text, address);
    }
    out->bits = (unsigned)bits;
    out->mask = UINT32_MAX << (32 - bits);
    if (out->net & ~out->mask) {
        return hv_fail (
            ctx, EINVAL,
            "subnet = \"%s\" has bits set beyond its prefix: write %s/%" PRIu64,
            text, user_address (ctx, out->net & out->mask), bits);
    }
    return 0;
}

/* Reads an address that a key may set; otherwise '*out' is kept. */
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

/* Is it a valid address for a host of the subnet? */
static bool
is_member (const struct user_network *n, uint32_t address)
{
    return (address & n->mask) == n->net && address != n->net
           && address != (n->net | ~n->mask);
}

/* A restricted guest cannot reach a DNS server outside its subnet; any other
 * guest finds the host's at whatever address is given. */
static int
check_addresses (struct hv_ctx *ctx, const struct user_network *n)
{
    if (!is_member (n, n->guest)) {
        return hv_fail (ctx, EINVAL,
                        "dhcp_start is not an address in the subnet %s/%u",
                        user_address (ctx, n->net), n->bits);
    }
    if (n->restricted && !is_member (n, n->dns)) {
        return hv_fail (ctx, EINVAL,
                        "dns is not an address in the subnet %s/%u, and "
                        "restrict = yes keeps the guest there",
                        user_address (ctx, n->net), n->bits);
    }
    if (n->dns == n->gateway || n->guest == n->gateway || n->dns == n->guest) {
        return hv_fail (ctx, EINVAL,
                        "dns and dhcp_start must differ from each other and "
                        "from the gateway, which is %s",
                        user_address (ctx, n->gateway));
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

int
user_read (struct hv_ctx *ctx, const struct hv_port *port,
           struct user_network *out)
{
    const char *subnet = hv_option (ctx, port->options, "subnet");
    const char *restricted = hv_option (ctx, port->options, "restrict");
    int r;

    *out = (struct user_network){
        .hostname = hv_option (ctx, port->options, "hostname"),
    };
    if (restricted) {
        parse_bool (restricted, &out->restricted);
    }
    if ((r = parse_subnet (ctx, subnet ? subnet : SUBNET, out)) < 0) {
        return r;
    }
    out->gateway = out->net | (GATEWAY & ~out->mask);
    out->dns = out->net | (DNS & ~out->mask);
    out->guest = out->net | (DHCP & ~out->mask);
    if ((r = parse_address (ctx, port, "dns", &out->dns)) < 0
        || (r = parse_address (ctx, port, "dhcp_start", &out->guest)) < 0
        || (r = check_addresses (ctx, out)) < 0) {
        return r;
    }
    return check_hostname (ctx, out->hostname);
}

static int
check_forward (struct hv_ctx *ctx, const char *forward)
{
    struct forward_rule rule;

    while (forward) {
        int len = (int)strcspn (forward, ",");
        const char *text = forward;

        if (!forward_next (&forward, &rule)) {
            return hv_fail (ctx, EINVAL,
                            "forward: \"%.*s\" is not PROTOCOL:ADDRESS:PORT:"
                            "GUEST-PORT, such as tcp:127.0.0.1:2222:22",
                            len, text);
        }
    }
    return 0;
}

/* Chooses passt or the hypervisor's own network. */
static int
choose_backend (struct hv_ctx *ctx, const struct hv_port *port,
                const struct user_network *n, struct hv_nic *out)
{
    const char *backend = hv_option (ctx, port->options, "backend"), *lacks;

    backend = backend ? backend : "auto";
    out->kind = HV_NIC_USER;
    if (!strcmp (backend, "slirp")) {
        out->why = "backend = slirp";
        return 0;
    }
    if (strcmp (backend, "auto") != 0 && strcmp (backend, "passt") != 0) {
        return hv_fail (ctx, EINVAL,
                        "backend = \"%s\" is not passt, slirp or auto",
                        backend);
    }
    lacks = passt_lacks (ctx, n, out->forward);
    if (!lacks) {
        out->kind = HV_NIC_STREAM;
    } else if (*backend == 'p') {
        return hv_fail (ctx, ENOTSUP, "backend = passt: %s", lacks);
    }
    out->why = lacks;
    return 0;
}

static int
user_check (struct hv_ctx *ctx, const struct hv_port *port, struct hv_nic *out)
{
    struct user_network n;
    int r;

    if (port->queues != 1) {
        return hv_fail (ctx, ENOTSUP,
                        "a user-mode network has one queue, not %u: remove "
                        "'queues' from the NIC, or connect it to a bridge or "
                        "macvtap network",
                        port->queues);
    }
    if ((r = user_read (ctx, port, &n)) < 0
        || (r = check_forward (ctx, out->forward)) < 0
        || (r = choose_backend (ctx, port, &n, out)) < 0) {
        return r;
    }
    if (port->mtu && out->kind == HV_NIC_USER) {
        return hv_fail (ctx, ENOTSUP,
                        "a user-mode network inside the hypervisor has a fixed "
                        "MTU (%s): remove 'mtu' from the NIC",
                        out->why);
    }
    if (port->mtu && (port->mtu < MTU_MIN || port->mtu > MTU_MAX)) {
        return hv_fail (ctx, EINVAL, "mtu = %u is not from %d to %d", port->mtu,
                        MTU_MIN, MTU_MAX);
    }
    out->ifname = NULL;
    out->queues = 1;
    out->mtu = port->mtu;
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
    .helper = passt_helper,
    .settled = passt_settled,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "net-user",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "user-mode networking, without privileges",
    .keys = own_keys,
    .network = &network,
};
