/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/columns.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/output.h"

#define LINES 8192 /* Bytes that are written at once. */

/* Characters, not bytes; what is no UTF-8 counts as it is. */
static size_t
width_of (const char *cell, size_t len)
{
    size_t width = 0;

    for (size_t i = 0; i < len; width++) {
        bool partial;
        size_t n = output_utf8_length (cell + i, len - i, &partial);

        i += n ? n : 1;
    }
    return width;
}

void
columns_add (struct columns *t, const char *const *cells)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *cell = cells[i] ? cells[i] : "";
        size_t len = strlen (cell), width = width_of (cell, len);

        if (t->room - t->used <= len) {
            t->room = 2 * t->room + len + LINES;
            t->text = xrealloc (t->text, t->room);
        }
        memcpy (t->text + t->used, cell, len + 1);
        /* A cell with several lines would be no cell. */
        for (char *c = t->text + t->used; (c = strpbrk (c, "\n\r\t"));) {
            *c = ' ';
        }
        t->used += len + 1;
        t->widths[i] = width > t->widths[i] ? width : t->widths[i];
    }
    t->rows++;
}

struct buffer {
    char bytes[LINES];
    size_t n;
};

static void
put (struct buffer *b, const char *data, size_t n)
{
    if (b->n + n > sizeof b->bytes) {
        out_bytes (b->bytes, b->n);
        b->n = 0;
    }
    if (n > sizeof b->bytes) {
        out_bytes (data, n);
        return;
    }
    memcpy (b->bytes + b->n, data, n);
    b->n += n;
}

/* 'spaces' separate a cell from the one before: nothing is at the end of a
 * line. */
static void
put_cell (struct buffer *b, const char *cell, size_t len, size_t *spaces,
          size_t width)
{
    for (; len && *spaces; --*spaces) {
        put (b, " ", 1);
    }
    put (b, cell, len);
    *spaces += width - width_of (cell, len) + 1;
}

void
columns_print (struct columns *t)
{
    struct buffer b = { .n = 0 };
    const char *cell = t->text;

    for (size_t row = 0; t->rows > 1 && row < t->rows; row++) {
        size_t spaces = 0;

        for (size_t i = 0; i < t->n; i++) {
            size_t len = strlen (cell);

            put_cell (&b, cell, len, &spaces, t->widths[i]);
            cell += len + 1;
        }
        put (&b, "\n", 1);
    }
    out_bytes (b.bytes, b.n);
    free (t->text);
    *t = (struct columns){ 0 };
}
