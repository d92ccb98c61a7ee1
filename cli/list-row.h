/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The columns of 'hvctl list', and what each of them needs to be known. */
#ifndef CLI_LIST_ROW_H
#define CLI_LIST_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "core/state/state.h"

enum column {
    NAME,
    STATE,
    CPUS,
    MEMORY,
    HYPERVISOR,
    PID,
    SANDBOX,
    UPTIME,
    ENDED,
    ENDED_AT,
    USUAL, /* The columns above are shown unless others are asked for, ... */
    UUID = USUAL,
    DESCRIPTION,
    LABELS,
    AUTOSTART,
    START_ORDER,
    WIDE, /* ...in JSON also those above, with --wide also those below. */
    MAC = WIDE,
    ADDRESS,
    FORWARD,
    DISKS,
    RESIDENT,
    COLUMNS
};

/* What has to be read for a column. */
enum {
    NEEDS_STATE = 1 << 0,   /* Whether the VM runs, and with what. */
    NEEDS_ANSWER = 1 << 1,  /* What its hypervisor says. */
    NEEDS_ENDING = 1 << 2,  /* How its last run ended; saved states. */
    NEEDS_STOPPED = 1 << 3, /* The definition of a VM that does not run, ... */
    NEEDS_DEFINITION = 1 << 4, /* ...and of any VM. */
    NEEDS_ADDRESSES = 1 << 5,
    NEEDS_MEMORY = 1 << 6, /* How much memory its process uses. */
};

/* ms: others are not to wait for a hypervisor that hangs. */
#define ANSWER_LIMIT 300

/* A list: which columns are shown, and by which it is sorted. */
struct list_columns {
    enum column shown[COLUMNS];
    size_t n_shown;
    struct {
        enum column column;
        bool down;
    } sort[COLUMNS];
    size_t n_sort;
    unsigned needs; /* Of all of them. */
};

/* Returns the names of columns, as the user writes them, ended by a null. */
const char *list_column_name (size_t n);

/* Chooses them by the options.  Fails with EXIT_USAGE. */
int list_columns_choose (struct cli *c, struct list_columns *out);

/* Returns a table with these columns. */
struct table *list_columns_table (struct cli *c, const struct list_columns *l);

/* What rows are made of. */
struct list_source {
    struct cli *c;
    unsigned needs;
    struct vec kept; /* VMs of which something is kept, sorted. */
};

struct list_row {
    const char *cells[COLUMNS];
    int64_t numbers[COLUMNS]; /* Of cells that are numbers. */
};

/* Fills in the row of a VM.  's' is null for one without a run directory;
 * 'text' is its hypervisor's answer, or null. */
void list_row_fill (const struct list_source *from, struct list_row *row,
                    const char *name, const struct vm_state *s,
                    const char *text);

/* Returns whether the VM is running. */
bool list_runs (const struct vm_state *s);

/* Adds the row to the table. */
void list_row_add (struct table *t, const struct list_columns *l,
                   const struct list_row *row);

/* Sorts the rows: those without a value are the last ones, and among equals the
 * order remains. */
void list_rows_sort (const struct list_columns *l, struct list_row **rows,
                     size_t n);

#endif /* CLI_LIST_ROW_H */
