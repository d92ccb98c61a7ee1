/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-settings.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "common/mac.h"
#include "common/size.h"
#include "core/base/json.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/settings.h"

const char *
plan_settings_value (struct arena *a, enum hv_type type, const char *value)
{
    uint64_t n;
    int64_t ms;
    bool flag;

    return type == HV_SIZE && parse_size (value, &n)
               ? arena_format (a, "%" PRIu64, n)
           : type == HV_UINT && parse_uint (value, &n)
               ? arena_format (a, "%" PRIu64, n)
           : type == HV_DURATION && parse_duration (value, &ms)
               ? arena_format (a, "%" PRId64 "ms", ms)
           : type == HV_BOOL && parse_bool (value, &flag) ? flag ? "yes" : "no"
                                                          : value;
}

static void
add (struct arena *a, struct vec *all, const struct hv_options *s,
     const char *key, enum hv_type type)
{
    const char *value = settings_get (s, key);

    if (value) {
        vec_add (a, all,
                 arena_format (a, "%s=%s", key,
                               plan_settings_value (a, type, value)));
    }
}

struct json_object *
plan_settings_json (struct arena *a, const struct hv_options *s)
{
    struct vec all = { 0 };

    for (const struct hv_key *k = s ? s->keys : NULL; k && k->name; k++) {
        if (strcmp (k->name, "*") != 0) {
            add (a, &all, s, k->name, k->type);
        }
    }
    /* Of a section whose keys are free, or not known yet. */
    for (size_t i = 0; s && !all.n && i < s->n_settings; i++) {
        add (a, &all, s, s->settings[i].key, HV_STRING);
    }
    vec_sort (&all);
    return json_texts (&all);
}
