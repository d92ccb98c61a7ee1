/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* sandbox show: the parts of a VM's jail. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/changing-volume.h"
#include "core/machine/saved-check.h"
#include "core/plan/plan-helper.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/provider/calls.h"
#include "core/provider/services.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/groups.h"
#include "core/state/diagnosis.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static const char *const none[] = { NULL };

static void
show_calls (const char *text)
{
    out ("system calls (any other kills the process):\n");
    for (const char *p = text; *p;) {
        size_t len = strcspn (p, "\n");

        out ("  %.*s\n", (int)len, p);
        p += len + (p[len] == '\n');
    }
}

/* Several devices may need the same group. */
static bool
is_first (const struct vec *groups, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (!strcmp (groups->p[i], groups->p[at])) {
            return false;
        }
    }
    return true;
}

static void
show_launch (const char *program, const struct hv_launch *l)
{
    out ("program     %s\n", program);
    out ("groups      base");
    for (size_t i = 0; i < l->groups.n; i++) {
        if (is_first (&l->groups, i)) {
            out (" %s", (const char *)l->groups.p[i]);
        }
    }
    out ("\n");
    for (size_t i = 0; i < l->fds.n; i++) {
        static const char *const kinds[] = { "file", "listening socket", "log",
                                             "network port" };
        static const char *const modes[] = { "read", "read and write",
                                             "append" };
        const struct launch_fd *f = l->fds.p[i];

        out ("descriptor  %d: %s %s%s%s%s\n", f->number, kinds[f->kind],
             f->name, f->kind == FD_OPEN ? " (" : "",
             f->kind == FD_OPEN ? modes[f->flags & 3] : "",
             f->kind == FD_OPEN ? ")" : "");
    }
    for (size_t i = 0; i < l->files.n; i++) {
        const struct launch_file *f = l->files.p[i];

        out ("start only  %s as %s\n", f->path, f->as);
    }
    for (size_t i = 0; i < l->lent.n; i++) {
        const struct launch_lent *f = l->lent.p[i];

        out ("brokered    %s (%s)\n", f->path,
             f->flags & HV_RDWR ? "read and write" : "read");
    }
}

static void
show_text (const struct plan *plan, const struct vm_state *state,
           const struct vec *diagnosis, const char *calls)
{
    show_launch (plan->program, &plan->launch);
    if (state->run > RUN_STALE) {
        out ("mode        %s\n",
             state->sandbox ? state_sandbox_text (state->sandbox) : "?");
        out ("user        %llu\ndegraded    %s\n",
             (unsigned long long)state->uid,
             state->weaker ? state->weaker : "no");
    }
    for (size_t i = 0; i < diagnosis->n; i++) {
        out ("not allowed %s\n", (const char *)diagnosis->p[i]);
    }
    show_calls (calls);
}

/* The calls of a process that serves a NIC. */
static const char *
nic_calls (struct cli *c, const struct plan_nic *n)
{
    CLEANUP_FREE char *calls = NULL;

    return filter_describe (n->helper.groups.n
                                ? (const char *const *)n->helper.groups.p
                                : none,
                            NULL, &calls, &c->err)
                   < 0
               ? NULL
               : arena_dup (&c->h.arena, calls);
}

static int
show_nics (struct cli *c, const struct plan *plan, struct json_object *launch)
{
    struct json_object *all = launch ? json_object_new_array () : NULL;

    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];
        struct json_object *o;
        const char *calls;

        if (!plan_has_helper (n)) {
            continue;
        }
        calls = nic_calls (c, n);
        if (!calls) {
            json_object_put (all);
            return -c->err.code;
        }
        if (!launch) {
            out ("\nnic         %s\n", n->def->name);
            show_launch (n->helper.argv.p[0], &n->helper);
            show_calls (calls);
            continue;
        }
        o = plan_json_launch (n->helper.argv.p[0], &n->helper);
        json_put_text_or_null (o, "nic", n->def->name);
        json_put_text_or_null (o, "calls", calls);
        json_object_array_add (all, o);
    }
    if (launch) {
        json_object_object_add (launch, "processes", all);
    }
    return 0;
}

int
cmd_sandbox_show (struct cli *c)
{
    struct vec diagnosis = { 0 };
    const struct call_group *own;
    const char *const *groups;
    struct definition *def;
    struct plan *plan;
    struct vm_state state;
    CLEANUP_FREE char *calls = NULL;

    /* As a start would do it, which restores a saved state. */
    if (definition_load (&c->h, c->args.p[0], &def, &c->err) < 0
        || saved_apply (&c->h, def, &c->err) < 0
        || changing_plan (&c->h, def, PLAN_FULL, &plan, &c->err) < 0) {
        return report (c);
    }
    groups = plan->launch.groups.n ? (const char *const *)plan->launch.groups.p
                                   : none;
    own =
        calls_group (&c->h.arena, plan->hypervisor->name, &plan->launch.calls);
    if (filter_describe (groups, own, &calls, &c->err) < 0) {
        return report (c);
    }
    state_read (&c->h, def->name, &state);
    if (state.sandbox && !strcmp (state.sandbox, "diagnose")) {
        diagnosis_read (&c->h, def->name, groups, own, &diagnosis);
    }
    if (c->json) {
        struct json_object *o = plan_json (&c->h, plan);
        struct json_object *launch;

        json_object_object_get_ex (o, "launch", &launch);
        json_object_get (launch);
        json_object_put (o);
        json_put_text_or_null (launch, "calls", calls);
        json_put_text_or_null (launch, "weaker", state.weaker);
        json_put_text_or_null (launch, "sandbox", state.sandbox);
        if (show_nics (c, plan, launch) < 0) {
            json_object_put (launch);
            return report (c);
        }
        document_print (c, launch);
        return EXIT_OK;
    }
    show_text (plan, &state, &diagnosis, calls);
    return show_nics (c, plan, NULL) < 0 ? report (c) : EXIT_OK;
}
