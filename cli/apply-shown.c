/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/apply-shown.h"

#include <errno.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/config/effective.h"

struct shown {
    const char *name;
    const struct diff *d;
    const char *text; /* Of the definition, or null. */
};

static const char *
text_of (struct cli *c, const struct diff *d)
{
    return d->def ? effective_text (&c->h.arena, d->def) : NULL;
}

static bool
is_same_text (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

void
apply_shown_add (struct cli *c, const char *name, const struct diff *d)
{
    struct shown *s = arena_alloc (&c->h.arena, sizeof *s);
    struct diff *kept = arena_alloc (&c->h.arena, sizeof *kept);

    *kept = *d;
    *s = (struct shown){ .name = name, .d = kept, .text = text_of (c, d) };
    vec_add (&c->h.arena, &c->shown, s);
}

/* Is the change one that takes more of the definition than its line shows? */
static bool
needs_definition (const struct diff_line *l)
{
    return l->step == STEP_CREATE || l->step == STEP_ATTACH_DISK
           || l->step == STEP_ATTACH_NIC || l->step == STEP_START;
}

static bool
was_shown (const struct shown *s, const struct diff_line *l, bool same)
{
    for (size_t i = 0; i < s->d->lines.n; i++) {
        const struct diff_line *o = s->d->lines.p[i];

        if (o->when == DIFF_NOW && o->step == l->step && o->size == l->size
            && is_same_text (o->what, l->what)
            && is_same_text (o->from, l->from) && is_same_text (o->to, l->to)) {
            return same || !needs_definition (l);
        }
    }
    return false;
}

void
apply_shown_restrict (struct cli *c, const char *name, struct diff *d)
{
    for (size_t i = 0; i < c->shown.n; i++) {
        const struct shown *s = c->shown.p[i];
        bool same;

        if (strcmp (s->name, name) != 0) {
            continue;
        }
        same = is_same_text (s->text, text_of (c, d));
        for (size_t k = 0; k < d->lines.n; k++) {
            struct diff_line *l = d->lines.p[k];

            if (l->when == DIFF_NOW && !was_shown (s, l, same)) {
                l->when = DIFF_NEW;
            }
        }
    }
}

int
apply_shown_check (const char *name, const struct diff *d, struct error *err)
{
    const struct diff_line *l = diff_first (d, DIFF_NEW);

    return l ? fail_exit (err, EXIT_ERROR, ESTALE,
                          "%s: %s has changed since the changes were shown, "
                          "and is not changed: look at it again with 'hvctl "
                          "diff %s'",
                          name, l->what, name)
             : 0;
}
