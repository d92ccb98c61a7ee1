/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/live.h"
#include "common/cleanup.h"
#include "core/base/clock.h"

#define TURN 200 /* ms, between two updates. */

const char *
progress_amount (double bytes, char text[16])
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
    size_t unit = 0;

    while (bytes >= 1024 && unit + 1 < ARRAY_SIZE (units)) {
        bytes /= 1024;
        unit++;
    }
    snprintf (text, 16, unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
    return text;
}

const char *
progress_rate (const struct progress *p, char text[16])
{
    int64_t ms = now_ms () - p->started;

    return progress_amount ((double)p->done * 1000 / (double)(ms > 0 ? ms : 1),
                            text);
}

/* The width of the bar. */
static int
bar_width (void)
{
    struct winsize size = { 0 };
    int width = ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col
                    ? size.ws_col - 50
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

/* The amount may exceed the estimate: 100 % is shown only at the end. */
static void
show (void *data, uint64_t done, uint64_t total)
{
    struct progress *p = data;
    int64_t now = now_ms ();
    char a[16], b[16];

    p->done = done;
    if ((!p->terminal && !p->h->stage) || now - p->shown < TURN) {
        return;
    }
    p->shown = now;
    if (p->h->stage) {
        context_stage (p->h, progress_amount ((double)done, a));
        return;
    }
    fputc ('\r', stderr);
    if (total) {
        draw_bar (done >= total ? 99 : (int)(done * 100.0 / (double)total));
    }
    fprintf (stderr, " %s", progress_amount ((double)done, a));
    if (total) {
        fprintf (stderr, " of %s", progress_amount ((double)total, b));
    }
    fprintf (stderr, ", %s/s\033[K", progress_rate (p, b));
    fflush (stderr);
}

void
progress_begin (struct cli *c, struct progress *p, uint64_t total)
{
    *p = (struct progress){ .h = &c->h,
                            .started = now_ms (),
                            .terminal = live_is_possible () };
    c->h.total = total;
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
