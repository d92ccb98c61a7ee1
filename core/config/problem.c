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

/* A line of the text of some members. */
struct alike {
    const char *key;               /* Without numbers. */
    size_t nth;                    /* Of this key in the text. */
    const char *vm, *fleet, *line; /* The first one. */
    size_t n;                      /* VMs. */
    bool same;                     /* All are the same to the letter. */
    size_t at;                     /* In 'lines'. */
};

/* The line with a '#' for each number, decimal or not, behind its place. */
static const char *
key_of (struct arena *a, const char *line)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    char *key = arena_dup (a, line), *to;
    size_t prefix = 0;

    line_of (line, &prefix);
    prefix += prefix ? 1 + strspn (key + prefix + 1, digits) : 0;
    to = key + prefix;
    for (const char *c = line + prefix; *c;) {
        size_t len = strspn (c, digits);

        *to++ = len ? '#' : *c;
        c += len ? len : 1;
    }
    *to = '\0';
    return key;
}

static struct alike *
find_alike (const struct problems *p, const char *key, size_t nth,
            const char *fleet)
{
    for (size_t i = 0; i < p->alike.n; i++) {
        struct alike *one = p->alike.p[i];

        if (one->nth == nth && !strcmp (one->key, key)
            && !strcmp (one->fleet, fleet)) {
            return one;
        }
    }
    return NULL;
}

static size_t
count (const struct vec *keys, const char *key)
{
    size_t n = 0;

    for (size_t i = 0; i < keys->n; i++) {
        n += !strcmp (keys->p[i], key);
    }
    return n;
}

void
problem_add_member (struct problems *p, const char *text, const char *vm,
                    const char *fleet)
{
    struct problems own = { .arena = p->arena };
    struct vec keys = { 0 };

    problem_add (&own, text);
    p->members++;
    for (size_t i = 0; i < own.lines.n; i++) {
        const char *line = own.lines.p[i], *key = key_of (p->arena, line);
        size_t nth = count (&keys, key);
        struct alike *one = find_alike (p, key, nth, fleet);

        vec_add (p->arena, &keys, key);
        if (one) {
            one->n++;
            one->same = one->same && !strcmp (one->line, line);
            continue;
        }
        one = arena_alloc (p->arena, sizeof *one);
        *one = (struct alike){ key, nth, vm, fleet, line, 1, true, p->lines.n };
        vec_add (p->arena, &p->alike, one);
        vec_add (p->arena, &p->lines, line);
    }
}

/* Those that all have need no example. */
static void
finish_members (struct problems *p)
{
    for (size_t i = 0; i < p->alike.n; i++) {
        const struct alike *one = p->alike.p[i];

        if (one->n > 1 && !one->same) {
            p->lines.p[one->at] =
                arena_format (p->arena, "%s (%s, and %zu more of fleet %s)",
                              one->line, one->vm, one->n - 1, one->fleet);
        } else if (one->n == 1 && p->members > 1
                   && !strstr (one->line, one->vm)) {
            p->lines.p[one->at] =
                arena_format (p->arena, "%s (%s)", one->line, one->vm);
        }
    }
    p->alike.n = 0;
}

/* Problems of one file in the order of its lines, whichever check found them;
 * stable. */
void
problem_sort (struct problems *p)
{
    finish_members (p);
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
