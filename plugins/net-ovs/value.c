/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* OVSDB's operations and values; see value.h. */
#include "plugins/net-ovs/value.h"

#include <stdarg.h>
#include <string.h>

struct json_object *
value_list (struct json_object *first, ...)
{
    struct json_object *list = json_object_new_array ();
    va_list args;

    va_start (args, first);
    for (struct json_object *o = first; o;
         o = va_arg (args, struct json_object *)) {
        json_object_array_add (list, o);
    }
    va_end (args);
    return list;
}

struct json_object *
value_object (const char *key, struct json_object *value)
{
    struct json_object *o = json_object_new_object ();

    value_put (o, key, value);
    return o;
}

struct json_object *
value_set (struct json_object *elements)
{
    return LIST (STR ("set"), elements);
}

struct json_object *
value_map (const char *key, ...)
{
    struct json_object *pairs = json_object_new_array ();
    va_list args;

    va_start (args, key);
    for (; key; key = va_arg (args, const char *)) {
        json_object_array_add (
            pairs, LIST (STR (key), STR (va_arg (args, const char *))));
    }
    va_end (args);
    return LIST (STR ("map"), pairs);
}

void
value_put (struct json_object *o, const char *key, struct json_object *value)
{
    json_object_object_add (o, key, value);
}

struct json_object *
value_op (struct json_object *ops, const char *op, const char *table,
          struct json_object *where)
{
    struct json_object *o = value_object ("op", STR (op));

    if (table) {
        value_put (o, "table", STR (table));
    }
    if (table && strcmp (op, "insert")) {
        value_put (o, "where", where ? where : json_object_new_array ());
    }
    json_object_array_add (ops, o);
    return o;
}

struct json_object *
value_where (const char *column, const char *function,
             struct json_object *value)
{
    return LIST (LIST (STR (column), STR (function), value));
}

struct json_object *
value_insert (struct json_object *ops, const char *table, const char *uuid_name)
{
    struct json_object *o = value_op (ops, "insert", table, NULL);
    struct json_object *row = json_object_new_object ();

    value_put (o, "uuid-name", STR (uuid_name));
    value_put (o, "row", row);
    return row;
}

void
value_mutate (struct json_object *ops, const char *table,
              struct json_object *where, const char *column,
              const char *mutator, struct json_object *value)
{
    struct json_object *o = value_op (ops, "mutate", table, where);

    value_put (o, "mutations",
               LIST (LIST (STR (column), STR (mutator), value)));
}

void
value_select (struct json_object *ops, const char *table,
              struct json_object *where, const char *column, ...)
{
    struct json_object *o = value_op (ops, "select", table, where);
    struct json_object *columns = json_object_new_array ();
    va_list args;

    va_start (args, column);
    for (; column; column = va_arg (args, const char *)) {
        json_object_array_add (columns, STR (column));
    }
    va_end (args);
    value_put (o, "columns", columns);
}

void
value_wait (struct json_object *ops, const char *table,
            struct json_object *where, const char *column, bool are,
            struct json_object *rows, int64_t timeout)
{
    struct json_object *o = value_op (ops, "wait", table, where);

    value_put (o, "columns", LIST (STR (column)));
    value_put (o, "until", STR (are ? "==" : "!="));
    value_put (o, "rows", rows);
    value_put (o, "timeout", INT (timeout));
}

static struct json_object *
rows_of (struct json_object *results, size_t index)
{
    struct json_object *rows;

    return index < json_object_array_length (results)
                   && json_object_object_get_ex (
                       json_object_array_get_idx (results, index), "rows",
                       &rows)
                   && json_object_is_type (rows, json_type_array)
               ? rows
               : NULL;
}

size_t
value_rows (struct json_object *results, size_t index)
{
    struct json_object *rows = rows_of (results, index);

    return rows ? json_object_array_length (rows) : 0;
}

