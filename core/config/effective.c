/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/effective.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/config/expand.h"
#include "core/config/host-read.h"
#include "core/config/about.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

/* 'guest': only what concerns the guest. */
static bool
is_written (const struct hv_options *s, const char *key, bool guest)
{
    return !effective_omits (s, key) && !(guest && about_has (s, key));
}

/* A list may be empty, another value not. */
static const char *
value_text (struct arena *a, const struct setting *set, const char *value)
{
    return set->list && !*value ? "{ }" : textedit_quote (a, value, false);
}

static void
write_settings (struct arena *a, FILE *f, const struct hv_options *s,
                bool guest)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        const char *key = s->settings[i].key;

        if (is_written (s, key, guest)) {
            fprintf (f, "%s%s = %s\n", s->kind ? "    " : "", key,
                     value_text (a, &s->settings[i], settings_get (s, key)));
        }
    }
}

/* By kind, as the parser has them: so the text does not change when it is
 * written out again. */
static void
write_sections (struct arena *a, FILE *f, const struct definition *def,
                const char *kind, bool guest)
{
    for (size_t i = 0; i < def->root->sections.n; i++) {
        const struct hv_options *s = def->root->sections.p[i];

        if (!strcmp (s->kind, kind) && is_written (s, NULL, guest)) {
            fprintf (f, "\n%s%s%s {\n", s->kind, s->name ? " " : "",
                     s->name ? s->name : "");
            write_settings (a, f, s, guest);
            fprintf (f, "}\n");
        }
    }
}

static const char *
text_of (struct arena *a, const struct definition *def, bool guest)
{
    CLEANUP_FREE char *text = NULL;
    size_t size;
    FILE *f = open_memstream (&text, &size);

    if (!f) {
        return "";
    }
    write_settings (a, f, def->root, guest);
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        write_sections (a, f, def, k->kind, guest);
    }
    fclose (f);
    return arena_dup (a, text);
}

/* A template's values still have their variables.  By kind, as above: the order
 * of files makes no difference. */
static void
write_tree (struct arena *a, FILE *f, const struct hv_options *s,
            const struct section_kind *kinds, int depth)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];

        const char *value = set->path ? set->path : set->value;

        /* '$' that begins no variable is escaped before marks become '$'. */
        value = value_text (a, set, value);
        fprintf (f, "%*s%s = %s\n", 4 * depth, "", set->key,
                 set->pending ? expand_written (a, value) : value);
    }
    for (; kinds && kinds->kind; kinds++) {
        for (size_t i = 0; i < s->sections.n; i++) {
            const struct hv_options *one = s->sections.p[i];

            if (strcmp (one->kind, kinds->kind) != 0) {
                continue;
            }
            fprintf (f, "%s%*s%s%s%s {\n", depth ? "" : "\n", 4 * depth, "",
                     one->kind, one->name ? " " : "",
                     one->name ? one->name : "");
            write_tree (a, f, one, kinds->inner, depth + 1);
            fprintf (f, "%*s}\n", 4 * depth, "");
        }
    }
}

const char *
effective_host_text (struct arena *a, const struct hv_options *root)
{
    CLEANUP_FREE char *text = NULL;
    size_t size;
    FILE *f = open_memstream (&text, &size);

    if (!f) {
        return "";
    }
    write_tree (a, f, root, host_read_kinds, 0);
    fclose (f);
    return arena_dup (a, text);
}

const char *
effective_text (struct arena *a, const struct definition *def)
{
    return text_of (a, def, false);
}

const char *
effective_guest_text (struct arena *a, const struct definition *def)
{
    return text_of (a, def, true);
}

bool
effective_omits (const struct hv_options *s, const char *key)
{
    return s->kind ? !strcmp (s->kind, "vars")
                   : key && !strcmp (key, "templates");
}
