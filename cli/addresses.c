/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/addresses.h"

#include <stdlib.h>
#include <string.h>

#include "cli/leases.h"
#include "cli/neighbours.h"
#include "common/mac.h"
#include "core/base/clock.h"
#include "core/base/output.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/machine/agent-address.h"

#define AGENT_TIME 2000 /* ms */

/* Of a network. */
struct server {
    const char *network;
    struct vec leases; /* struct lease * */
};

static int
by_rank (const void *x, const void *y)
{
    const struct neighbour *const *a = x, *const *b = y;

    return (*a)->rank != (*b)->rank ? ((*a)->rank < (*b)->rank ? -1 : 1)
                                    : strcmp ((*a)->address, (*b)->address);
}

static void
read_leases (struct cli *c, const struct hv_options *network,
             struct addresses *out)
{
    const struct setting *set = settings_find (network, "leases");
    struct server *s;
    struct error err = { 0 };
    const char *path;

    if (!set) {
        return;
    }
    s = arena_alloc (out->arena, sizeof *s);
    *s = (struct server){ .network = network->name };
    path = settings_path (out->arena, set->file, set->value);
    if (leases_read (out->arena, path, &s->leases, &err) < 0) {
        if (!out->quiet) {
            hvctl_warn ("%s: leases of network %s: %s: %s",
                        settings_where (out->arena, network, "leases"),
                        network->name, path, err.text);
        }
        return;
    }
    vec_add (&c->h.arena, &out->servers, s);
}

void
addresses_read (struct cli *c, struct addresses *out)
{
    const struct vec *networks = &c->h.host->networks;

    out->arena = &c->h.arena;
    neighbours_read (out->arena, &out->neighbours);
    if (out->neighbours.n) {
        qsort (out->neighbours.p, out->neighbours.n, sizeof *out->neighbours.p,
               by_rank);
    }
    for (size_t i = 0; i < networks->n; i++) {
        read_leases (c, networks->p[i], out);
    }
}

const struct addresses *
addresses_known (struct cli *c)
{
    if (!c->addresses) {
        c->addresses = arena_alloc (&c->h.arena, sizeof *c->addresses);
        addresses_read (c, c->addresses);
    }
    return c->addresses;
}

void
addresses_ask (struct cli *c, const char *name, struct addresses *all)
{
    struct error err = { 0 };

    all->agent = (struct vec){ 0 };
    if (agent_address_read (&c->h, name, now_ms () + AGENT_TIME, &all->agent,
                            &err)
            < 0
        && err.exit_code != EXIT_UNSUPPORTED
        && err.exit_code != EXIT_NOT_RUNNING && !all->quiet) {
        hvctl_warn ("%s", err.text);
    }
}

const struct addresses *
addresses_of_vm (struct cli *c, const char *name)
{
    addresses_known (c);
    addresses_ask (c, name, c->addresses);
    return c->addresses;
}

/* Unless it is there. */
static void
add (const struct addresses *all, const char *text, const char *source,
     struct vec *out)
{
    struct address *new;

    for (size_t i = 0; i < out->n; i++) {
        const struct address *a = out->p[i];

        if (!strcmp (a->text, text)) {
            return;
        }
    }
    new = arena_alloc (all->arena, sizeof *new);
    *new = (struct address){ .text = text, .source = source };
    vec_add (all->arena, out, new);
}

void
addresses_of (const struct addresses *all, const struct nic_def *nic,
              struct vec *out)
{
    char mac[MAC_TEXT];

    format_mac (nic->mac, mac);
    for (size_t i = 0; i < all->agent.n; i++) {
        const struct agent_address *g = all->agent.p[i];

        if (!strcmp (g->mac, mac)) {
            add (all, g->text, "agent", out);
        }
    }
    for (size_t i = 0; i < all->servers.n; i++) {
        const struct server *s = all->servers.p[i];

        for (size_t k = s->leases.n; k-- > 0;) {
            const struct lease *l = s->leases.p[k];

            if (nic->network && !strcmp (s->network, nic->network)
                && !strcmp (l->mac, mac)) {
                add (all, l->address, "lease", out);
            }
        }
    }
    for (size_t i = 0; i < all->neighbours.n; i++) {
        const struct neighbour *n = all->neighbours.p[i];

        if (!strcmp (n->mac, mac)) {
            add (all, n->address, "neighbour", out);
        }
    }
}

const char *
addresses_find (const struct addresses *all, const struct nic_def *nic)
{
    struct vec found = { 0 };

    addresses_of (all, nic, &found);
    return found.n ? ((const struct address *)found.p[0])->text : NULL;
}
