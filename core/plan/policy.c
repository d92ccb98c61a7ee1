/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/policy.h"

#include <errno.h>

#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/plan/plan-helper.h"
#include "core/provider/services.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/groups.h"

static const char *const no_groups[] = { NULL };

/* The plugin's own. */
static int
check_calls (struct hvctl *h, const char *who, const struct hv_launch *l,
             struct error *err)
{
    for (size_t i = 0; i < l->calls.n; i++) {
        const struct call_rule *rule = l->calls.p[i];

        if (vec_has (&h->host->deny_calls, rule->name)) {
            return fail (
                err, EPERM,
                "%s asks for the system call %s (%s), which %s "
                "denies (sandbox { deny_calls })",
                who, rule->name, rule->why,
                settings_where (&h->arena, h->host->sandbox, "deny_calls"));
        }
    }
    return 0;
}

static int
check_group (struct hvctl *h, const char *who, const char *name,
             struct error *err)
{
    const struct call_group *group = groups_find (name);

    if (vec_has (&h->host->deny_groups, name)) {
        return fail (
            err, EPERM,
            "%s asks for the system calls of group '%s', which %s "
            "denies (sandbox { deny_groups })",
            who, name,
            settings_where (&h->arena, h->host->sandbox, "deny_groups"));
    }
    for (size_t i = 0; group && i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->nr >= 0 && rule->class <= CALL_STARTUP
            && vec_has (&h->host->deny_calls, rule->name)) {
            return fail (
                err, EPERM,
                "the system call %s, which is of group '%s', is "
                "denied by %s (sandbox { deny_calls })",
                rule->name, name,
                settings_where (&h->arena, h->host->sandbox, "deny_calls"));
        }
    }
    return 0;
}

/* One process. */
static int
check_launch (struct hvctl *h, const char *who, const struct hv_launch *l,
              struct error *err)
{
    const char *const *groups =
        l->groups.n ? (const char *const *)l->groups.p : no_groups;

    if (filter_check (groups, err) < 0) {
        return fail_prefix (err, "%s asks for a denied system call", who);
    }
    if (check_group (h, who, "base", err) < 0) {
        return -err->code;
    }
    for (; *groups; groups++) {
        if (check_group (h, who, *groups, err) < 0) {
            return -err->code;
        }
    }
    return check_calls (h, who, l, err);
}

int
policy_check (struct hvctl *h, const struct plan *plan, struct error *err)
{
    if (check_launch (h, plan->hypervisor->name, &plan->launch, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->nics.n; i++) {
        if (policy_check_nic (h, plan->nics.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
policy_check_nic (struct hvctl *h, const struct plan_nic *n, struct error *err)
{
    return plan_has_helper (n)
               ? check_launch (h, n->plugin->name, &n->helper, err)
               : 0;
}