struct json_object *
value_row (struct json_object *results, size_t index, size_t n)
{
    struct json_object *rows = rows_of (results, index);
    struct json_object *row = rows ? json_object_array_get_idx (rows, n) : NULL;

    return json_object_is_type (row, json_type_object) ? row : NULL;
}

/* The second of ["set",…], ["map",…] or ["uuid",…], or null. */
static struct json_object *
tagged (struct json_object *value, const char *tag)
{
    struct json_object *first;

    if (!json_object_is_type (value, json_type_array)
        || json_object_array_length (value) != 2) {
        return NULL;
    }
    first = json_object_array_get_idx (value, 0);
    return json_object_is_type (first, json_type_string)
                   && !strcmp (json_object_get_string (first), tag)
               ? json_object_array_get_idx (value, 1)
               : NULL;
}

static struct json_object *
column_of (struct json_object *row, const char *column)
{
    struct json_object *value = NULL;

    if (row) {
        json_object_object_get_ex (row, column, &value);
    }
    return value;
}

/* The elements of a set, or null if it is a bare atom. */
static struct json_object *
elements_of (struct json_object *value)
{
    struct json_object *elements = tagged (value, "set");

    return json_object_is_type (elements, json_type_array) ? elements : NULL;
}

/* The column's only element, if it is of that type. */
static struct json_object *
atom_of (struct json_object *row, const char *column, enum json_type type)
{
    struct json_object *value = column_of (row, column);
    struct json_object *elements = elements_of (value);

    if (elements) {
        value = json_object_array_length (elements) == 1
                    ? json_object_array_get_idx (elements, 0)
                    : NULL;
    }
    return value && json_object_is_type (value, type) ? value : NULL;
}

const char *
value_string (struct json_object *row, const char *column)
{
    struct json_object *value = atom_of (row, column, json_type_string);

    return value ? json_object_get_string (value) : "";
}

int64_t
value_int (struct json_object *row, const char *column, int64_t none)
{
    struct json_object *value = atom_of (row, column, json_type_int);

    return value ? json_object_get_int64 (value) : none;
}

const char *
value_uuid (struct json_object *row, const char *column)
{
    struct json_object *text =
        tagged (atom_of (row, column, json_type_array), "uuid");

    return json_object_is_type (text, json_type_string)
               ? json_object_get_string (text)
               : NULL;
}

bool
value_bool (struct json_object *row, const char *column)
{
    struct json_object *value = atom_of (row, column, json_type_boolean);

    return value && json_object_get_boolean (value);
}

static bool
is_text (struct json_object *value, const char *text)
{
    return json_object_is_type (value, json_type_string)
           && !strcmp (json_object_get_string (value), text);
}

bool
value_has (struct json_object *row, const char *column, const char *text)
{
    struct json_object *value = column_of (row, column);
    struct json_object *elements = elements_of (value);

    if (!elements) {
        return is_text (value, text);
    }
    for (size_t i = 0; i < json_object_array_length (elements); i++) {
        if (is_text (json_object_array_get_idx (elements, i), text)) {
            return true;
        }
    }
    return false;
}

bool
value_any (struct json_object *row, const char *column)
{
    struct json_object *value = column_of (row, column);
    struct json_object *elements = elements_of (value);

    return elements ? json_object_array_length (elements) > 0 : value != NULL;
}

const char *
value_key (struct json_object *row, const char *column, const char *key)
{
    struct json_object *pairs = tagged (column_of (row, column), "map");

    if (!json_object_is_type (pairs, json_type_array)) {
        return "";
    }
    for (size_t i = 0; i < json_object_array_length (pairs); i++) {
        struct json_object *pair = json_object_array_get_idx (pairs, i);
        struct json_object *value;

        if (json_object_is_type (pair, json_type_array)
            && json_object_array_length (pair) == 2
            && is_text (json_object_array_get_idx (pair, 0), key)) {
            value = json_object_array_get_idx (pair, 1);
            return json_object_is_type (value, json_type_string)
                       ? json_object_get_string (value)
                       : "";
        }
    }
    return "";
}
