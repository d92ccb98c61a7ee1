/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Members of JSON objects in hvctl's own files. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdint.h>

#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Returns a copy of the member, or null; the member, or 0. */
const char *json_get_text (struct arena *a, struct json_object *o,
                           const char *key);
int64_t json_get_number (struct json_object *o, const char *key);

/* Returns an array of strings. */
struct json_object *json_texts (const struct vec *texts);

/* Returns the object in one of our files, or null: the file does not exist, or
 * contains something else. */
struct json_object *json_read (const char *path);

/* Writes a file that only we can read, atomically, and releases 'o'. */
int json_write (const char *path, struct json_object *o, struct error *err);

#endif /* CORE_JSON_H */
