/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/json.h"

#include "common/cleanup.h"
#include "core/base/file.h"

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

struct json_object *
json_texts (const struct vec *texts)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < texts->n; i++) {
        json_object_array_add (all, json_object_new_string (texts->p[i]));
    }
    return all;
}

struct json_object *
json_read (const char *path)
{
    CLEANUP_FREE char *text = file_read (path);
    struct json_object *o = text ? json_tokener_parse (text) : NULL;

    if (!json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        return NULL;
    }
    return o;
}

int
json_write (const char *path, struct json_object *o, struct error *err)
{
    int rc = file_write (
        path, 0600,
        json_object_to_json_string_ext (
            o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE),
        err);

    json_object_put (o);
    return rc;
}
