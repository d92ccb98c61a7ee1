/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which columns 'hvctl list' shows, and in which order its rows are. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/list-row.h"
#include "core/base/arena.h"
#include "core/base/name.h"

static const struct {
    const char *key; /* As table_new() wants it. */
    unsigned needs;
} columns[COLUMNS] = {
    [NAME] = { "name", 0 },
    [STATE] = { "state",
                NEEDS_STATE | NEEDS_ANSWER | NEEDS_ENDING | NEEDS_STOPPED },
    [CPUS] = { "#cpus", NEEDS_STATE | NEEDS_STOPPED },
    [MEMORY] = { "#memory", NEEDS_STATE | NEEDS_STOPPED },
    [HYPERVISOR] = { "hypervisor", NEEDS_STATE },
    [PID] = { "#pid", NEEDS_STATE },
    [SANDBOX] = { "sandbox", NEEDS_STATE },
    [UPTIME] = { "#uptime", NEEDS_STATE },
    [ENDED] = { "ended", NEEDS_STATE | NEEDS_ENDING },
    [ENDED_AT] = { "#ended_at", NEEDS_STATE | NEEDS_ENDING },
    [UUID] = { "uuid", NEEDS_STATE | NEEDS_DEFINITION },
    [DESCRIPTION] = { "description", NEEDS_DEFINITION },
    [LABELS] = { "=labels", NEEDS_DEFINITION },
    [AUTOSTART] = { "?autostart", NEEDS_DEFINITION },
    [START_ORDER] = { "#start_order", NEEDS_DEFINITION },
    [MAC] = { "@mac", NEEDS_DEFINITION },
    [ADDRESS] = { "@address",
                  NEEDS_STATE | NEEDS_DEFINITION | NEEDS_ADDRESSES },
    [FORWARD] = { "@forward", NEEDS_DEFINITION },
    [DISKS] = { "@disks", NEEDS_DEFINITION },
    [RESIDENT] = { "#resident", NEEDS_STATE | NEEDS_MEMORY },
};

/* Other words for them. */
static const struct {
    const char *word;
    enum column column;
} aliases[] = { { "ip", ADDRESS },   { "ended-at", ENDED_AT },
                { "disk", DISKS },   { "start-order", START_ORDER },
                { "label", LABELS }, { NULL, NAME } };

static bool
is_number (enum column column)
{
    return *columns[column].key == '#';
}

static const char *
name_of (enum column column)
{
    const char *key = columns[column].key;

    return key + (strchr ("#@?=", *key) != NULL);
}

const char *
list_column_name (size_t n)
{
    return n < COLUMNS ? name_of ((enum column)n) : NULL;
}

/* Returns the column, or -1. */
static int
find_column (const char *word)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (!strcmp (name_of ((enum column)i), word)) {
            return i;
        }
    }
    for (size_t i = 0; aliases[i].word; i++) {
        if (!strcmp (aliases[i].word, word)) {
            return (int)aliases[i].column;
        }
    }
    return -1;
}

static int
unknown_column (struct cli *c, const char *option, const char *word)
{
    const char *names[COLUMNS + 1] = { NULL }, *near, *all = "";

    for (int i = 0; i < COLUMNS; i++) {
        names[i] = name_of ((enum column)i);
        all =
            arena_format (&c->h.arena, "%s%s%s", all, i ? ", " : "", names[i]);
    }
    near = name_nearest (word, names);
    return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                      near ? "--%s: there is no column '%s': did you mean "
                             "'%s'?"
                           : "--%s: there is no column '%s': the columns are "
                             "%s",
                      option, word, near ? near : all);
}

/* The next word of a list, behind '*at'; an empty one is a mistake. */
static int
next_column (struct cli *c, const char *option, const char **at,
             enum column *out, bool *down)
{
    size_t len = strcspn (*at, ",");
    const char *word = arena_dup_n (&c->h.arena, *at, len);
    int column;

    *at += len + ((*at)[len] == ',' && (*at)[len + 1]);
    if (down) {
        *down = *word == '-';
        word += *down;
    }
    column = find_column (word);
    if (column < 0) {
        return unknown_column (c, option, word);
    }
    *out = (enum column)column;
    return 0;
}

static bool
is_shown (const struct list_columns *l, enum column column)
{
    for (size_t i = 0; i < l->n_shown; i++) {
        if (l->shown[i] == column) {
            return true;
        }
    }
    return false;
}

static int
twice (struct cli *c, const char *option, enum column column)
{
    return fail_exit (&c->err, EXIT_USAGE, EINVAL, "--%s: '%s' is given twice",
                      option, name_of (column));
}

