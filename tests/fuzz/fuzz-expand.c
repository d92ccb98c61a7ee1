/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes the variables of values: the first line is a value, "${" is a
 * reference; each further one is NAME=VALUE. */
#include "tests/fuzz/fuzz.h"

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/expand.h"

struct world {
    struct arena arena;
    struct vec lines;
};

static const char *
lookup (void *data, const char *name, const char **why)
{
    const struct world *w = data;
    size_t len = strlen (name);

    /* Names of NICs may end with '-' and '.'. */
    MUST (expand_is_name (name) || !strncmp (name, "mac.", 4));
    for (size_t i = 0; i < w->lines.n; i++) {
        const char *line = w->lines.p[i];

        if (!strncmp (line, name, len) && line[len] == '=') {
            return line + len + 1;
        }
    }
    *why = "unknown";
    return NULL;
}

/* As scan.c does it, except that nothing is escaped. */
static char *
mark (struct arena *a, const char *line)
{
    char *text = arena_dup (a, line);

    for (char *p = text; *p; p++) {
        if (p[0] == '$' && p[1] == '$' && p[2] == '{') {
            *p++ = EXPAND_MARK;
            *p = EXPAND_MARK;
        } else if (p[0] == '$' && p[1] == '{') {
            *p = EXPAND_MARK;
        }
    }
    return text;
}

static void
check (struct world *w, const char *line)
{
    const char *marked = mark (&w->arena, line), *once, *twice;
    struct expand e = { .arena = &w->arena, .lookup = lookup, .data = w };

    MUST (!strcmp (expand_written (&w->arena, marked), line));
    once = expand_text (&e, marked);
    if (!once) {
        MUST (e.why && *e.why && e.at >= 1 && e.at <= strlen (marked) + 1);
        return;
    }
    MUST (strlen (once) <= EXPAND_MAX && !expand_has (once));
    twice = expand_text (&e, marked);
    MUST (twice && !strcmp (once, twice));
    /* It has no variables any more. */
    twice = expand_text (&e, once);
    MUST (twice && !strcmp (once, twice));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct world w = { 0 };
    char *text = arena_dup_n (&w.arena, (const char *)data, len);
    char *line;

    if (!expand_has (text)) {
        while ((line = strsep (&text, "\n"))) {
            vec_add (&w.arena, &w.lines, line);
        }
        check (&w, w.lines.p[0]);
    }
    arena_free (&w.arena);
    return 0;
}
