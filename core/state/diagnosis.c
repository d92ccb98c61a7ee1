/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/state/diagnosis.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/sandbox/filter.h"
#include "core/sandbox/violation.h"
#include "core/state/state.h"

const char *
diagnosis_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/sandbox.log", state_log_dir (h, name));
}

/* A line of the supervisor's; see supervisor.c. */
static bool
parse_line (const char *line, struct seen_call *s)
{
    return sscanf (line,
                   "%7s %d %31s %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64
                   " %" SCNx64 " %" SCNx64 " %127s",
                   s->phase, &s->nr, s->thread, &s->args[0], &s->args[1],
                   &s->args[2], &s->args[3], &s->args[4], &s->args[5], s->path)
           >= 9;
}

void
diagnosis_load (struct hvctl *h, const char *name, struct vec *out)
{
    FILE *f = fopen (diagnosis_path (h, name), "re");
    char line[512];

    while (f && fgets (line, sizeof line, f)) {
        struct seen_call *s = arena_alloc (&h->arena, sizeof *s);

        if (parse_line (line, s)) {
            vec_add (&h->arena, out, s);
        }
    }
    if (f) {
        fclose (f);
    }
}

static const char *
describe_seen (struct hvctl *h, const struct seen_call *s)
{
    CLEANUP_FREE char *what = violation_of_call (s->nr, s->thread);

    return arena_format (
        &h->arena, "%s: %s: arguments %" PRIx64 " %" PRIx64 " %" PRIx64,
        *s->phase == 's' ? "before the seal" : "after the seal", what,
        s->args[0], s->args[1], s->args[2]);
}

bool
diagnosis_same_call (const struct seen_call *a, const struct seen_call *b)
{
    return a->nr == b->nr && *a->phase == *b->phase
           && !strcmp (a->thread, b->thread) && !strcmp (a->path, b->path);
}

static bool
is_listed (const struct vec *all, const struct seen_call *s)
{
    for (size_t i = 0; i < all->n; i++) {
        if (diagnosis_same_call (all->p[i], s)) {
            return true;
        }
    }
    return false;
}

bool
diagnosis_read (struct hvctl *h, const char *name, const char *const *groups,
                const struct call_group *own, struct vec *lines)
{
    struct vec seen = { 0 }, listed = { 0 };

    diagnosis_load (h, name, &seen);
    for (size_t i = 0; i < seen.n; i++) {
        struct seen_call *s = seen.p[i];

        if (!filter_lets (groups, own, s->nr, s->args, *s->phase == 's')
            && !is_listed (&listed, s)) {
            vec_add (&h->arena, &listed, s);
            vec_add (&h->arena, lines, (void *)describe_seen (h, s));
        }
    }
    return lines->n > 0;
}
