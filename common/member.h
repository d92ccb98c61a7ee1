/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Members of JSON objects.  Members of external input either exist with the
 * expected type, or count as missing. */
#ifndef COMMON_MEMBER_H
#define COMMON_MEMBER_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

/* Returns the member of that type, or null. */
static inline struct json_object *
json_member (struct json_object *o, const char *key, enum json_type type)
{
    struct json_object *value;

    return json_object_is_type (o, json_type_object)
                   && json_object_object_get_ex (o, key, &value)
                   && json_object_is_type (value, type)
               ? value
               : NULL;
}

/* Returns the text of a member that is a string, or "". */
static inline const char *
json_member_text (struct json_object *o, const char *key)
{
    struct json_object *value = json_member (o, key, json_type_string);

    return value ? json_object_get_string (value) : "";
}

/* Returns a member that is a number and not negative, or 0. */
static inline uint64_t
json_member_size (struct json_object *o, const char *key)
{
    struct json_object *value = json_member (o, key, json_type_int);
    int64_t n = value ? json_object_get_int64 (value) : 0;

    return n > 0 ? (uint64_t)n : 0;
}

/* Returns the value of a member that is true or false, or false. */
static inline bool
json_member_flag (struct json_object *o, const char *key)
{
    return json_object_get_boolean (json_member (o, key, json_type_boolean));
}

/* Returns the number of its elements: none if it is not an array. */
static inline size_t
json_array_size (struct json_object *o)
{
    return json_object_is_type (o, json_type_array)
               ? json_object_array_length (o)
               : 0;
}

/* Adds a member; a null text is added as null: printed JSON has one schema. */
static inline void
json_put_text_or_null (struct json_object *o, const char *key,
                       const char *value)
{
    json_object_object_add (o, key,
                            value ? json_object_new_string (value) : NULL);
}

/* Adds a number, or null if it does not exist. */
static inline void
json_put_number_or_null (struct json_object *o, const char *key, bool is,
                         int64_t value)
{
    json_object_object_add (o, key, is ? json_object_new_int64 (value) : NULL);
}

/* Adds a member; a null text is omitted. */
static inline void
json_put_text (struct json_object *o, const char *key, const char *value)
{
    if (value) {
        json_object_object_add (o, key, json_object_new_string (value));
    }
}

static inline void
json_put_number (struct json_object *o, const char *key, int64_t value)
{
    json_object_object_add (o, key, json_object_new_int64 (value));
}

static inline void
json_put_flag (struct json_object *o, const char *key, bool value)
{
    json_object_object_add (o, key, json_object_new_boolean (value));
}

#endif /* COMMON_MEMBER_H */
