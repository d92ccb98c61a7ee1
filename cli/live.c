/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/clock.h"

#define FIRST 300 /* ms: a command that is done by then draws nothing. */
#define TURN 100
#define WIDEST 512

/* A job in the background draws nothing over what its user types meanwhile. */
static bool
is_in_front (void)
{
    pid_t front = tcgetpgrp (STDERR_FILENO);

    return front < 0 || front == getpgrp ();
}

bool
live_is_possible (void)
{
    const char *term = getenv ("TERM");

    return term && *term && strcmp (term, "dumb") != 0 && isatty (STDERR_FILENO)
           && is_in_front ();
}

void
live_begin (struct live *l)
{
    *l = (struct live){ .on = live_is_possible (), .due = now_ms () + FIRST };
}

bool
live_is_due (const struct live *l)
{
    return l->on && now_ms () >= l->due;
}

static void
size_of_screen (int *width, int *height)
{
    struct winsize size = { 0 };
    bool known = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0;

    *width = known && size.ws_col ? size.ws_col : 80;
    *height = known && size.ws_row ? size.ws_row : 24;
    *width = *width < WIDEST ? *width : WIDEST;
}

/* One line, cut at the width of the screen: a longer one would take two, which
 * cannot be removed as one.  A name that is none may contain anything. */
static void
put_line (struct live *l, const char *text, int width)
{
    int column = 0;

    for (; *text && column < width - 1; text++, column++) {
        putc (*text >= ' ' && *text < 0x7f ? *text : '?', stderr);
    }
    putc ('\n', stderr);
    l->lines++;
}

/* The width of the first column. */
static int
longest_name (const struct live_row *rows, size_t n)
{
    size_t most = strlen ("VM");

    for (size_t i = 0; i < n; i++) {
        size_t len = strlen (rows[i].vm);

        most = len > most ? len : most;
    }
    return most < 40 ? (int)most : 40;
}

void
live_draw (struct live *l, const struct live_row *rows, size_t n,
           const char *summary)
{
    int width, height, name = longest_name (rows, n);
    char line[WIDEST + 1];
    size_t room;

    live_clear (l);
    l->due = now_ms () + TURN;
    if (!is_in_front ()) {
        return;
    }
    size_of_screen (&width, &height);
    room = height > 3 ? (size_t)height - 3 : 0;
    if (room && n) {
        snprintf (line, sizeof line, "%-*s  %-10s %8s  %s", name, "VM", "STATE",
                  "SECONDS", "STAGE");
        put_line (l, line, width);
    }
    for (size_t i = 0; i < n && i < room; i++) {
        snprintf (line, sizeof line, "%-*.*s  %-10s %8.1f  %s", name, name,
                  rows[i].vm, rows[i].state,
                  (double)(now_ms () - rows[i].since) / 1000, rows[i].stage);
        put_line (l, line, width);
    }
    put_line (l, summary, width);
    fflush (stderr);
}

void
live_clear (struct live *l)
{
    if (l->lines && is_in_front ()) {
        fprintf (stderr, "\r\033[%dA\033[J", l->lines);
        fflush (stderr);
    }
    l->lines = 0;
}