static int
parse_columns (struct cli *c, const char *text, struct list_columns *out)
{
    do {
        enum column column;

        if (next_column (c, "columns", &text, &column, NULL) < 0) {
            return -c->err.code;
        }
        if (is_shown (out, column)) {
            return twice (c, "columns", column);
        }
        out->shown[out->n_shown++] = column;
    } while (*text);
    return 0;
}

static int
parse_sort (struct cli *c, const char *text, struct list_columns *out)
{
    while (text && (!out->n_sort || *text)) {
        enum column column;
        bool down = false;

        if (next_column (c, "sort", &text, &column, &down) < 0) {
            return -c->err.code;
        }
        for (size_t i = 0; i < out->n_sort; i++) {
            if (out->sort[i].column == column) {
                return twice (c, "sort", column);
            }
        }
        out->sort[out->n_sort].column = column;
        out->sort[out->n_sort++].down = down;
    }
    return 0;
}

static void
add_range (struct list_columns *l, enum column from, enum column to)
{
    for (; from < to; from++) {
        l->shown[l->n_shown++] = from;
    }
}

static void
choose_usual (struct cli *c, struct list_columns *out)
{
    add_range (out, NAME, has_option (c, "names") ? STATE : USUAL);
    if (c->json && !has_option (c, "names")) {
        add_range (out, USUAL, WIDE);
    }
    if (has_option (c, "wide")) {
        add_range (out, WIDE, COLUMNS);
    }
}

int
list_columns_choose (struct cli *c, struct list_columns *out)
{
    const char *chosen = option_value (c, "columns");
    bool names = has_option (c, "names"), wide = has_option (c, "wide");

    if (!!chosen + names + wide > 1) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--names, --wide and --columns exclude each other");
    }
    if (parse_sort (c, option_value (c, "sort"), out) < 0
        || (chosen && parse_columns (c, chosen, out) < 0)) {
        return -c->err.code;
    }
    if (!chosen) {
        choose_usual (c, out);
    }
    for (size_t i = 0; i < out->n_shown; i++) {
        out->needs |= columns[out->shown[i]].needs;
    }
    for (size_t i = 0; i < out->n_sort; i++) {
        out->needs |= columns[out->sort[i].column].needs;
    }
    return 0;
}

struct table *
list_columns_table (struct cli *c, const struct list_columns *l)
{
    const char **keys =
        arena_alloc (&c->h.arena, (l->n_shown + 1) * sizeof *keys);

    for (size_t i = 0; i < l->n_shown; i++) {
        keys[i] = columns[l->shown[i]].key;
    }
    return table_new (c, keys);
}

void
list_row_add (struct table *t, const struct list_columns *l,
              const struct list_row *row)
{
    const char *cells[COLUMNS];

    for (size_t i = 0; i < l->n_shown; i++) {
        cells[i] = row->cells[l->shown[i]];
    }
    table_row (t, cells);
}

/* ---------------------------------------------------------------- Sorting */

static int
compare_cells (const struct list_row *a, const struct list_row *b,
               enum column column)
{
    return is_number (column) ? (a->numbers[column] > b->numbers[column])
                                    - (a->numbers[column] < b->numbers[column])
                              : strcmp (a->cells[column], b->cells[column]);
}

static int
compare (const struct list_columns *l, const struct list_row *a,
         const struct list_row *b)
{
    int order = 0;

    for (size_t i = 0; i < l->n_sort && !order; i++) {
        enum column column = l->sort[i].column;
        bool in_a = a->cells[column] != NULL, in_b = b->cells[column] != NULL;

        order = in_a && in_b ? compare_cells (a, b, column) : in_b - in_a;
        order = in_a && in_b && l->sort[i].down ? -order : order;
    }
    return order;
}

static void
merge (const struct list_columns *l, struct list_row **rows, size_t n,
       struct list_row **room)
{
    size_t half = n / 2, i = 0, k = half, to = 0;

    if (n < 2) {
        return;
    }
    merge (l, rows, half, room);
    merge (l, rows + half, n - half, room);
    while (i < half && k < n) {
        room[to++] = compare (l, rows[i], rows[k]) <= 0 ? rows[i++] : rows[k++];
    }
    while (i < half) {
        room[to++] = rows[i++];
    }
    memcpy (rows, room, to * sizeof *rows);
}

/* qsort() would have no access to the columns, and is not stable. */
void
list_rows_sort (const struct list_columns *l, struct list_row **rows, size_t n)
{
    struct list_row **room = xalloc ((n + 1) * sizeof *room);

    merge (l, rows, n, room);
    free (room);
}
