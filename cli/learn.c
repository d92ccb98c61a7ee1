/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* sandbox learn: the table of system calls against what hypervisors call. */
#include <json-c/json.h>
#include <stdio.h>

#include "cli/cli.h"
#include "core/definition.h"
#include "core/json.h"
#include "core/learn.h"

static void
print_text (const struct learn *l, bool unused)
{
    for (size_t i = 0; i < l->steps.n; i++) {
        const struct learn_step *s = l->steps.p[i];

        printf ("%-12s %s%s%s\n", s->machine, s->what,
                s->why_not ? ": not done: " : "", s->why_not ? s->why_not : "");
    }
    for (int harmless = 0; harmless < 2; harmless++) {
        for (size_t i = 0; i < l->calls.n; i++) {
            const struct learn_call *call = l->calls.p[i];

            if (call->harmless == harmless) {
                printf ("%s %s, thread %s, %s the seal, %s, arguments %s; %s\n",
                        harmless ? "refused    " : "not allowed", call->call,
                        call->thread, call->sealed ? "after" : "before",
                        call->machine, call->arguments,
                        harmless ? "it is only for the start-up, and fails "
                                   "with ENOSYS"
                                 : call->groups);
            }
        }
    }
    for (size_t i = 0; unused && i < l->unused.n; i++) {
        const struct learn_unused *u = l->unused.p[i];

        printf ("unused      %s of group %s%s%s\n", u->call, u->group,
                u->values ? ": " : "", u->values ? u->values : "");
    }
    printf ("%zu machines, %zu calls that the table lacks\n", l->machines,
            l->differences);
}

static struct json_object *
steps_json (const struct learn *l)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < l->steps.n; i++) {
        const struct learn_step *s = l->steps.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text (o, "machine", s->machine);
        json_put_text (o, "step", s->what);
        json_put_text (o, "not_done", s->why_not);
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

        json_put_text (o, "call", call->call);
        json_put_text (o, "thread", call->thread);
        json_put_text (o, "arguments", call->arguments);
        json_put_text (o, "phase", call->sealed ? "sealed" : "start");
        json_put_text (o, "machine", call->machine);
        json_put_text (o, "groups", call->groups);
        json_put_flag (o, "harmless", call->harmless);
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

        json_put_text (o, "group", u->group);
        json_put_text (o, "call", u->call);
        json_put_text (o, "values", u->values);
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

    if ((c->args.n && expand_names (c, &names) < 0)
        || learn_run (&c->h, arch ? arch : host_arch (), &names, &l, &c->err)
               < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_object_object_add (o, "steps", steps_json (&l));
        json_object_object_add (o, "calls", calls_json (&l));
        if (unused) {
            json_object_object_add (o, "unused", unused_json (&l));
        }
        json_put_number (o, "machines", (int64_t)l.machines);
        json_put_number (o, "differences", (int64_t)l.differences);
        print_json (o);
    } else {
        print_text (&l, unused);
    }
    return l.differences ? EXIT_DIFFERENT : EXIT_OK;
}
