/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Taps; see tap.h. */
#include "plugins/common/tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "plugins/common/port.h"

#define TUN "/dev/net/tun"

/* Explains why /dev/net/tun cannot be opened, from errno. */
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
                        TUN ": %m: run hvctl as root, give this user access to "
                            "the device, or give the NIC the network 'user'");
    }
    return hv_fail (ctx, err, "cannot open " TUN ": %m");
}

int
tap_possible (struct hv_ctx *ctx)
{
    return faccessat (AT_FDCWD, TUN, R_OK | W_OK, AT_EACCESS) < 0 ? no_tun (ctx)
                                                                  : 0;
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
    return hv_fail (ctx, err, "the kernel refused to create the tap '%s': %m",
                    port->ifname);
}

/* Opens one queue of the tap; the first creates it.  Without IFF_TUN_EXCL the
 * kernel would give us an existing persistent tap of this name. */
static int
open_queue (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
            bool header, bool first, int *out)
{
    CLEANUP_CLOSE int fd = -1;
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI };

    fd = open (TUN, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return no_tun (ctx);
    }
    if (header) {
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

int
tap_open (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
          bool header, int fds[])
{
    int r = 0;

    if (strlen (port->ifname) >= IFNAMSIZ) {
        return hv_fail (ctx, ENAMETOOLONG,
                        "the interface name '%s' is longer than %d bytes",
                        port->ifname, IFNAMSIZ - 1);
    }
    for (uint32_t n = 0; r == 0 && n < port->queues; n++) {
        r = open_queue (ctx, nl, port, header, n == 0, &fds[n]);
    }
    if (r < 0) {
        tap_close (port, fds);
    }
    return r;
}

void
tap_close (const struct hv_port *port, int fds[])
{
    for (uint32_t n = port->queues; n > 0; n--) {
        close_fd (fds[n - 1]);
        fds[n - 1] = -1;
    }
}

void
tap_mac (const struct hv_port *port, uint8_t mac[6])
{
    const char *const parts[] = { port->vm_uuid, port->name, port->ifname };
    uint64_t h = HASH_START;

    for (size_t i = 0; i < ARRAY_SIZE (parts); i++) {
        const char *part = parts[i] ? parts[i] : "";

        h = hash_bytes (hash_bytes (h, part, strlen (part)), "/", 1);
    }
    mac[0] = 0xfe;
    for (size_t i = 1; i < 6; i++) {
        mac[i] = (uint8_t)(h >> (8 * i));
    }
    if (!memcmp (mac, port->mac, 6)) {
        mac[5] ^= 1;
    }
}

static bool
is_ours (struct hv_ctx *ctx, struct netlink *nl, const struct hv_port *port,
         const struct netlink_link *link)
{
    (void)nl;
    return !strcmp (link->kind, "tun")
           && !strcmp (link->alias, port_mark (ctx, port));
}

int
tap_delete (struct hv_ctx *ctx, const struct hv_port *port)
{
    return port_delete (ctx, port, "tap", is_ours);
}
