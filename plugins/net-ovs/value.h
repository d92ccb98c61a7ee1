/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Writes and reads OVSDB's operations and values (RFC 7047, 5.1 and 5.2).
 *
 * New values are handed over to the operation, the row or the list that they
 * become a part of.  Readers accept whatever the server sent: a value that does
 * not have the expected form counts as missing. */
#ifndef PLUGINS_NET_OVS_VALUE_H
#define PLUGINS_NET_OVS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

/* Atoms. */
#define STR(text) json_object_new_string (text)
#define INT(number) json_object_new_int64 (number)
#define LIST(...) value_list (__VA_ARGS__, NULL)
#define UUID(text) LIST (STR ("uuid"), STR (text))
#define NAMED_UUID(text) LIST (STR ("named-uuid"), STR (text))

/* A JSON array; ends in null. */
struct json_object *value_list (struct json_object *first, ...)
    __attribute__ ((sentinel));

/* A JSON object of one member. */
struct json_object *value_object (const char *key, struct json_object *value);

/* ["set",[…]], of a JSON array. */
struct json_object *value_set (struct json_object *elements);

/* ["map",[[…,…],…]]: keys and values in turn, then null. */
struct json_object *value_map (const char *key, ...) __attribute__ ((sentinel));

/* Adds a member to an operation or a row. */
void value_put (struct json_object *o, const char *key,
                struct json_object *value);

/* Adds an operation to 'ops'.  'table' and 'where' (null: all rows) are given
 * unless the operation has none. */
struct json_object *value_op (struct json_object *ops, const char *op,
                              const char *table, struct json_object *where);

/* A 'where' of one condition. */
struct json_object *value_where (const char *column, const char *function,
                                 struct json_object *value);

/* An insert of a row, which is returned to be filled. */
struct json_object *value_insert (struct json_object *ops, const char *table,
                                  const char *uuid_name);

/* A mutate of one column. */
void value_mutate (struct json_object *ops, const char *table,
                   struct json_object *where, const char *column,
                   const char *mutator, struct json_object *value);

/* A select; columns in turn, then null. */
void value_select (struct json_object *ops, const char *table,
                   struct json_object *where, const char *column, ...)
    __attribute__ ((sentinel));

/* A wait until the rows' 'column' are exactly, or are not, 'rows'. */
void value_wait (struct json_object *ops, const char *table,
                 struct json_object *where, const char *column, bool are,
                 struct json_object *rows, int64_t timeout);

/* Returns the rows found by the select 'index'. */
size_t value_rows (struct json_object *results, size_t index);
struct json_object *value_row (struct json_object *results, size_t index,
                               size_t n);

/* Return a column's string ("" for none), number ('none' for none), UUID (null
 * for none), boolean.  A set of one counts as its element. */
const char *value_string (struct json_object *row, const char *column);
int64_t value_int (struct json_object *row, const char *column, int64_t none);
const char *value_uuid (struct json_object *row, const char *column);
bool value_bool (struct json_object *row, const char *column);

/* Return whether the string is in the column's set; whether that is not
 * empty. */
bool value_has (struct json_object *row, const char *column, const char *text);
bool value_any (struct json_object *row, const char *column);

/* Returns the value of a key in the column's map, "" for none. */
const char *value_key (struct json_object *row, const char *column,
                       const char *key);

#endif /* PLUGINS_NET_OVS_VALUE_H */
