/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ports are tried as passt and QEMU bind them, with SO_REUSEADDR, and released
 * at once.  Another program may still take one first: then passt or QEMU
 * reports it. */

#include "core/machine/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/forward.h"

/* Ports below this number are privileged, and no process in a jail can bind
 * them. */
#define FIRST_PORT "/proc/sys/net/ipv4/ip_unprivileged_port_start"

static unsigned
first_port (void)
{
    CLEANUP_CLOSE int fd = open (FIRST_PORT, O_RDONLY | O_CLOEXEC);
    char text[16] = "";

    return fd >= 0 && read (fd, text, sizeof text - 1) > 0
               ? (unsigned)strtoul (text, NULL, 10)
               : 0;
}

/* Returns 0 or a negative errno value. */
static int
try_rule (const struct forward_rule *rule)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons ((uint16_t)rule->from) };
    CLEANUP_CLOSE int fd = socket (
        AF_INET, (rule->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    int on = 1;

    if (rule->from < first_port ()) {
        return -EACCES;
    }
    if (fd < 0 || inet_pton (AF_INET, rule->address, &address.sin_addr) != 1) {
        return 0;
    }
    setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind (fd, (struct sockaddr *)&address, sizeof address) < 0 ? -errno
                                                                      : 0;
}

static int
explain (const struct plan_nic *n, const struct forward_rule *rule, int code,
         struct error *err)
{
    const char *proto = rule->udp ? "udp" : "tcp";

    switch (code) {
    case EADDRINUSE:
        return fail (err, code,
                     "nic %s: port %u (%s) of %s is in use, so it cannot be "
                     "forwarded to the guest: stop the program that uses it "
                     "(see 'ss -lnp'), or choose another port in 'forward'",
                     n->def->name, rule->from, proto, rule->address);
    case EADDRNOTAVAIL:
        return fail (err, code,
                     "nic %s: %s is not an address of this host, so its port "
                     "%u (%s) cannot be forwarded to the guest: choose another "
                     "address in 'forward'",
                     n->def->name, rule->address, rule->from, proto);
    case EACCES:
        return fail (
            err, code,
            "nic %s: port %u (%s) of %s is privileged, and sandboxed processes "
            "cannot bind it: choose a port from %u on in 'forward', or lower "
            "net.ipv4.ip_unprivileged_port_start (sysctl)",
            n->def->name, rule->from, proto, rule->address, first_port ());
    default:
        return 0; /* passt or QEMU will report it. */
    }
}

int
forward_check (const struct plan_nic *n, struct error *err)
{
    const char *rules = n->nic.forward;
    struct forward_rule rule;

    while (rules && forward_next (&rules, &rule)) {
        int code = -try_rule (&rule);

        if (code && explain (n, &rule, code, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}
