/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/preflight.h"

#include "core/machine/helper.h"
#include "core/machine/launch.h"
#include "core/machine/saved-check.h"
#include "core/machine/sockets.h"
#include "core/plan/plan-clash.h"
#include "core/plan/plan-helper.h"
#include "core/plan/policy.h"
#include "core/sandbox/jail-plan.h"
#include "core/sandbox/jail.h"

/* Nothing is open yet. */
static const int no_streams[] = { -1, -1, -1 };
static const struct launch_given nothing = { .streams = no_streams };

static int
check_hypervisor (struct hvctl *h, const struct plan *plan,
                  enum sandbox_mode mode, struct error *err)
{
    struct jail jail = launch_jail_of (plan, 0, mode);

    launch_jail (h, plan->hypervisor, &plan->launch, &nothing, &jail);
    return jail_foresee (&jail, err);
}

static int
check_helper (struct hvctl *h, const struct plan_nic *n, enum sandbox_mode mode,
              struct error *err)
{
    struct jail jail = helper_jail (n, 0, mode);

    launch_jail (h, n->plugin, &n->helper, &nothing, &jail);
    return jail_foresee (&jail, err) < 0
               ? fail_prefix (err, "nic %s", n->def->name)
               : 0;
}

/* What a hypervisor would say of it names neither the disk nor the file. */
static int
check_files (struct hvctl *h, const struct plan *plan, struct error *err)
{
    struct problems p = { .arena = &h->arena };
    struct vec plans = { 0 };

    vec_add (&h->arena, &plans, plan);
    plan_clash (&plans, &p);
    if (problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
    }
    return -err->code;
}

int
preflight (struct hvctl *h, const struct plan *plan, enum sandbox_mode mode,
           struct error *err)
{
    if (policy_check (h, plan, err) < 0 || sockets_check (plan, err) < 0
        || saved_check_disks (h, plan, err) < 0
        || check_files (h, plan, err) < 0
        || check_hypervisor (h, plan, mode, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (plan_has_helper (n) && check_helper (h, n, mode, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}
