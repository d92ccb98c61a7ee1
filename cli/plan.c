/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* plan, explain. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "common/member.h"
#include "cli/cli.h"
#include "cli/document.h"
#include "cli/select.h"
#include "cli/tell.h"
#include "core/base/output.h"
#include "core/config/config.h"
#include "core/config/definition.h"
#include "core/machine/prepare.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/plan/tested.h"

static int
make (struct cli *c, const char *name, enum plan_depth depth,
      struct plan **plan, struct error *err)
{
    return select_check (c, name, err) < 0 || name_check (name, err) < 0
               ? -err->code
               : prepare_plan (&c->h, name, depth, plan, err);
}

/* Adds the plan of one VM, or the reason why there is none; returns the exit
 * code. */
static int
plan_one (struct cli *c, struct told *told, const char *name,
          struct json_object *all)
{
    bool command = has_option (c, "command");
    struct error err = { 0 };
    struct json_object *o;
    struct plan *plan;

    if (make (c, name, command ? PLAN_COMMAND : PLAN_FULL, &plan, &err) < 0) {
        o = json_object_new_object ();
        json_put_text_or_null (o, "name", name);
        json_object_object_add (o, "error", error_json (&err));
        tell_error (c, told, name, o);
        if (c->json) {
            json_object_array_add (all, o);
        } else {
            json_object_put (o);
        }
        return exit_code_of (&err);
    }
    if (command && !c->json) {
        out ("%s\n", plan_command (&c->h, plan));
    } else if (command) {
        o = json_object_new_object ();
        json_put_text_or_null (o, "name", name);
        json_put_text_or_null (o, "command", plan_command (&c->h, plan));
        json_object_array_add (all, o);
    } else {
        json_object_array_add (all, plan_json (&c->h, plan));
    }
    return EXIT_OK;
}

/* One VM: its plan.  More: an array of them. */
int
cmd_plan (struct cli *c)
{
    struct json_object *all = json_object_new_array ();
    struct vec names = { 0 };
    struct told told = { 0 };
    int code = EXIT_OK;

    if (expand_names (c, &c->args, &names) < 0) {
        json_object_put (all);
        return report (c);
    }
    for (size_t i = 0; i < names.n; i++) {
        int one = plan_one (c, &told, names.p[i], all);

        code = code ? code : one;
    }
    tell_same (c, &told);
    if (json_object_array_length (all) == 1 && names.n == 1) {
        document_print (c,
                        json_object_get (json_object_array_get_idx (all, 0)));
    } else if (json_object_array_length (all)) {
        document_print (c, json_object_get (all));
    }
    json_object_put (all);
    return code;
}

static void
explain_role (const struct role *role)
{
    out ("%s (wants %s): %s\n", role->name, role->wants,
         role->winner ? role->winner->name : "no plugin");
    for (size_t i = 0; i < role->requirements.n; i++) {
        const struct requirement *r = role->requirements.p[i];

        out ("    requires %-22s from %s", r->need, r->from);
        if (r->line) {
            out (", line %d", r->line);
        }
        out ("\n");
    }
    for (size_t i = 0; i < role->candidates.n; i++) {
        const struct candidate *k = role->candidates.p[i];

        out ("  %s %s %s: %s\n",
             role->winner && !strcmp (role->winner->name, k->plugin) ? "*"
                                                                     : "-",
             k->plugin, k->version, k->reason);
    }
    if (role->err.code) {
        out ("  ! %s\n", role->err.text);
    }
}

static void
explain_sections (const struct plan *plan)
{
    for (size_t i = 0; i < plan->def->plugins.n; i++) {
        const struct hv_options *s = plan->def->plugins.p[i];

        if (strcmp (s->name, plan->hypervisor->name) != 0) {
            out ("plugin %s (%s:%d): not used by %s\n", s->name, s->file,
                 s->line, plan->hypervisor->name);
        }
    }
}

/* Programs of a build that has not been tried: no plugin chose them, so they
 * are listed beside the roles. */
static void
explain_untested (const struct plan *plan, const struct vec *untested)
{
    for (size_t i = 0; i < untested->n; i++) {
        const struct untested *u = untested->p[i];

        out ("note: %s (build %s): %s: 'hvctl sandbox learn %s' tries it\n",
             u->program, u->build, u->reason, plan->def->name);
    }
}

static struct json_object *
untested_json (struct cli *c, const struct plan *plan,
               const struct vec *untested)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < untested->n; i++) {
        const struct untested *u = untested->p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "program", u->program);
        json_put_text_or_null (o, "build", u->build);
        json_put_text_or_null (o, "library", u->library);
        json_put_text_or_null (o, "library_build", u->library_build);
        json_put_text_or_null (o, "reason", u->reason);
        json_put_text_or_null (o, "command",
                               arena_format (&c->h.arena,
                                             "hvctl sandbox learn %s",
                                             plan->def->name));
        json_object_array_add (all, o);
    }
    return all;
}

/* If all roles are filled: the reason why a start would be refused. */
static int
look_for_refusal (struct cli *c, struct error *refusal)
{
    struct plan *plan;

    return make (c, c->args.p[0], PLAN_FULL, &plan, refusal) < 0
               ? exit_code_of (refusal)
               : EXIT_OK;
}

static void
print_explanation (struct cli *c, const struct plan *plan,
                   const struct vec *untested, const struct error *refusal)
{
    struct json_object *o = c->json ? plan_json_explain (plan) : NULL;

    if (o) {
        json_object_object_add (o, "untested",
                                untested_json (c, plan, untested));
        json_object_object_add (o, "refused",
                                refusal->code ? error_json (refusal) : NULL);
        document_print (c, o);
        return;
    }
    if (plan->hypervisor) {
        out ("machine %s, accelerator %s%s%s\n", plan->choice.machine,
             plan->choice.accelerator, plan->choice.accelerator_why ? ": " : "",
             plan->choice.accelerator_why ? plan->choice.accelerator_why : "");
        explain_sections (plan);
        explain_untested (plan, untested);
    }
    if (refusal->code) {
        out ("! cannot start: %s\n", refusal->text);
    }
}

int
cmd_explain (struct cli *c)
{
    struct plan *plan;
    struct vec untested = { 0 };
    struct error refusal = { 0 };
    int code = EXIT_OK;

    if (make (c, c->args.p[0], PLAN_RESOLVE, &plan, &c->err) < 0) {
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
    if (plan->hypervisor) {
        tested_lacks (&c->h, plan, &untested);
    }
    if (!code) {
        code = look_for_refusal (c, &refusal);
    }
    print_explanation (c, plan, &untested, &refusal);
    return code;
}
