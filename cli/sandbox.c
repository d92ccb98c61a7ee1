/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* sandbox show: what the jail of a VM is made of. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "core/calls.h"
#include "core/filter.h"
#include "core/plan.h"
#include "core/policy.h"
#include "core/state.h"

static void
show_calls (const char *text)
{
    puts ("system calls (any other ends the process):");
    for (const char *p = text; *p;) {
        size_t len = strcspn (p, "\n");

        printf ("  %.*s\n", (int)len, p);
        p += len + (p[len] == '\n');
    }
}

static void
show_text (const struct plan *plan, const struct vm_state *state,
           const struct vec *diagnosis, const char *calls)
{
    printf ("program     %s\n", plan->program);
    printf ("groups      base");
    for (size_t i = 0; i < plan->launch.groups.n; i++) {
        printf (" %s", (const char *)plan->launch.groups.p[i]);
    }
    puts ("");
    for (size_t i = 0; i < plan->launch.fds.n; i++) {
        static const char *const kinds[] = { "file", "listening socket", "log",
                                             "network port" };
        static const char *const modes[] = { "read", "read and write",
                                             "append" };
        const struct launch_fd *f = plan->launch.fds.p[i];

        printf ("descriptor  %d: %s %s%s%s%s\n", f->number, kinds[f->kind],
                f->name, f->kind == FD_OPEN ? " (" : "",
                f->kind == FD_OPEN ? modes[f->flags & 3] : "",
                f->kind == FD_OPEN ? ")" : "");
    }
    for (size_t i = 0; i < plan->launch.files.n; i++) {
        const struct launch_file *f = plan->launch.files.p[i];

        printf ("start only  %s as %s\n", f->path, f->as);
    }
    for (size_t i = 0; i < plan->launch.lent.n; i++) {
        const struct launch_lent *f = plan->launch.lent.p[i];

        printf ("lent        %s (%s)\n", f->path,
                f->flags & HV_RDWR ? "read and write" : "read");
    }
    if (state->run > RUN_STALE) {
        printf ("mode        %s\n", state->sandbox ? state->sandbox : "?");
        printf ("user        %llu\nweaker      %s\n",
                (unsigned long long)state->uid,
                state->weaker ? state->weaker : "nothing");
    }
    for (size_t i = 0; i < diagnosis->n; i++) {
        printf ("not allowed %s\n", (const char *)diagnosis->p[i]);
    }
    show_calls (calls);
}

int
cmd_sandbox_show (struct cli *c)
{
    static const char *const none[] = { NULL };
    struct vec diagnosis = { 0 };
    const struct call_group *own;
    const char *const *groups;
    struct definition *def;
    struct plan *plan;
    struct vm_state state;
    CLEANUP_FREE char *calls = NULL;

    if (definition_load (&c->h, c->args.p[0], &def, &c->err) < 0
        || plan_make (&c->h, def, PLAN_FULL, &plan, &c->err) < 0) {
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
        json_text (launch, "calls", calls);
        json_text (launch, "weaker", state.weaker);
        json_text (launch, "sandbox", state.sandbox);
        print_json (launch);
    } else {
        show_text (plan, &state, &diagnosis, calls);
    }
    return EXIT_OK;
}
