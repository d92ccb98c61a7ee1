/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/draft-text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/config/textedit.h"

struct writer {
    struct import *im;
    FILE *to;
    struct vec *lines; /* Or null. */
    char *text;
    size_t len;
};

static void
begin (struct writer *w, struct import *im, struct vec *lines)
{
    *w = (struct writer){ .im = im, .lines = lines };
    w->to = or_exit (open_memstream (&w->text, &w->len));
}

/* Returns what was written. */
static const char *
end (struct writer *w)
{
    const char *copy;

    fclose (w->to);
    copy = arena_dup (w->im->a, w->text);
    free (w->text);
    return copy;
}

/* Writes whole lines. */
static void
put (struct writer *w, const struct tree *from, const char *fmt, ...)
{
    const char *text;
    va_list args;

    va_start (args, fmt);
    text = arena_vformat (w->im->a, fmt, args);
    va_end (args);
    fputs (text, w->to);
    for (; w->lines && (text = strchr (text, '\n')); text++) {
        vec_add (w->im->a, w->lines, from);
    }
}

/* Quotes a value, in which only DRAFT_VAR is a variable. */
static const char *
quote (struct import *im, const char *value)
{
    const char *text = textedit_quote (im->a, value, false);
    char *out, *to;

    if (!strpbrk (text, DRAFT_VAR DRAFT_END)) {
        return text;
    }
    to = out = arena_alloc (im->a, 2 * strlen (text) + 1);
    for (; *text; text++) {
        if (*text == *DRAFT_VAR) {
            *to++ = '$';
            *to++ = '{';
        } else {
            *to++ = *text == *DRAFT_END ? '}' : *text;
        }
    }
    return out;
}

/* Keys whose values are lists of names, which need no quotes. */
static bool
is_list (const char *key)
{
    return !strcmp (key, "templates");
}

static void
put_section (struct writer *w, const struct draft_section *s,
             const char *indent)
{
    if (s->kind) {
        put (w, s->from, "\n%s%s %s%s{\n", indent, s->kind,
             s->name ? quote (w->im, s->name) : "", s->name ? " " : "");
    }
    for (size_t i = 0; i < s->settings.n; i++) {
        const struct draft_setting *set = s->settings.p[i];
        bool list = is_list (set->key);

        put (w, set->from, "%s%s%s = %s%s%s\n", indent, s->kind ? "    " : "",
             set->key, list ? "{" : "",
             list ? set->value : quote (w->im, set->value), list ? "}" : "");
    }
    if (s->kind) {
        put (w, s->from, "%s}\n", indent);
    }
}

static void
put_sections (struct writer *w, const struct draft *d, const char *indent)
{
    for (size_t i = 0; i < d->sections.n; i++) {
        put_section (w, d->sections.p[i], indent);
    }
}

const char *
draft_text (struct import *im, const struct draft *d, const char *tool,
            struct vec *lines)
{
    struct writer w;

    begin (&w, im, lines);
    put (&w, d->from, "# %s, imported from %s; see hvctl.conf(5)\n", d->name,
         tool);
    if (d->count) {
        put (&w, d->from, "count = %" PRIu64 "\n", d->count);
    }
    put_sections (&w, d, "");
    return end (&w);
}

const char *
draft_text_host (struct import *im, const char *tool, struct vec *lines)
{
    struct writer w;
    bool any = false;

    begin (&w, im, lines);
    put (&w, NULL, "# Imported from %s; see hvctl.conf(5)\n", tool);
    for (size_t i = 0; i < im->host.n; i++) {
        const struct draft *d = im->host.p[i];

        if (!d->exists) {
            put (&w, d->from, "\n%s %s {\n", d->kind, quote (im, d->name));
            put_sections (&w, d, "    ");
            put (&w, d->from, "}\n");
            any = true;
        }
    }
    return any ? end (&w) : (end (&w), NULL);
}
