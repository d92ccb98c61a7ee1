/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/reach.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/forward.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define SSH 22

int
reach_load (struct cli *c, const char *name, struct definition **def,
            struct error *err)
{
    struct vm_state s;

    state_read (&c->h, name, &s);
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (&c->h, &s, err);
    }
    if (definition_load (&c->h, name, def, err) < 0) {
        return -err->code;
    }
    return s.run > RUN_STALE
               ? 0
               : fail_exit (err, EXIT_NOT_RUNNING, ESRCH,
                            "%s is not running (hvctl start %s)", name, name);
}

static void
add (const struct addresses *all, const char *host, unsigned port,
     struct vec *out)
{
    struct endpoint *e = arena_alloc (all->arena, sizeof *e);

    *e =
        (struct endpoint){ .host = arena_dup (all->arena, host), .port = port };
    vec_add (all->arena, out, e);
}

/* A forward that listens everywhere is reached at the loopback address. */
static void
add_forwards (const struct addresses *all, const struct nic_def *n,
              struct vec *out)
{
    const char *rest = n->forward;
    struct forward_rule rule;

    while (rest && forward_next (&rest, &rule)) {
        if (!rule.udp && rule.to == SSH) {
            add (all,
                 strcmp (rule.address, "0.0.0.0") != 0 && *rule.address
                     ? rule.address
                     : "127.0.0.1",
                 rule.from, out);
        }
    }
}

void
reach_endpoints (const struct addresses *all, const struct definition *def,
                 struct vec *out)
{
    for (size_t i = 0; i < def->nics.n; i++) {
        add_forwards (all, def->nics.p[i], out);
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        struct vec found = { 0 };

        addresses_of (all, def->nics.p[i], &found);
        for (size_t k = 0; k < found.n; k++) {
            add (all, ((const struct address *)found.p[k])->text, SSH, out);
        }
    }
}

static int
connect_to (const struct endpoint *e)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                    .ai_socktype = SOCK_STREAM };
    CLEANUP_CLOSE int fd = -1;
    struct addrinfo *info;
    char port[8];

    snprintf (port, sizeof port, "%u", e->port);
    if (getaddrinfo (e->host, port, &hints, &info) != 0) {
        return -1;
    }
    fd =
        socket (info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect (fd, info->ai_addr, info->ai_addrlen) < 0
        && errno != EINPROGRESS) {
        close_fd (fd);
        fd = -1;
    }
    freeaddrinfo (info);
    return steal_fd (&fd);
}

/* passt and QEMU accept a connection whether the guest listens or not: only the
 * server's greeting (RFC 4253, 4.2) counts. */
static bool
answers (const struct endpoint *e, int64_t until)
{
    CLEANUP_CLOSE int fd = connect_to (e);
    char greeting[4];
    size_t used = 0;

    while (fd >= 0 && used < sizeof greeting) {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        int64_t left = until - now_ms ();
        ssize_t n;

        if (left <= 0 || poll (&p, 1, (int)left) <= 0) {
            return false;
        }
        n = recv (fd, greeting + used, sizeof greeting - used, 0);
        if (n <= 0) {
            return false;
        }
        used += (size_t)n;
    }
    return fd >= 0 && !memcmp (greeting, "SSH-", sizeof greeting);
}

const struct endpoint *
reach_ssh (const struct vec *endpoints, int64_t ms)
{
    int64_t until = now_ms () + ms;

    for (size_t i = 0; i < endpoints->n; i++) {
        /* None takes the time of those after it. */
        int64_t share = (until - now_ms ()) / (int64_t)(endpoints->n - i);

        if (answers (endpoints->p[i], now_ms () + share)) {
            return endpoints->p[i];
        }
    }
    return NULL;
}

static bool
is_user_mode (struct cli *c, const struct nic_def *n)
{
    const struct hv_options *network = host_network (&c->h, n->network);

    return network && !strcmp (settings_get (network, "type"), "user");
}

int
reach_nowhere (struct cli *c, const struct definition *def, struct error *err)
{
    bool seen = false;

    for (size_t i = 0; i < def->nics.n; i++) {
        seen |= !is_user_mode (c, def->nics.p[i]);
    }
    return fail_exit (
        err, EXIT_NOT_FOUND, ENOENT,
        !def->nics.n ? "no address of %s is known: it has no NIC (hvctl "
                       "attach-nic adds one)"
        : seen       ? "no address of %s is known: neither the leases of its "
                       "network (key 'leases' in hvctl.conf) nor this host's "
                       "neighbour table have its MAC addresses"
                     : "no address of %s is known: the host does not see into "
                       "user-mode networks (the NIC's key 'forward' leads into "
                       "them)",
        def->name);
}
