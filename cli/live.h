/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A table at the terminal that is drawn again in place while VMs are handled:
 * the last lines of the screen, below all other output. */
#ifndef CLI_LIVE_H
#define CLI_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct live {
    bool on;     /* Standard error is a terminal that can do it. */
    int lines;   /* On the screen. */
    int64_t due; /* The time of the next drawing. */
};

struct live_row {
    const char *vm, *state, *stage;
    int64_t since;
};

/* Is standard error a terminal that can do it, and ours?  It is not in a job in
 * the background, nor in a copy of this process. */
bool live_is_possible (void);

void live_begin (struct live *l);

/* Returns whether it is time to draw it. */
bool live_is_due (const struct live *l);

/* As many rows as the screen has room for, and below them the summary. */
void live_draw (struct live *l, const struct live_row *rows, size_t n,
                const char *summary);

/* Removes it, before other output, and at the end. */
void live_clear (struct live *l);

#endif /* CLI_LIVE_H */
