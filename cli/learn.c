/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* sandbox learn: compares the table of system calls with the calls of
 * hypervisors. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>

#include "common/member.h"
#include "cli/cli.h"
#include "cli/document.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/learn/learn.h"
#include "core/learn/trial.h"

static void
print_calls (const struct learn *l, bool reviewed)
{
    for (size_t i = 0; i < l->calls.n; i++) {
        const struct learn_call *call = l->calls.p[i];

        if (!call->reviewed == reviewed) {
            continue;
        }
        out ("%s %s, thread %s, %s the seal, %s, ",
             reviewed ? "refused    " : "not allowed", call->call, call->thread,
             call->sealed ? "after" : "before", call->machine);
        if (call->times > 1) {
            out ("at least %zu times, ", call->times);
        }
        out ("arguments %s; %s%s\n", call->arguments,
             call->startup
                 ? "it is allowed at start-up only, and fails with ENOSYS: "
                 : "",
             reviewed ? call->reviewed : call->groups);
    }
}

static void
print_text (const struct learn *l, bool unused)
{
    static const char *const words[] = {
        [TRIAL_DONE] = "",
        [TRIAL_SKIPPED] = ": not tried: ",
        [TRIAL_FAILED] = ": failed: ",
    };

    for (size_t i = 0; i < l->steps.n; i++) {
        const struct trial_step *s = l->steps.p[i];

        out ("%-12s %s%s%s\n", s->machine, s->what, words[s->result],
             s->why_not ? s->why_not : "");
    }
    print_calls (l, false);
    print_calls (l, true);
    for (size_t i = 0; unused && i < l->unused.n; i++) {
        const struct learn_unused *u = l->unused.p[i];

        out ("unused      %s of group %s%s%s\n", u->call, u->group,
             u->values ? ": " : "", u->values ? u->values : "");
    }
    out ("%zu machines, %zu calls missing from the table, %zu steps failed, "
         "%zu not tried\n",
         l->machines, l->differences, l->failed, l->skipped);
}

static struct json_object *
steps_json (const struct learn *l)
{
    static const char *const results[] = {
        [TRIAL_DONE] = "done",
        [TRIAL_SKIPPED] = "skipped",
        [TRIAL_FAILED] = "failed",
    };
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->steps.n; i++) {
        const struct trial_step *s = l->steps.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "machine", s->machine);
        json_put_text_or_null (o, "step", s->what);
        json_put_text_or_null (o, "result", results[s->result]);
        json_put_text_or_null (o, "not_done", s->why_not);
        json_object_array_add (all, o);
    }
    return all;
}

static struct json_object *
calls_json (const struct learn *l)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->calls.n; i++) {
        const struct learn_call *call = l->calls.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "call", call->call);
        json_put_text_or_null (o, "thread", call->thread);
        json_put_text_or_null (o, "arguments", call->arguments);
        json_put_text_or_null (o, "phase", call->sealed ? "sealed" : "start");
        json_put_text_or_null (o, "machine", call->machine);
        json_put_text_or_null (o, "groups", call->groups);
        json_put_text_or_null (o, "family", call->family);
        json_put_number (o, "times", (int64_t)call->times);
        json_put_flag (o, "harmless", call->reviewed);
        json_put_text_or_null (o, "why", call->reviewed);
        json_object_array_add (all, o);
    }
    return all;
}

static struct json_object *
unused_json (const struct learn *l)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->unused.n; i++) {
        const struct learn_unused *u = l->unused.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "group", u->group);
        json_put_text_or_null (o, "call", u->call);
        json_put_text_or_null (o, "values", u->values);
        json_object_array_add (all, o);
    }
    return all;
}

int
cmd_sandbox_learn (struct cli *c)
{
    const char *arch = option_value (c, "arch");
    bool unused = has_option (c, "unused");
    struct learn l = { 0 };
    struct vec names = { 0 };

    /* No machine like any VM: this is not the way to ask for bare ones. */
    if (c->is_chosen && !c->chosen.n) {
        fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                   "there are no VMs: without --all, bare machines are tried");
        return report (c);
    }
    if ((c->args.n && expand_names (c, &c->args, &names) < 0)
        || learn_run (&c->h, arch ? arch : name_host_arch (), &names, &l,
                      &c->err)
               < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_object_object_add (o, "steps", steps_json (&l));
        json_object_object_add (o, "calls", calls_json (&l));
        json_object_object_add (o, "unused", unused ? unused_json (&l) : NULL);
        json_put_number (o, "machines", (int64_t)l.machines);
        json_put_number (o, "differences", (int64_t)l.differences);
        json_put_number (o, "failed", (int64_t)l.failed);
        json_put_number (o, "skipped", (int64_t)l.skipped);
        document_print (c, o);
    } else {
        print_text (&l, unused);
    }
    return l.differences ? EXIT_DIFFERENT : l.exit_code;
}
