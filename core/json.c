/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/json.h"

#include <json-c/json.h>

const char *
json_get_text (struct arena *a, struct json_object *o, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex (o, key, &value)
               ? arena_dup (a, json_object_get_string (value))
               : NULL;
}

int64_t
json_get_number (struct json_object *o, const char *key)
{
    struct json_object *value;

    return json_object_object_get_ex (o, key, &value)
               ? json_object_get_int64 (value)
               : 0;
}
