/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Parses the server's answers; see ovsdb.h. */
#include <errno.h>
#include <string.h>

#include "common/member.h"
#include "plugins/net-ovs/ovsdb.h"

void
ovsdb_words (char *out, size_t size, const char *words)
{
    size_t len = 0;

    for (; len + 1 < size && words[len]; len++) {
        out[len] = (unsigned char)words[len] < ' ' || words[len] == 0x7f
                       ? '?'
                       : words[len];
    }
    while (len > 0 && strchr (". ", out[len - 1])) {
        len--;
    }
    out[len] = '\0';
}

int
ovsdb_refuse (struct ovsdb *db, struct json_object *error)
{
    char what[128], details[256];

    ovsdb_words (what, sizeof what,
                 json_object_is_type (error, json_type_string)
                     ? json_object_get_string (error)
                     : json_member_text (error, "error"));
    ovsdb_words (details, sizeof details, json_member_text (error, "details"));
    return ovsdb_fail (
        db, EINVAL, "Open vSwitch's database rejected a request: %s%s%s",
        *what ? what : "no reason given", *details ? ": " : "", details);
}

int
ovsdb_failed (struct json_object *results)
{
    for (size_t i = 0; i < json_object_array_length (results); i++) {
        struct json_object *o = json_object_array_get_idx (results, i);
        struct json_object *error;

        if (json_object_is_type (o, json_type_object)
            && json_object_object_get_ex (o, "error", &error) && error) {
            return (int)i;
        }
    }
    return -1;
}

int
ovsdb_refused (struct ovsdb *db, struct json_object *results, int index)
{
    return ovsdb_refuse (db,
                         json_object_array_get_idx (results, (size_t)index));
}

bool
ovsdb_failed_by (struct json_object *results, int index, const char *error)
{
    return index >= 0
           && !strcmp (
               json_member_text (
                   json_object_array_get_idx (results, (size_t)index), "error"),
               error);
}

int
ovsdb_check (struct ovsdb *db, struct json_object *results, size_t n_ops)
{
    if (!json_object_is_type (results, json_type_array)) {
        return ovsdb_nonsense (db, "no array of results");
    }
    if (ovsdb_failed (results) >= 0) {
        return 0;
    }
    if (json_object_array_length (results) != n_ops) {
        return ovsdb_nonsense (db, "results are missing");
    }
    for (size_t i = 0; i < n_ops; i++) {
        if (!json_object_is_type (json_object_array_get_idx (results, i),
                                  json_type_object)) {
            return ovsdb_nonsense (db, "a result is not an object");
        }
    }
    return 0;
}
