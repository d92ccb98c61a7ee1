/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <libsmartcols/libsmartcols.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/definition.h"
#include "core/state.h"

void
print_json (struct json_object *o)
{
    puts (json_object_to_json_string_ext (
        o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put (o);
}

void
json_text (struct json_object *o, const char *key, const char *value)
{
    json_object_object_add (o, key,
                            value ? json_object_new_string (value) : NULL);
}

static struct json_object *
error_json (const struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_text (o, "message", err->text);
    json_put_number (o, "exit_code", exit_code_of (err));
    json_text (o, "errno", strerrorname_np (err->code));
    return o;
}

int
report (struct cli *c)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_object_object_add (o, "error", error_json (&c->err));
        print_json (o);
    } else {
        hvctl_warn ("%s", c->err.text);
    }
    return exit_code_of (&c->err);
}

static bool
is_pattern (const char *s)
{
    return strpbrk (s, "*?[") != NULL;
}

int
expand_names (struct cli *c, struct vec *names)
{
    struct vec all = { 0 };
    bool loaded = false;

    for (size_t i = 0; i < c->args.n; i++) {
        const char *arg = c->args.p[i];
        size_t before = names->n;

        if (!is_pattern (arg)) {
            if (!vec_has (names, arg)) {
                vec_add (&c->h.arena, names, arg);
            }
            continue;
        }
        if (!loaded && definition_names (&c->h, &all, &c->err) < 0) {
            return -c->err.code;
        }
        loaded = true;
        for (size_t k = 0; k < all.n; k++) {
            if (fnmatch (arg, all.p[k], 0) == 0 && !vec_has (names, all.p[k])) {
                vec_add (&c->h.arena, names, all.p[k]);
            }
        }
        if (names->n == before) {
            return fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                              "no VM matches '%s'", arg);
        }
    }
    return 0;
}

int
for_each_vm (struct cli *c, each_fn *each)
{
    struct json_object *all = json_object_new_array ();
    struct vec names = { 0 };
    int code = EXIT_OK;

    if (expand_names (c, &names) < 0) {
        json_object_put (all);
        return report (c);
    }
    for (size_t i = 0; i < names.n && !hvctl_interrupted; i++) {
        struct json_object *one = json_object_new_object ();
        struct error err = { 0 };

        json_text (one, "name", names.p[i]);
        if (each (c, names.p[i], one, &err) < 0) {
            code = code ? code : exit_code_of (&err);
            json_object_object_add (one, "error", error_json (&err));
            if (!c->json) {
                hvctl_warn ("%s", err.text);
            }
        }
        json_object_array_add (all, one);
    }
    if (c->json) {
        print_json (all);
    } else {
        json_object_put (all);
    }
    return hvctl_interrupted && !code ? EXIT_INTERRUPTED : code;
}

bool
confirm (const char *question, ...)
{
    char answer[16];
    va_list args;

    if (!isatty (STDIN_FILENO)) {
        return false;
    }
    fflush (stdout);
    va_start (args, question);
    vfprintf (stderr, question, args);
    va_end (args);
    fputs (" [y/N] ", stderr);
    return fgets (answer, sizeof answer, stdin)
           && (*answer == 'y' || *answer == 'Y');
}

struct table {
    struct cli *c;
    const char *const *keys;
    struct libscols_table *table;
};

static void
add_columns (struct table *t)
{
    for (const char *const *key = t->keys; *key; key++) {
        bool number = **key == '#';
        char *heading = arena_dup (&t->c->h.arena, *key + number);
        struct libscols_column *column;

        if (!t->c->json) {
            for (char *p = heading; *p; p++) {
                *p = (char)toupper ((unsigned char)*p);
            }
        }
        column = scols_table_new_column (t->table, heading, 0, 0);
        if (number) {
            scols_column_set_json_type (column, SCOLS_JSON_NUMBER);
        }
    }
}

struct table *
table_new (struct cli *c, const char *const *keys)
{
    struct table *t = arena_alloc (&c->h.arena, sizeof *t);

    t->c = c;
    t->keys = keys;
    scols_init_debug (0);
    t->table = scols_new_table ();
    if (c->json) {
        scols_table_enable_json (t->table, 1);
        scols_table_set_name (t->table, "items");
    }
    add_columns (t);
    return t;
}

void
table_row (struct table *t, const char *const *cells)
{
    struct libscols_line *line = scols_table_new_line (t->table, NULL);

    for (size_t i = 0; t->keys[i]; i++) {
        if (cells[i]) {
            scols_line_set_data (line, i, cells[i]);
        }
    }
}

void
table_print (struct table *t)
{
    if (t->c->json || scols_table_get_nlines (t->table)) {
        scols_print_table (t->table);
    }
    scols_unref_table (t->table);
}
