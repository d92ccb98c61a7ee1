/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Members of JSON objects, as hvctl writes and reads them in its files. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json_types.h>

#include "core/arena.h"

/* Adds a member; a null text is none. */
void json_put_text (struct json_object *o, const char *key, const char *value);
void json_put_number (struct json_object *o, const char *key, int64_t value);
void json_put_flag (struct json_object *o, const char *key, bool value);

/* The member, copied, or null; the member, or 0. */
const char *json_get_text (struct arena *a, struct json_object *o,
                           const char *key);
int64_t json_get_number (struct json_object *o, const char *key);

#endif /* CORE_JSON_H */
