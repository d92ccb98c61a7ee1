/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* textedit.c finds its way in a text by itself.  What it has made of that is
 * read by the parser that reads definitions, since only that counts. */
#include "core/config/textedit-check.h"

#include <string.h>

#include "core/config/config.h"
#include "core/config/keys.h"
#include "core/config/settings.h"

/* Returns null also if there are problems: a key that is set twice, say. */
static struct hv_options *
parse (struct arena *a, const char *text)
{
    struct problems p = { .arena = a };
    struct hv_options *root = config_parse_text (a, text, definition_kinds, &p);

    return p.lines.n ? NULL : root;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

/* Returns the index of the section, or that of none. */
static size_t
place_of (const struct hv_options *root, const char *kind, const char *name)
{
    size_t i = 0;

    for (; i < root->sections.n; i++) {
        const struct hv_options *s = root->sections.p[i];

        if (is_same (s->kind, kind) && is_same (s->name, name)) {
            break;
        }
    }
    return i;
}

static void
add_settings (struct arena *a, struct hv_options *to,
              const struct hv_options *s)
{
    size_t n = to->n_settings + s->n_settings;
    struct setting *all = arena_alloc (a, (n + 1) * sizeof *all);

    if (to->n_settings) {
        memcpy (all, to->settings, to->n_settings * sizeof *all);
    }
    to->settings = all;
    for (size_t i = 0; i < s->n_settings; i++) {
        struct setting *old = settings_find (to, s->settings[i].key);

        *(old ? old : &all[to->n_settings++]) = s->settings[i];
    }
}

static void
add_all (struct arena *a, struct hv_options *to, const struct hv_options *more)
{
    add_settings (a, to, more);
    for (size_t i = 0; i < more->sections.n; i++) {
        struct hv_options *s = more->sections.p[i];
        size_t at = place_of (to, s->kind, s->name);

        if (at < to->sections.n) {
            add_settings (a, to->sections.p[at], s);
        } else {
            vec_add (a, &to->sections, s);
        }
    }
}

static void
remove_setting (struct hv_options *s, const char *key)
{
    struct setting *set = settings_find (s, key);

    if (set) {
        *set = s->settings[--s->n_settings];
    }
}

static bool
has_same_settings (const struct hv_options *a, const struct hv_options *b)
{
    for (size_t i = 0; i < a->n_settings; i++) {
        const struct setting *x = &a->settings[i];
        const struct setting *y = settings_find (b, x->key);

        if (!y || x->pending != y->pending || strcmp (x->value, y->value)) {
            return false;
        }
    }
    return a->n_settings == b->n_settings;
}

static bool
is_equal (const struct hv_options *a, const struct hv_options *b)
{
    if (!has_same_settings (a, b) || a->sections.n != b->sections.n) {
        return false;
    }
    for (size_t i = 0; i < a->sections.n; i++) {
        const struct hv_options *s = a->sections.p[i];
        size_t at = place_of (b, s->kind, s->name);

        if (at == b->sections.n || !has_same_settings (s, b->sections.p[at])) {
            return false;
        }
    }
    return true;
}

static size_t
count_settings (const struct hv_options *root)
{
    size_t n = root->n_settings;

    for (size_t i = 0; i < root->sections.n; i++) {
        n += ((const struct hv_options *)root->sections.p[i])->n_settings;
    }
    return n;
}

static bool
is_added (struct arena *a, const char *before, const struct hv_options *more,
          const struct hv_options *is)
{
    struct hv_options *was = parse (a, before);

    if (was && more) {
        add_all (a, was, more);
    }
    return !was || (more && is && is_equal (was, is));
}

bool
textedit_check_set (struct arena *a, const char *before, const char *one,
                    const char *after)
{
    const struct hv_options *more = parse (a, one);

    return is_added (a, before,
                     more && count_settings (more) == 1 ? more : NULL,
                     parse (a, after));
}

bool
textedit_check_appended (struct arena *a, const char *before, const char *more,
                         const char *after)
{
    const struct hv_options *is = parse (a, after);

    return !is || is_added (a, before, parse (a, more), is);
}

bool
textedit_check_removed (struct arena *a, const char *before, const char *kind,
                        const char *name, const char *key, const char *after)
{
    struct hv_options *was = parse (a, before);
    const struct hv_options *is = parse (a, after);
    size_t at = was && kind ? place_of (was, kind, name) : 0;

    if (!was) {
        return true;
    }
    if (!kind) {
        remove_setting (was, key);
    } else if (at < was->sections.n && key) {
        remove_setting (was->sections.p[at], key);
    } else if (at < was->sections.n) {
        was->sections.p[at] = was->sections.p[--was->sections.n];
    }
    return is && is_equal (was, is);
}
