/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/live.h"
#include "common/size.h"
#include "core/base/clock.h"

#define TURN 200     /* ms, between two updates. */
#define SETTLED 1000 /* ms, until a rate says how long the rest takes. */

/* Bytes per second. */
static double
rate (const struct progress *p)
{
    int64_t ms = now_ms () - p->started;

    return (double)(p->done - p->first) * 1000 / (double)(ms > 0 ? ms : 1);
}

const char *
progress_rate (const struct progress *p, char text[16])
{
    return format_amount (rate (p), text);
}

/* The width of the bar. */
static int
bar_width (void)
{
    struct winsize size = { 0 };
    int width = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col
                    ? size.ws_col - 65
                    : 20;

    return width < 0 ? 0 : width > 40 ? 40 : width;
}

static void
draw_bar (int percent)
{
    int width = bar_width ();

    fprintf (stderr, "%3d%% ", percent);
    for (int i = 0; i < width; i++) {
        putc (i == 0                            ? '['
              : i == width - 1                  ? ']'
              : i * 100 < percent * (width - 1) ? '='
                                                : ' ',
              stderr);
    }
}

/* The time that it will take. */
static void
show_left (double seconds)
{
    int s = seconds < 360000 ? (int)seconds + 1 : 360000;

    if (s >= 3600) {
        fprintf (stderr, ", %d:%02d h left", s / 3600, s / 60 % 60);
    } else {
        fprintf (stderr, ", %d:%02d left", s / 60, s % 60);
    }
}

/* The amount may exceed the estimate: 100 % is shown only at the end. */
static void
show (void *data, uint64_t done, uint64_t total)
{
    struct progress *p = data;
    int64_t now = now_ms ();
    char a[16], b[16];

    if (done < p->done) { /* Another step of the operation. */
        p->started = now;
        p->first = done;
    } else if (!p->done) {
        p->first = p->h->before;
    }
    p->done = done;
    if ((!p->terminal && !p->h->stage) || now - p->shown < TURN) {
        return;
    }
    p->shown = now;
    if (p->h->stage) {
        context_stage (p->h, format_amount ((double)done, a));
        return;
    }
    fputc ('\r', stderr);
    if (total) {
        draw_bar (done >= total ? 99 : (int)(done * 100.0 / (double)total));
    }
    fprintf (stderr, " %s", format_amount ((double)done, a));
    if (total) {
        fprintf (stderr, " of %s", format_amount ((double)total, b));
    }
    fprintf (stderr, ", %s/s", progress_rate (p, b));
    if (total > done && now - p->started > SETTLED && rate (p) >= 1) {
        show_left ((double)(total - done) / rate (p));
    }
    fputs ("\033[K", stderr);
    fflush (stderr);
}

void
progress_begin (struct cli *c, struct progress *p, uint64_t total)
{
    *p = (struct progress){ .h = &c->h,
                            .started = now_ms (),
                            .terminal = live_is_possible () };
    c->h.total = total;
    c->h.before = 0;
    c->h.progress = show;
    c->h.progress_data = p;
}

void
progress_end (struct cli *c, const struct progress *p)
{
    c->h.progress = NULL;
    if (p->terminal && p->shown) {
        fputs ("\r\033[K", stderr);
        fflush (stderr);
    }
}
