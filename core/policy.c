/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/policy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/filter.h"
#include "core/groups.h"
#include "core/helper.h"
#include "core/host.h"
#include "core/state.h"
#include "core/violation.h"

static const char *const no_groups[] = { NULL };

static bool
is_in (const struct vec *list, const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (!strcmp (list->p[i], name)) {
            return true;
        }
    }
    return false;
}

/* The plugin's own. */
static int
check_calls (struct hvctl *h, const char *who, const struct hv_launch *l,
             struct error *err)
{
    for (size_t i = 0; i < l->calls.n; i++) {
        const struct call_rule *rule = l->calls.p[i];

        if (is_in (&h->host->deny_calls, rule->name)) {
            return fail (err, EPERM,
                         "%s asks for the system call %s (%s), which %s:%d "
                         "denies (sandbox { deny_calls })",
                         who, rule->name, rule->why, h->host->file,
                         h->host->deny_calls_line);
        }
    }
    return 0;
}

static int
check_group (struct hvctl *h, const char *who, const char *name,
             struct error *err)
{
    const struct call_group *group = find_call_group (name);

    if (is_in (&h->host->deny_groups, name)) {
        return fail (err, EPERM,
                     "%s asks for the system calls of group '%s', which %s:%d "
                     "denies (sandbox { deny_groups })",
                     who, name, h->host->file, h->host->deny_groups_line);
    }
    for (size_t i = 0; group && i < group->n_rules; i++) {
        const struct call_rule *rule = &group->rules[i];

        if (rule->nr >= 0 && rule->class <= CALL_STARTUP
            && is_in (&h->host->deny_calls, rule->name)) {
            return fail (err, EPERM,
                         "the system call %s, which is of group '%s', is "
                         "denied by %s:%d (sandbox { deny_calls })",
                         rule->name, name, h->host->file,
                         h->host->deny_calls_line);
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
        return fail_prefix (err, "%s asks for what it cannot have", who);
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
    return has_helper (n) ? check_launch (h, n->plugin->name, &n->helper, err)
                          : 0;
}

/* ------------------------------------------------------------- diagnosis */

const char *
diagnosis_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/sandbox.log", state_log_dir (h, name));
}

/* A line of the supervisor's; see supervisor.c. */
struct seen {
    char phase[8], thread[32];
    int nr;
    uint64_t args[6];
};

static bool
parse_line (const char *line, struct seen *s)
{
    return sscanf (line,
                   "%7s %d %31s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
                   " %" SCNx64 " %" SCNx64,
                   s->phase, &s->nr, s->thread, &s->args[0], &s->args[1],
                   &s->args[2], &s->args[3], &s->args[4], &s->args[5])
           == 9;
}

static const char *
describe_seen (struct hvctl *h, const struct seen *s)
{
    CLEANUP_FREE char *what = describe_call (s->nr, s->thread);

    return arena_format (
        &h->arena, "%s: %s: arguments %" PRIx64 " %" PRIx64 " %" PRIx64,
        *s->phase == 's' ? "before the seal" : "after the seal", what,
        s->args[0], s->args[1], s->args[2]);
}

/* Addresses differ from call to call: a call is listed once for each of the
 * threads and phases that make it. */
static bool
is_listed (const struct vec *all, const struct seen *s)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct seen *other = all->p[i];

        if (other->nr == s->nr && *other->phase == *s->phase
            && !strcmp (other->thread, s->thread)) {
            return true;
        }
    }
    return false;
}

bool
diagnosis_read (struct hvctl *h, const char *name, const char *const *groups,
                const struct call_group *own, struct vec *lines)
{
    CLEANUP_FREE char *text = read_small_file (diagnosis_path (h, name));
    struct vec seen = { 0 };

    for (char *line = text; line && *line;) {
        size_t len = strcspn (line, "\n");
        struct seen *s = arena_alloc (&h->arena, sizeof *s);
        bool more = line[len] == '\n';

        line[len] = '\0';
        if (parse_line (line, s)
            && !filter_lets (groups, own, s->nr, s->args, *s->phase == 's')
            && !is_listed (&seen, s)) {
            vec_add (&h->arena, &seen, s);
            vec_add (&h->arena, lines, (void *)describe_seen (h, s));
        }
        line += len + more;
    }
    return lines->n > 0;
}
