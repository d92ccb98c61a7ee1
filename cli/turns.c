/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/turns.h"

#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"

static void
look (void *data, const struct definition *def)
{
    struct turn *t = data;

    t->order = def->start_order;
    t->delay = def->start_delay;
}

static int
by_place (const struct turn *a, const struct turn *b)
{
    return a->at < b->at ? -1 : 1;
}

static int
by_order_up (const void *x, const void *y)
{
    const struct turn *a = x, *b = y;

    return a->order < b->order ? -1 : a->order > b->order ? 1 : by_place (a, b);
}

static int
by_order_down (const void *x, const void *y)
{
    const struct turn *a = x, *b = y;

    return a->order > b->order ? -1 : a->order < b->order ? 1 : by_place (a, b);
}

struct turn *
turns_sort (struct cli *c, enum turns turns, const struct vec *names)
{
    struct turn *all = arena_alloc (&c->h.arena, (names->n + 1) * sizeof *all);

    for (size_t i = 0; i < names->n; i++) {
        struct turn *t = &all[i];
        struct error ignored = { 0 };

        t->name = names->p[i];
        t->at = i;
        /* The operation reports an invalid definition. */
        if (turns != TURNS_NONE && names->n > 1) {
            definition_look_anyhow (&c->h, t->name, look, t, &ignored);
        }
        t->delay = turns == TURNS_UP ? t->delay : 0;
    }
    if (turns != TURNS_NONE) {
        qsort (all, names->n, sizeof *all,
               turns == TURNS_UP ? by_order_up : by_order_down);
    }
    return all;
}
