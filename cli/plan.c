/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* plan, explain. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/saved.h"

static int
make (struct cli *c, const char *name, enum plan_depth depth,
      struct plan **plan)
{
    struct definition *def;

    if (definition_load (&c->h, name, &def, &c->err) < 0
        || (depth == PLAN_FULL && saved_apply (&c->h, def, &c->err) < 0)
        || plan_make (&c->h, def, depth, plan, &c->err) < 0) {
        return -c->err.code;
    }
    return 0;
}

/* One VM: its plan.  More: an array of them. */
int
cmd_plan (struct cli *c)
{
    bool command = has_option (c, "command");
    struct json_object *all = json_object_new_array ();
    struct vec names = { 0 };
    int code = EXIT_OK;

    if (expand_names (c, &names) < 0) {
        json_object_put (all);
        return report (c);
    }
    for (size_t i = 0; i < names.n; i++) {
        struct plan *plan;

        if (make (c, names.p[i], command ? PLAN_COMMAND : PLAN_FULL, &plan)
            < 0) {
            int one = report (c);

            code = code ? code : one;
            continue;
        }
        if (command && !c->json) {
            puts (plan_command (&c->h, plan));
        } else if (command) {
            struct json_object *o = json_object_new_object ();

            json_text (o, "name", names.p[i]);
            json_text (o, "command", plan_command (&c->h, plan));
            json_object_array_add (all, o);
        } else {
            json_object_array_add (all, plan_json (&c->h, plan));
        }
    }
    if (json_object_array_length (all) == 1 && names.n == 1) {
        print_json (json_object_get (json_object_array_get_idx (all, 0)));
    } else if (json_object_array_length (all)) {
        print_json (json_object_get (all));
    }
    json_object_put (all);
    return code;
}

static void
explain_role (const struct role *role)
{
    printf ("%s (wants %s): %s\n", role->name, role->wants,
            role->winner ? role->winner->name : "nothing serves it");
    for (size_t i = 0; i < role->requirements.n; i++) {
        const struct requirement *r = role->requirements.p[i];

        printf ("    requires %-22s from %s", r->need, r->from);
        if (r->line) {
            printf (", line %d", r->line);
        }
        puts ("");
    }
    for (size_t i = 0; i < role->candidates.n; i++) {
        const struct candidate *k = role->candidates.p[i];

        printf ("  %s %s %s: %s\n",
                role->winner && !strcmp (role->winner->name, k->plugin) ? "*"
                                                                        : "-",
                k->plugin, k->version, k->reason);
    }
    if (role->err.code) {
        printf ("  ! %s\n", role->err.text);
    }
}

static void
explain_sections (const struct plan *plan)
{
    for (size_t i = 0; i < plan->def->plugins.n; i++) {
        const struct hv_options *s = plan->def->plugins.p[i];

        if (strcmp (s->name, plan->hypervisor->name) != 0) {
            printf ("plugin %s (line %d): not read by %s\n", s->name,
                    section_line (s), plan->hypervisor->name);
        }
    }
}

int
cmd_explain (struct cli *c)
{
    struct plan *plan;
    int code = EXIT_OK;

    if (make (c, c->args.p[0], PLAN_RESOLVE, &plan) < 0) {
        return report (c);
    }
    for (size_t i = 0; i < plan->roles.n; i++) {
        const struct role *role = plan->roles.p[i];

        if (role->err.code && !code) {
            code = exit_code_of (&role->err);
        }
        if (!c->json) {
            explain_role (role);
        }
    }
    if (c->json) {
        print_json (explain_json (plan));
    } else if (plan->hypervisor) {
        printf (
            "machine %s, accelerator %s%s%s\n", plan->choice.machine,
            plan->choice.accelerator, plan->choice.accelerator_why ? ": " : "",
            plan->choice.accelerator_why ? plan->choice.accelerator_why : "");
        explain_sections (plan);
    }
    return code;
}
