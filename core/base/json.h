/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Members of JSON objects, as hvctl reads them in its own files. */
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <stdint.h>

#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"

/* The member, copied, or null; the member, or 0. */
const char *json_get_text (struct arena *a, struct json_object *o,
                           const char *key);
int64_t json_get_number (struct json_object *o, const char *key);

/* The object that a file of ours holds, or null: there is none, or it has
 * something else. */
struct json_object *json_read (const char *path);

/* Writes a file for us alone, at once or not at all, and lets go of 'o'. */
int json_write (const char *path, struct json_object *o, struct error *err);

#endif /* CORE_JSON_H */
