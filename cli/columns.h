/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Text in columns, for people.  Ten thousand rows take a megabyte. */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include <stddef.h>

#define MAX_COLUMNS 24

struct columns {
    size_t n, rows; /* The first row is the heading. */
    char *text;     /* The cells, each with a NUL. */
    size_t used, room;
    size_t widths[MAX_COLUMNS];
};

/* Adds a row; a null cell is empty. */
void columns_add (struct columns *t, const char *const *cells);

/* Prints all of it, if there is more than a heading; frees it. */
void columns_print (struct columns *t);

#endif /* CLI_COLUMNS_H */
