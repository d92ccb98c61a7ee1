/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
problem (struct problems *p, const char *file, int line, const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start (args, fmt);
    text = arena_vformat (p->arena, fmt, args);
    va_end (args);
    vec_add (p->arena, &p->lines,
             line ? arena_format (p->arena, "%s:%d: %s", file, line, text)
                  : arena_format (p->arena, "%s: %s", file, text));
}

/* The line of "FILE:LINE: …", and how long that is up to it; 0: none. */
static int
line_of (const char *text, size_t *prefix)
{
    for (const char *p = strchr (text, ':'); p; p = strchr (p + 1, ':')) {
        size_t digits = strspn (p + 1, "0123456789");

        if (digits && p[1 + digits] == ':' && p[2 + digits] == ' ') {
            *prefix = (size_t)(p - text);
            return atoi (p + 1);
        }
    }
    *prefix = 0;
    return 0;
}

/* Problems of one file in the order of its lines, whichever check found them;
 * stable. */
void
problem_sort (struct problems *p)
{
    for (size_t i = 1; i < p->lines.n; i++) {
        char *text = p->lines.p[i];
        size_t prefix, other, k = i;
        int line = line_of (text, &prefix);

        for (; line && k > 0; k--) {
            const char *before = p->lines.p[k - 1];
            int its = line_of (before, &other);

            if (other != prefix || its <= line
                || strncmp (before, text, prefix) != 0) {
                break;
            }
            p->lines.p[k] = p->lines.p[k - 1];
        }
        p->lines.p[k] = text;
    }
}

void
problem_add (struct problems *p, const char *text)
{
    struct vec lines = { 0 };

    while (*text) {
        size_t len = strcspn (text, "\n");

        vec_add (p->arena, &lines, arena_dup_n (p->arena, text, len));
        text += len + (text[len] == '\n');
    }
    problem_add_new (p, &lines);
}

void
problem_add_new (struct problems *p, const struct vec *lines)
{
    for (size_t i = 0; i < lines->n; i++) {
        if (!vec_has (&p->lines, lines->p[i])) {
            vec_add (p->arena, &p->lines, lines->p[i]);
        }
    }
}

int
problem_fail (struct problems *p, struct error *err)
{
    /* Problems that do not fit are counted, not dropped silently. */
    const size_t room = sizeof err->text - sizeof "\n... and 1000000 more";
    size_t used = 0, i = 0;

    if (!p->lines.n) {
        return 0;
    }
    problem_sort (p);
    fail (err, EINVAL, "%s", "");
    for (; i < p->lines.n; i++) {
        const char *line = p->lines.p[i];
        size_t len = strlen (line) + (i > 0);

        if (used + len >= room && i > 0) {
            break;
        }
        used += (size_t)snprintf (err->text + used, room - used, "%s%s",
                                  i ? "\n" : "", line);
        used = used < room ? used : room - 1;
    }
    if (i < p->lines.n) {
        snprintf (err->text + used, sizeof err->text - used,
                  "\n... and %zu more", p->lines.n - i);
    }
    return -err->code;
}
