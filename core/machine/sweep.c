/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removes ports of VMs that no longer exist from networks; see sweep.h. */
#include "core/machine/sweep.h"

#include <string.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/file.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/plan/resolve.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/network.h"
#include "core/state/others.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* The UUIDs of all VMs that run, or are being started. */
static void
list_live (struct hvctl *h, struct vec *live)
{
    struct vec names = { 0 };

    vec_add (&h->arena, live, NULL);
    live->n = 0; /* Even of none, it has its end. */
    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct vm_state s;

        state_read (h, names.p[i], &s);
        if (s.run > RUN_STALE && s.uuid) {
            vec_add (&h->arena, live, s.uuid);
        }
    }
}

/* Returns whether it was done.  If not, it is done another time. */
static bool
sweep (struct hvctl *h, struct plugin *p, const struct hv_options *network,
       const struct vec *live, struct error *err)
{
    if (resolve_check_section (h, network, p->network.keys, err) < 0
        || network_sweep (p, network, (const char *const *)live->p, err) < 0) {
        hvctl_debug (h, "network %s: %s", network->name, err->text);
        return false;
    }
    return true;
}

static bool
sweep_network (struct hvctl *h, const struct hv_options *network,
               const struct vec *live, struct error *err)
{
    const char *type = settings_get (network, "type");
    bool all = true;

    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];

        if (p->has_network && !p->broken && !strcmp (p->network.type, type)) {
            all = sweep (h, p, network, live, err) && all;
        }
    }
    return all;
}

static bool
sweep_all (struct hvctl *h, struct error *err)
{
    struct vec live = { 0 };

    loader_load (h);
    list_live (h, &live);
    for (size_t i = 0; i < h->host->networks.n; i++) {
        if (!sweep_network (h, h->host->networks.p[i], &live, err)) {
            return false;
        }
    }
    return true;
}

void
sweep_once (struct hvctl *h)
{
    const char *stamp = arena_format (&h->arena, "%s/swept", h->host->run_dir);
    const char *late =
        arena_format (&h->arena, "%s/" LATE_FILE, h->host->run_dir);
    struct error err = { 0 };
    bool done;

    if (access (stamp, F_OK) == 0
        || file_make_dirs (h->host->run_dir, 0755, &err) < 0
        || !others_begin (h, false, late)) {
        return;
    }
    done = sweep_all (h, &err);
    others_end (h, late, others_late (h, &err));
    if (!done) {
        return;
    }
    if (file_write (stamp, 0600, "", &err) < 0) {
        hvctl_debug (h, "%s", err.text);
    }
}

void
sweep_again (struct hvctl *h)
{
    unlink (arena_format (&h->arena, "%s/swept", h->host->run_dir));
    unlink (arena_format (&h->arena, "%s/late", h->host->run_dir));
}

/* Is it the network of a NIC before the 'n'th? */
static bool
is_done (const struct plan *plan, size_t n)
{
    const struct plan_nic *nic = plan->nics.p[n];

    for (size_t i = 0; i < n; i++) {
        const struct plan_nic *other = plan->nics.p[i];

        if (other->port.options == nic->port.options) {
            return true;
        }
    }
    return false;
}

void
sweep_used (struct hvctl *h, const struct plan *plan)
{
    struct error ignored = { 0 };
    struct vec live = { 0 };

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (!n->port.options || is_done (plan, i)
            || !network_has_sweep (n->plugin)) {
            continue;
        }
        if (!live.p) {
            list_live (h, &live);
        }
        sweep (h, n->plugin, n->port.options, &live, &ignored);
    }
}
