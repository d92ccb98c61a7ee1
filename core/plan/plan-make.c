/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-make.h"

#include <errno.h>
#include <string.h>

#include "core/config/problem.h"
#include "core/plan/choose.h"
#include "core/plan/named.h"
#include "core/plan/plan-helper.h"
#include "core/plan/plan-layers.h"
#include "core/plan/resolve.h"
#include "core/plan/seed.h"
#include "core/provider/facts.h"
#include "core/provider/hypervisor.h"
#include "core/provider/network.h"
#include "core/provider/services.h"
#include "core/state/state.h"

/* Everything that is missing for a plan, so that one run reports all of it. */
struct missing {
    bool explain; /* It is kept with the role instead. */
    struct problems all;
    struct error first;
};

static void
note (struct missing *m, struct plan *plan, struct error *err)
{
    if (m->explain && plan->roles.n) {
        ((struct role *)plan->roles.p[plan->roles.n - 1])->err = *err;
        return;
    }
    if (!m->first.code) {
        m->first = *err;
    }
    fail_prefix (err, "%s", plan->def->name);
    if (!vec_has (&m->all.lines, err->text)) {
        vec_add (m->all.arena, &m->all.lines,
                 arena_dup (m->all.arena, err->text));
    }
    memset (err, 0, sizeof *err);
}

static int
resolve_all (struct hvctl *h, struct plan *plan, bool explain,
             struct error *err)
{
    const struct definition *def = plan->def;
    struct missing m = { .explain = explain, .all = { .arena = &h->arena } };
    size_t n = def->disks.n + def->nics.n;

    if (!explain && named_check_boot (h, def, err) < 0) {
        note (&m, plan, err);
    }
    if (seed_make (h, plan, err) < 0) {
        note (&m, plan, err);
    }
    for (size_t i = 0; i < n + 2 && m.first.code != EINTR; i++) {
        int rc;

        if (i == n) {
            seed_add (h, plan);
        }
        rc = i < def->disks.n ? resolve_disk (h, plan, def->disks.p[i], err)
             : i < n ? resolve_nic (h, plan, def->nics.p[i - def->disks.n], err)
             : i == n ? choose_hypervisor (h, plan, explain, err)
             : plan->hypervisor && plan->vm.uefi
                 ? resolve_firmware (h, plan, explain, err)
                 : 0;

        if (rc < 0) {
            note (&m, plan, err);
        }
    }
    if (!m.first.code) {
        return 0;
    }
    problem_fail (&m.all, err);
    err->code = m.first.code;
    err->exit_code = m.first.exit_code;
    return -err->code;
}

static void
apply_choice (struct hvctl *h, struct plan *plan)
{
    plan->vm.machine = plan->choice.machine;
    plan->vm.accelerator = plan->choice.accelerator;
    plan->vm.cpu = plan->choice.cpu;
    plan->vm.saved = plan->def->saved;
    if (plan->firmware) {
        if (plan->image.vars_template) {
            plan->image.vars = arena_format (
                &h->arena, "%s/vars.fd", state_keep_dir (h, plan->def->name));
        }
        plan->vm.firmware = &plan->image;
    }
}

/* The processes that serve NICs, as commands that a person could run. */
static int
describe_beside (struct hvctl *h, struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        struct plan_nic *n = plan->nics.p[i];
        struct hv_launch *l;

        if (!plan_has_helper (n)) {
            continue;
        }
        l = arena_alloc (&h->arena, sizeof *l);
        l->by_path = true;
        if (network_helper (n->plugin, &n->port, &n->nic, l, err) < 0) {
            return -err->code;
        }
        vec_add (&h->arena, &plan->beside, l);
    }
    return 0;
}

int
plan_make (struct hvctl *h, struct definition *def, enum plan_depth depth,
           struct plan **out, struct error *err)
{
    struct plan *plan = arena_alloc (&h->arena, sizeof *plan);
    bool explain = depth == PLAN_RESOLVE;

    plan->def = def;
    *out = plan;
    if (resolve_all (h, plan, explain, err) < 0) {
        return -err->code;
    }
    if (!plan->hypervisor) {
        return 0;
    }
    apply_choice (h, plan);
    if (explain) {
        return 0;
    }
    if (plan_check_layers (h, plan, err) < 0
        || (plan->firmware && named_check_firmware (h, plan, err) < 0)) {
        return fail_prefix (err, "%s", def->name);
    }
    if (hypervisor_describe (plan->hypervisor, &plan->vm, &plan->launch, err)
        < 0) {
        return fail_prefix (err, "%s", def->name);
    }
    if (depth == PLAN_COMMAND) {
        plan->vm.by_path = plan->command.by_path = true;
        if (hypervisor_describe (plan->hypervisor, &plan->vm, &plan->command,
                                 err)
            < 0) {
            return fail_prefix (err, "%s", def->name);
        }
        plan->vm.by_path = false;
        if (describe_beside (h, plan, err) < 0) {
            return fail_prefix (err, "%s", def->name);
        }
    }
    return 0;
}

bool
plan_anew (struct hvctl *h, struct plan **plan, struct error *err)
{
    const struct plan *old = *plan;
    struct error why = { 0 };
    struct plan *new;

    if (strcmp (old->choice.accelerator, "kvm") != 0
        || !facts_were_wrong (h, old->hypervisor, old->def->arch,
                              old->program)) {
        return false;
    }
    hvctl_debug (h, "%s: %s", old->def->name, err->text);
    if (plan_make (h, old->def, PLAN_FULL, &new, &why) < 0) {
        *err = why;
        return false;
    }
    if (!strcmp (new->choice.accelerator, "kvm")) {
        return false;
    }
    *plan = new;
    return true;
}
