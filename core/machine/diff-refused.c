/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/diff-refused.h"

#include <errno.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/provider/hypervisor.h"

/* A disk whose volume is missing is not in the plan. */
static const struct hv_disk *
disk_of (struct hvctl *h, const struct diff *d, const struct plan *plan,
         const char *name)
{
    const struct disk_def *def = definition_disk (d->def, name);
    struct hv_disk *out;

    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *p = plan->disks.p[i];

        if (!strcmp (p->def->name, name)) {
            return &p->disk;
        }
    }
    if (!def) {
        return NULL;
    }
    out = arena_alloc (&h->arena, sizeof *out);
    *out = (struct hv_disk){ .name = name,
                             .readonly = def->readonly,
                             .cdrom = def->cdrom,
                             .serial = def->serial,
                             .size = def->size,
                             .wwn = def->wwn };
    return out;
}

static const struct hv_nic *
nic_of (const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *p = plan->nics.p[i];

        if (!strcmp (p->def->name, name)) {
            return &p->nic;
        }
    }
    return NULL;
}

static struct hv_change *
change_of (struct hvctl *h, const struct diff *d, const struct plan *plan,
           const struct diff_line *l, const struct hv_change *before)
{
    static const enum hv_change_kind kinds[] = {
        [STEP_DETACH_DISK] = HV_DETACH_DISK, [STEP_DETACH_NIC] = HV_DETACH_NIC,
        [STEP_ATTACH_DISK] = HV_ATTACH_DISK, [STEP_ATTACH_NIC] = HV_ATTACH_NIC,
        [STEP_RESIZE] = HV_RESIZE,
    };
    struct hv_change *c = arena_alloc (&h->arena, sizeof *c);

    *c = (struct hv_change){ .kind = kinds[l->step],
                             .name = l->name,
                             .before = before };
    if (l->step == STEP_ATTACH_DISK) {
        c->disk = disk_of (h, d, plan, l->name);
    } else if (l->step == STEP_ATTACH_NIC) {
        c->nic = nic_of (plan, l->name);
    } else if (l->step == STEP_RESIZE && !strcmp (l->key, "cpus")) {
        c->cpus = (uint32_t)l->size;
    } else if (l->step == STEP_RESIZE) {
        c->memory = l->size;
    }
    return c;
}

/* In the order in which they are made; one that is refused is not made before
 * the others.  A hypervisor that does not answer is not asked again. */
void
diff_refused (struct hvctl *h, struct diff *d, const struct target *t,
              const struct plan *plan)
{
    const struct hv_change *before = NULL;

    for (int step = STEP_DETACH_DISK; step <= STEP_RESIZE; step++) {
        for (size_t i = 0; i < d->lines.n; i++) {
            struct diff_line *l = d->lines.p[i];
            struct hv_change *c;
            struct error err = { 0 };

            if ((int)l->step != step || l->when != DIFF_NOW) {
                continue;
            }
            c = change_of (h, d, plan, l, before);
            if (hypervisor_can_change (t->plugin, &t->vm, c, &err) == 0) {
                before = c;
            } else if (err.code == ENOTSUP) {
                l->when = DIFF_AT_START;
                l->why = arena_dup (&h->arena, err.text);
            } else {
                return;
            }
        }
    }
}
