/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/section-json.h"

#include "common/member.h"
#include "core/config/config.h"
#include "core/config/effective.h"

void
section_json_settings (struct json_object *o, const struct hv_options *s,
                       bool effective)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];

        if (!effective || !effective_omits (s, set->key)) {
            json_put_text_or_null (o, set->key,
                                   set->pending && !effective ? set->written
                                   : set->path                ? set->path
                                                              : set->value);
        }
    }
}

/* Returns the member, an object, which is added if it is missing. */
static struct json_object *
inside (struct json_object *o, const char *key)
{
    struct json_object *to;

    if (!json_object_object_get_ex (o, key, &to)) {
        to = json_object_new_object ();
        json_object_object_add (o, key, to);
    }
    return to;
}

void
section_json_inner (struct json_object *o, const struct hv_options *s,
                    bool effective)
{
    for (size_t i = 0; i < s->sections.n; i++) {
        const struct hv_options *one = s->sections.p[i];
        struct json_object *to;

        if (effective && effective_omits (one, NULL)) {
            continue;
        }
        to = inside (o, one->kind);
        to = one->name ? inside (to, one->name) : to;
        section_json_settings (to, one, effective);
        section_json_inner (to, one, effective);
    }
}
