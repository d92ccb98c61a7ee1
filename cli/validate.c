/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* validate. */
#include <json-c/json.h>
#include <string.h>
#include "cli/document.h"
#include "cli/members.h"
#include "cli/spec.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/output.h"
#include "core/config/clash.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/problem.h"
#include "core/config/template-check.h"
#include "core/machine/changing-volume.h"
#include "core/machine/saved-check.h"
#include "core/plan/growth.h"
#include "core/plan/plan-clash.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/plan/sections.h"
#include "core/plan/seed-check.h"

/* Loads the named definitions, or all; errors are collected, so that all of
 * them are shown.  Returns the exit code. */
static int
load_all (struct cli *c, struct vec *defs, struct problems *p)
{
    struct vec names = { 0 };
    int code = EXIT_OK;

    if (c->args.n ? expand_names (c, &c->args, &names) < 0
                  : definition_names (&c->h, &names, &c->err) < 0) {
        problem_add (p, c->err.text);
        return exit_code_of (&c->err);
    }
    for (size_t i = 0; i < names.n; i++) {
        const struct fleet *f = fleet_of (&c->h, names.p[i]);
        struct definition *def;
        struct error err = { 0 };
        bool good = true;

        if ((c->args.n && name_check (names.p[i], &err) < 0)
            || definition_load (&c->h, names.p[i], &def, &err) < 0) {
            good = false;
            code = !code || code == exit_code_of (&err) ? exit_code_of (&err)
                                                        : EXIT_CONFIG;
        } else {
            vec_add (&c->h.arena, defs, def);
        }
        if (f) {
            problem_add_member (p, good ? "" : err.text, names.p[i], f->name);
        } else if (!good) {
            problem_add (p, err.text);
        }
    }
    /* A file that cannot be a VM's is an error of the configuration. */
    return code && !c->args.n ? EXIT_CONFIG : code;
}

static void
print_problems (struct cli *c, const struct problems *p, size_t checked)
{
    struct json_object *o = json_object_new_object ();

    for (size_t i = 0; i < p->lines.n && !c->json; i++) {
        err_out ("%s\n", (const char *)p->lines.p[i]);
    }
    json_put_flag (o, "valid", p->lines.n == 0);
    json_object_object_add (o, "problems", json_texts (&p->lines));
    if (c->json) {
        document_print (c, o);
        return;
    }
    json_object_put (o);
    if (!p->lines.n) {
        out ("%zu definition%s, no problems\n", checked,
             checked == 1 ? "" : "s");
    }
}

void
warn_if_lost (struct cli *c, struct definition *def)
{
    struct error err = { 0 };

    if (saved_check (&c->h, def, &err) < 0) {
        hvctl_warn ("%s", err.text);
    }
}

static void
check_sizes (struct cli *c, const struct plan *plan, struct problems *p)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        struct error err = { 0 };

        if (growth_check_definition (&c->h, plan->disks.p[i], &err) < 0) {
            problem_add (p, err.text);
        }
    }
}

/* Perhaps it was one of a fleet that has fewer now. */
static void
warn_if_left (struct cli *c, const struct definition *def)
{
    uint64_t index;
    const struct fleet *f =
        def->fleet ? NULL : fleet_beside (&c->h, def->name, &index);

    if (f && f->valid) {
        hvctl_warn ("%s: %s is a VM of its own, since fleet %s has %s (%s)",
                    def->file, def->name, f->name, fleet_range (&c->h.arena, f),
                    fleet_where (&c->h.arena, f, "count"));
    }
}

/* The lines without "NAME: " before a place. */
static const char *
without_prefix (struct arena *a, const char *text, const char *name)
{
    const char *prefix = arena_format (a, "%s: ", name), *out = "";
    size_t n = strlen (prefix);

    while (*text) {
        size_t len;

        text += !strncmp (text, prefix, n) && text[n] == '/' ? n : 0;
        len = strcspn (text, "\n");
        len += text[len] == '\n';
        out = arena_format (a, "%s%.*s", out, (int)len, text);
        text += len;
    }
    return out;
}

/* What the VMs of a fleet have in common is told once. */
static void
add_problem (struct problems *p, const struct definition *def,
             const struct error *err)
{
    if (def->fleet) {
        problem_add_member (p, without_prefix (p->arena, err->text, def->name),
                            def->name, def->fleet->name);
    } else {
        problem_add (p, err->text);
    }
}

int
cmd_validate (struct cli *c)
{
    struct problems p = { .arena = &c->h.arena };
    struct vec defs = { 0 }, plans = { 0 };
    int code = load_all (c, &defs, &p);
    size_t before = p.lines.n;

    /* A single definition has been checked already. */
    if (defs.n > 1) {
        clash_definitions ((struct definition *const *)defs.p, defs.n, &p);
    }
    for (size_t i = 0; i < defs.n; i++) {
        struct plan *plan;
        struct error err = { 0 };

        warn_if_left (c, defs.p[i]);
        if (changing_plan (&c->h, defs.p[i], PLAN_FULL, &plan, &err) < 0
            || seed_check_schema (&c->h, defs.p[i], &err) < 0) {
            add_problem (&p, defs.p[i], &err);
        } else {
            vec_add (&c->h.arena, &plans, plan);
            check_sizes (c, plan, &p);
            warn_if_lost (c, defs.p[i]);
        }
    }
    plan_clash (&plans, &p);
    if (!c->args.n) {
        sections_check (&c->h, &p);
        template_check_all (&c->h, sections_check_plugins, &p);
    }
    members_warn_left (c);
    problem_sort (&p);
    print_problems (c, &p, defs.n);
    return p.lines.n == before && code ? code
           : p.lines.n                 ? EXIT_CONFIG
                                       : EXIT_OK;
}
