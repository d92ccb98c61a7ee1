/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/settings.h"
#include "core/plan/plan-layers.h"

#include "core/config/definition.h"
#include "core/plan/plan-image.h"
#include "core/provider/layers.h"

int
plan_check_layers (struct hvctl *h, struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        struct plan_disk *d = plan->disks.p[i];

        if (layers_check (h, plan->def->name, &d->volume, d->disk.layers,
                          &d->below, &d->below_changed, err)
            < 0) {
            return fail_prefix (err, "%s: disk %s",
                                settings_where (&h->arena, d->def->section,
                                                definition_disk_key (d->def)),
                                d->def->name);
        }
    }
    return plan_image_check (h, plan, err);
}

void
plan_note_layers (struct hvctl *h, const struct plan *plan)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];

        if (d->below_changed) {
            layers_note (h, plan->def->name, &d->volume, &d->below);
        }
    }
}
