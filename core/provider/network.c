/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/network.h"

#include <errno.h>

#include "core/base/arena.h"
#include "core/provider/answer.h"
#include "core/provider/provider-call.h"

static const char *
nic_text (const struct plugin *p, const struct hv_port *port)
{
    return arena_format (&p->h->arena, "nic %s", port->name);
}

int
network_check (struct plugin *p, const struct hv_port *port, struct hv_nic *out,
               struct error *err)
{
    CALL_AND (SHORT, "check", nic_text (p, port),
              p->network.check (&p->ctx, port, out),
              answer_nic (&p->h->arena, port, out));
}

static int
attach (struct plugin *p, const struct hv_port *port, int fds[],
        struct error *err)
{
    CALL (NORMAL, "attach", nic_text (p, port),
          p->network.attach (&p->ctx, port, fds));
}

int
network_attach (struct plugin *p, const struct hv_port *port,
                const struct hv_nic *nic, int fds[], struct error *err)
{
    int rc = attach (p, port, fds, err);
    const char *wrong =
        rc == 0 ? answer_fds (&p->h->arena, nic, port->queues, fds) : NULL;

    if (wrong) {
        return provider_done (p, "attach", nic_text (p, port), 0, wrong, err);
    }
    return rc;
}

int
network_ready (struct plugin *p, const struct hv_port *port, struct error *err)
{
    if (!p->network.ready) {
        return 0;
    }
    CALL (NORMAL, "ready", nic_text (p, port),
          p->network.ready (&p->ctx, port));
}

int
network_detach (struct plugin *p, const struct hv_port *port, struct error *err)
{
    CALL (NORMAL, "detach", nic_text (p, port),
          p->network.detach (&p->ctx, port));
}

bool
network_has_sweep (const struct plugin *p)
{
    return p->network.sweep != NULL;
}

int
network_sweep (struct plugin *p, const struct hv_options *network,
               const char *const live[], struct error *err)
{
    if (!p->network.sweep) {
        return 0;
    }
    CALL (SHORT, "sweep", NULL, p->network.sweep (&p->ctx, network, live));
}

bool
network_has_helper (const struct plugin *p)
{
    return p->network.helper != NULL;
}

int
network_helper (struct plugin *p, const struct hv_port *port,
                const struct hv_nic *nic, struct hv_launch *out,
                struct error *err)
{
    CALL_AND (SHORT, "helper", nic_text (p, port),
              p->network.helper (&p->ctx, port, nic, out),
              answer_helper (&p->h->arena, port, out));
}

int
network_settled (struct plugin *p, const struct hv_port *port, int pid,
                 struct error *err)
{
    CALL (NORMAL, "settled", nic_text (p, port),
          p->network.settled (&p->ctx, port, pid));
}
