/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/clash-others.h"

#include <string.h>

#include "core/base/error.h"
#include "core/config/clash.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/plan/plan-clash.h"
#include "core/plan/plan.h"
#include "core/plan/resolve.h"

/* The disks, as far as they can be found. */
static void
add_plan (struct hvctl *h, struct definition *def, struct vec *plans)
{
    struct plan *plan = arena_alloc (&h->arena, sizeof *plan);

    plan->def = def;
    for (size_t i = 0; i < def->disks.n; i++) {
        struct error ignored = { 0 };

        resolve_disk (h, plan, def->disks.p[i], &ignored);
    }
    vec_add (&h->arena, plans, plan);
}

static void
add (struct hvctl *h, const char *name, struct vec *defs)
{
    struct error ignored = { 0 };
    struct definition *def;

    if (definition_load (h, name, &def, &ignored) == 0) {
        vec_add (&h->arena, defs, def);
    }
}

/* All definitions, with that of 'last', or those of a fleet, at the end:
 * problems are reported about the later one.  Returns how many others there
 * are. */
static size_t
load_all (struct hvctl *h, const char *last, struct vec *defs)
{
    const struct fleet *f = fleet_find (h, last);
    struct error err = { 0 };
    struct vec names = { 0 }, ours = { 0 };
    size_t others;

    definition_names (h, &names, &err);
    for (size_t i = 0; i < names.n; i++) {
        bool is_ours =
            f ? fleet_of (h, names.p[i]) == f : !strcmp (names.p[i], last);

        if (is_ours) {
            vec_add (&h->arena, &ours, names.p[i]);
        } else {
            add (h, names.p[i], defs);
        }
    }
    others = defs->n;
    for (size_t i = 0; i < ours.n; i++) {
        add (h, ours.p[i], defs);
    }
    return others;
}

static void
find (const struct vec *defs, const struct vec *plans, size_t n,
      struct problems *p)
{
    struct vec some = *plans;

    some.n = n;
    clash_definitions ((struct definition *const *)defs->p, n, p);
    plan_clash (&some, p);
}

/* Adds what the definitions from the 'others'th on have brought. */
static void
compare (struct hvctl *h, const struct vec *defs, size_t others,
         struct problems *p)
{
    struct problems before = { .arena = &h->arena };
    struct problems after = { .arena = &h->arena };
    struct vec plans = { 0 };

    if (others == defs->n) {
        return;
    }
    for (size_t i = 0; i < defs->n; i++) {
        add_plan (h, defs->p[i], &plans);
    }
    find (defs, &plans, others, &before);
    find (defs, &plans, defs->n, &after);
    for (size_t i = 0; i < after.lines.n; i++) {
        if (!vec_has (&before.lines, after.lines.p[i])) {
            vec_add (p->arena, &p->lines, after.lines.p[i]);
        }
    }
}

void
clash_others (struct hvctl *h, const char *name, struct problems *p)
{
    struct vec defs = { 0 };
    size_t others = load_all (h, name, &defs);

    compare (h, &defs, others, p);
}

void
clash_new (struct hvctl *h, const struct vec *new, struct problems *p)
{
    struct error err = { 0 };
    struct vec names = { 0 }, defs = { 0 };
    size_t others;

    definition_names (h, &names, &err);
    for (size_t i = 0; i < names.n; i++) {
        add (h, names.p[i], &defs);
    }
    others = defs.n;
    for (size_t i = 0; i < new->n; i++) {
        vec_add (&h->arena, &defs, new->p[i]);
    }
    compare (h, &defs, others, p);
}
