/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/pending-text.h"

#include <string.h>

#include "core/config/effective.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

/* The section of that kind and name, or null. */
static const struct hv_options *
section_of (const struct definition *def, const struct hv_options *like)
{
    for (size_t i = 0; i < def->root->sections.n; i++) {
        const struct hv_options *s = def->root->sections.p[i];

        if (!strcmp (s->kind, like->kind)
            && (like->name ? s->name && !strcmp (s->name, like->name)
                           : !s->name)) {
            return s;
        }
    }
    return NULL;
}

/* Variables in 'vars' are replaced where they are used. */
static const char *
write_out (struct arena *a, const char *text, const struct hv_options *was,
           const struct hv_options *now, struct vec *kept)
{
    for (size_t i = 0; was && i < now->n_settings; i++) {
        const struct setting *set = &now->settings[i];
        const char *value = settings_get (was, set->key);
        const char *quoted;

        if (!set->unknown || !value || effective_omits (now, set->key)) {
            continue;
        }
        quoted = textedit_quote (a, value, false);
        text = textedit_set (a, text, now->kind, now->name, set->key, quoted);
        vec_add (a, kept,
                 pending_kept (a, now->kind, now->name, set->key, quoted));
    }
    return text;
}

const char *
pending_text (struct arena *a, const char *text, const struct definition *was,
              const struct definition *now, struct vec *kept)
{
    if (!now || !now->root) {
        return text;
    }
    text = write_out (a, text, was->root, now->root, kept);
    for (size_t i = 0; i < now->root->sections.n; i++) {
        const struct hv_options *s = now->root->sections.p[i];

        text = write_out (a, text, section_of (was, s), s, kept);
    }
    return text;
}

const char *
pending_kept (struct arena *a, const char *kind, const char *name,
              const char *key, const char *value)
{
    return kind ? arena_format (a, "%s%s%s: %s = %s", kind, name ? " " : "",
                                name ? name : "", key, value)
                : arena_format (a, "%s = %s", key, value);
}
