/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-helper.h"

#include <errno.h>

#include "core/provider/network.h"

bool
plan_has_helper (const struct plan_nic *n)
{
    return n->nic.kind == HV_NIC_STREAM && network_has_helper (n->plugin);
}

int
plan_describe_helper (struct hvctl *h, struct plan_nic *n, struct error *err)
{
    if (!plan_has_helper (n)) {
        return 0;
    }
    if (network_helper (n->plugin, &n->port, &n->nic, &n->helper, err) < 0) {
        return -err->code;
    }
    if (!n->helper.argv.n || n->helper.lent.n) {
        return fail (err, EIO,
                     n->helper.argv.n
                         ? "nic %s: the process of plugin %s asks for brokered "
                           "files, which only hypervisors can have"
                         : "nic %s: plugin %s described no process",
                     n->def->name, n->plugin->name);
    }
    return 0;
}
