/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The common parts of plugins that create an interface; see port.h. */
#include "plugins/common/port.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/size.h"

#define MTU_MIN 68    /* RFC 791 */
#define MTU_MAX 65521 /* Of a tap: 65535 less the header. */
#define MAX_OWNER 100
#define MAX_QUEUES 256 /* MAX_TAP_QUEUES in the kernel. */

int
port_connect (struct hv_ctx *ctx, struct netlink *nl)
{
    if (netlink_open (nl, hv_remaining (ctx)) < 0) {
        return hv_fail (ctx, nl->error, "cannot reach rtnetlink: %s",
                        nl->reason);
    }
    return 0;
}

/* The end of a long alias is the most informative part: an alias has 255
 * bytes. */
static const char *
owner_suffix (struct hv_ctx *ctx)
{
    const char *owner = hv_owner (ctx);
    size_t len = owner ? strlen (owner) : 0;

    return !owner
               ? ""
               : hv_format (ctx, "@%s",
                            len > MAX_OWNER ? owner + len - MAX_OWNER : owner);
}

const char *
port_mark (struct hv_ctx *ctx, const struct hv_port *port)
{
    return hv_format (ctx, "hvctl:%s/%s%s", port->vm, port->name,
                      owner_suffix (ctx));
}

bool
port_mark_is_ours (struct hv_ctx *ctx, const char *mark)
{
    return !strcmp (strchrnul (mark, '@'), owner_suffix (ctx));
}

int
port_mtu (struct hv_ctx *ctx, const struct hv_port *port, uint32_t *mtu)
{
    const char *text = hv_option (ctx, port->options, "mtu");
    uint64_t wanted = port->mtu;

    if (!wanted && text && !parse_uint (text, &wanted)) {
        return hv_fail (ctx, EINVAL, "mtu = '%s' is not a number", text);
    }
    if (wanted && (wanted < MTU_MIN || wanted > MTU_MAX)) {
        return hv_fail (
            ctx, EINVAL,
            "an MTU of %llu is not possible: it must be from %d to %d",
            (unsigned long long)wanted, MTU_MIN, MTU_MAX);
    }
    *mtu = (uint32_t)wanted;
    return 0;
}

int
port_queues (struct hv_ctx *ctx, const struct hv_port *port)
{
    if (port->queues < 1 || port->queues > MAX_QUEUES) {
        return hv_fail (ctx, EINVAL,
                        "%u queues are not possible: a tap has from 1 to %d",
                        port->queues, MAX_QUEUES);
    }
    return 0;
}

/* Does our user namespace, or a descendant of it, own this network namespace?
 * Otherwise the kernel fails with EPERM. */
static bool
namespace_is_ours (void)
{
    CLEANUP_CLOSE int ns = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    CLEANUP_CLOSE int owner = -1;

    if (ns < 0) {
        return true; /* Without /proc the kernel will report it. */
    }
    owner = ioctl (ns, NS_GET_USERNS);
    return owner >= 0 || errno != EPERM;
}

int
port_forbidden (struct hv_ctx *ctx, int err)
{
    return hv_fail (ctx, err,
                    "creating a network interface needs root, or CAP_NET_ADMIN "
                    "in this network namespace: run hvctl as root, or give the "
                    "NIC the network 'user'");
}

int
port_permission (struct hv_ctx *ctx)
{
    struct __user_cap_header_struct header = {
        .version = _LINUX_CAPABILITY_VERSION_3
    };
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

    if (syscall (SYS_capget, &header, data) < 0) {
        return hv_fail (ctx, errno, "cannot read hvctl's capabilities: %m");
    }
    if (!(data[CAP_TO_INDEX (CAP_NET_ADMIN)].effective
          & CAP_TO_MASK (CAP_NET_ADMIN))
        || !namespace_is_ours ()) {
        return port_forbidden (ctx, EPERM);
    }
    return 0;
}

int
port_name_taken (struct hv_ctx *ctx, const struct netlink_link *link)
{
    return hv_fail (ctx, EEXIST,
                    "the interface name '%s' is taken by %s%s%s%s"
                    "%s: remove that interface (ip link delete %s) if nothing "
                    "uses it",
                    link->name, *link->kind ? "a " : "an interface", link->kind,
                    *link->alias ? " with the alias '" : "", link->alias,
                    *link->alias ? "'" : "", link->name);
}

int
port_name_free (struct hv_ctx *ctx, struct netlink *nl,
                const struct hv_port *port)
{
    struct netlink_link link;
    int r = netlink_get (nl, port->ifname, &link);

    if (r == -ENODEV
        || (r == 0 && !strcmp (link.alias, port_mark (ctx, port)))) {
        return 0;
    }
    if (r < 0) {
        return hv_fail (ctx, -r, "cannot query the interface '%s': %s",
                        port->ifname, nl->reason);
    }
    return port_name_taken (ctx, &link);
}

int
port_delete (struct hv_ctx *ctx, const struct hv_port *port, const char *what,
             port_owner *is_ours)
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
        return hv_fail (ctx, -r, "cannot query the interface '%s': %s",
                        port->ifname, nl.reason);
    }
    if (!is_ours (ctx, &nl, port, &link)) {
        hv_log (ctx, HV_INFO,
                "the interface '%s' was not created by hvctl, and is kept",
                link.name);
        return 0;
    }
    r = netlink_delete (&nl, link.index);
    if (r < 0 && r != -ENODEV) { /* It may disappear by itself in the
                                  * meantime. */
        return hv_fail (ctx, -r, "cannot remove the %s '%s': %s", what,
                        link.name, nl.reason);
    }
    return 0;
}
