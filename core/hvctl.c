/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/hvctl.h"

#include "core/config/definition-text.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/machine/changing-volume.h"
#include "core/machine/leftover.h"
#include "core/provider/loader.h"
#include "core/state/state-changes.h"

int
hvctl_open (struct hvctl *h, const char *conf, struct error *err)
{
    return host_load (h, conf, err);
}

int
hvctl_open_despite (struct hvctl *h, const char *conf, struct error *err)
{
    return host_load_despite (h, conf, err);
}

void
hvctl_close (struct hvctl *h)
{
    loader_close (h);
    changing_let_go (h);
    if (h->host && h->changes) {
        state_tidy_changes (h);
    }
    fleet_forget (h);
    definition_text_forget (h);
    leftover_forget (h);
    arena_free (&h->arena);
}
