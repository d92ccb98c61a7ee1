/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/member-text.h"

#include "core/config/textedit.h"

/* The values are copied as they are written. */
static const char *
put_settings (struct arena *a, const char *text, const char *own,
              const struct hv_options *s)
{
    struct section_place at;

    if (s->kind && !s->n_settings
        && !textedit_section (text, s->kind, s->name, &at)) {
        return arena_format (a, "%s\n%s%s%s {\n}\n", text, s->kind,
                             s->name ? " " : "", s->name ? s->name : "");
    }
    for (size_t i = 0; i < s->n_settings; i++) {
        const char *key = s->settings[i].key;

        if (textedit_setting (own, s->kind, s->name, key, &at)) {
            text =
                textedit_set (a, text, s->kind, s->name, key,
                              arena_dup_n (a, own + at.from, at.to - at.from));
        }
    }
    return text;
}

const char *
member_text (struct arena *a, const char *fleet, const char *own,
             const struct hv_options *root)
{
    static const char *const keys[] = { "count", "first" };
    const char *text = fleet;

    for (size_t i = 0; i < 2; i++) {
        const char *next = textedit_remove (a, text, NULL, NULL, keys[i]);

        text = next ? next : text;
    }
    if (!own || !root) {
        return text;
    }
    text = put_settings (a, text, own, root);
    for (size_t i = 0; i < root->sections.n; i++) {
        text = put_settings (a, text, own, root->sections.p[i]);
    }
    return text;
}
