/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "cli/columns.h"
#include "common/cleanup.h"
#include "common/compat.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/output.h"

struct json_object *
error_json (const struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "message", err->text);
    json_put_number (o, "exit_code", exit_code_of (err));
    json_put_text_or_null (o, "errno", errno_name (err->code));
    return o;
}

int
report (struct cli *c)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_object_object_add (o, "error", error_json (&c->err));
        document_print (c, o);
    } else {
        hvctl_warn ("%s", c->err.text);
    }
    return exit_code_of (&c->err);
}

bool
confirm (const char *question, ...)
{
    CLEANUP_FREE char *text = NULL;
    char answer[16];
    va_list args;

    if (!isatty (STDIN_FILENO)) {
        return false;
    }
    va_start (args, question);
    if (vasprintf (&text, question, args) < 0) {
        text = NULL;
    }
    va_end (args);
    err_out ("%s [y/N] ", text ? text : question);
    return fgets (answer, sizeof answer, stdin)
           && (*answer == 'y' || *answer == 'Y');
}

const char *
why_unconfirmed (void)
{
    return isatty (STDIN_FILENO)
               ? "not confirmed (--yes skips this question)"
               : "standard input is not a terminal: use --yes to confirm";
}

struct table {
    struct cli *c;
    const char *const *keys;
    struct columns columns;    /* For people. */
    struct json_object *items; /* For programs. */
    struct json_object *errors, *notes;
    const char *note; /* For people. */
};

static void
add_heading (struct table *t)
{
    const char *cells[MAX_COLUMNS];

    for (const char *const *key = t->keys; *key; key++) {
        char *heading =
            arena_dup (&t->c->h.arena, *key + (strchr ("#@?=", **key) != NULL));

        for (char *p = heading; *p; p++) {
            *p = (char)(*p == '_' ? '-' : toupper ((unsigned char)*p));
        }
        cells[t->columns.n++] = heading;
    }
    columns_add (&t->columns, cells);
}

struct table *
table_new (struct cli *c, const char *const *keys)
{
    struct table *t = arena_alloc (&c->h.arena, sizeof *t);

    t->c = c;
    t->keys = keys;
    if (c->json) {
        t->items = json_object_new_array ();
        t->errors = json_object_new_array ();
        return t;
    }
    add_heading (t);
    return t;
}

#define BETWEEN '\n'

/* What table_list() has made. */
static struct json_object *
json_list (const char *cell)
{
    struct json_object *all = json_object_new_array ();

    while (cell) {
        const char *end = strchr (cell, BETWEEN);
        size_t len = end ? (size_t)(end - cell) : strlen (cell);

        json_object_array_add (all,
                               json_object_new_string_len (cell, (int)len));
        cell = end ? end + 1 : NULL;
    }
    return all;
}

/* The same, of "key=value". */
static struct json_object *
json_map (const char *cell)
{
    struct json_object *all = json_object_new_object ();

    while (cell) {
        const char *end = strchr (cell, BETWEEN), *equal = strchr (cell, '=');
        size_t len = end ? (size_t)(end - cell) : strlen (cell);
        CLEANUP_FREE char *key = xformat ("%.*s", (int)(equal - cell), cell);

        json_object_object_add (all, key,
                                json_object_new_string_len (
                                    equal + 1, (int)(cell + len - equal - 1)));
        cell = end ? end + 1 : NULL;
    }
    return all;
}

static struct json_object *
json_flag (const char *cell)
{
    return cell ? json_object_new_boolean (!strcmp (cell, "yes")) : NULL;
}

static void
json_row (struct table *t, const char *const *cells)
{
    struct json_object *o = json_object_new_object ();

    for (size_t i = 0; t->keys[i]; i++) {
        if (*t->keys[i] == '@') {
            json_object_object_add (o, t->keys[i] + 1, json_list (cells[i]));
        } else if (*t->keys[i] == '=') {
            json_object_object_add (o, t->keys[i] + 1, json_map (cells[i]));
        } else if (*t->keys[i] == '?') {
            json_object_object_add (o, t->keys[i] + 1, json_flag (cells[i]));
        } else if (*t->keys[i] != '#') {
            json_put_text_or_null (o, t->keys[i], cells[i]);
        } else {
            json_put_number_or_null (o, t->keys[i] + 1, cells[i] != NULL,
                                     cells[i] ? strtoll (cells[i], NULL, 10)
                                              : 0);
        }
    }
    json_object_array_add (t->items, o);
}

void
table_row (struct table *t, const char *const *cells)
{
    if (t->items) {
        json_row (t, cells);
    } else {
        columns_add (&t->columns, cells);
    }
}

int
table_error (struct table *t, const struct error *err)
{
    if (t->errors) {
        json_object_array_add (t->errors, error_json (err));
    } else {
        hvctl_warn ("%s", err->text);
    }
    return exit_code_of (err);
}

void
table_notes (struct table *t, const struct vec *notes)
{
    t->notes = t->items ? json_object_new_array () : NULL;
    for (size_t i = 0; i < notes->n; i++) {
        const char *note = notes->p[i];

        if (t->notes) {
            json_object_array_add (t->notes, json_object_new_string (note));
        } else {
            t->note =
                t->note ? arena_format (&t->c->h.arena, "%s; %s", t->note, note)
                        : note;
        }
    }
}

void
table_print (struct table *t)
{
    struct json_object *o;

    if (t->items) {
        o = json_object_new_object ();
        json_object_object_add (o, "items", t->items);
        json_object_object_add (o, "errors", t->errors);
        if (t->notes) {
            json_object_object_add (o, "notes", t->notes);
        }
        document_print (t->c, o);
    } else {
        columns_print (&t->columns);
        if (t->note) {
            out ("(%s)\n", t->note);
        }
    }
}

const char *
table_number (struct cli *c, int64_t n)
{
    return arena_format (&c->h.arena, "%" PRId64, n);
}

const char *
table_size (struct cli *c, uint64_t bytes)
{
    char buffer[32];

    return c->json ? table_number (c, (int64_t)bytes)
                   : arena_dup (&c->h.arena,
                                format_size (bytes, buffer, sizeof buffer));
}

const char *
table_time (struct cli *c, int64_t seconds)
{
    return !seconds  ? NULL
           : c->json ? table_number (c, seconds)
                     : arena_time (&c->h.arena, ARENA_TIME, seconds);
}

const char *
table_uptime (struct cli *c, int64_t started)
{
    int64_t s = started ? (int64_t)time (NULL) - started : 0;
    struct arena *a = &c->h.arena;

    s = s < 0 ? 0 : s;
    return !started   ? NULL
           : c->json  ? table_number (c, s)
           : s < 60   ? arena_format (a, "%ds", (int)s)
           : s < 3600 ? arena_format (a, "%dm %ds", (int)s / 60, (int)s % 60)
           : s < 86400
               ? arena_format (a, "%dh %dm", (int)s / 3600, (int)s / 60 % 60)
               : arena_format (a, "%" PRId64 "d %dh", s / 86400,
                               (int)(s / 3600 % 24));
}

const char *
table_list (struct cli *c, const struct vec *texts)
{
    const char *all = texts->n ? texts->p[0] : NULL;

    for (size_t i = 1; i < texts->n; i++) {
        all = c->json ? arena_format (&c->h.arena, "%s%c%s", all, BETWEEN,
                                      (const char *)texts->p[i])
                      : arena_format (&c->h.arena, "%s, %s", all,
                                      (const char *)texts->p[i]);
    }
    return all;
}
