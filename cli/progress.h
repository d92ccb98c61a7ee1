/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A progress bar at the terminal, for long operations. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/cli.h"

struct progress {
    const struct hvctl *h;
    int64_t started, shown;
    uint64_t first, done; /* Bytes, when it began, and now. */
    bool terminal;
};

/* From now on the progress of operations is shown, if standard
 * error is a terminal, or as the stage of one of several VMs; a total of 0 is
 * unknown, or reported later. */
void progress_begin (struct cli *c, struct progress *p, uint64_t total);
void progress_end (struct cli *c, const struct progress *p);

/* Returns the bytes per second: "1.5 GiB". */
const char *progress_rate (const struct progress *p, char text[16]);

#endif /* CLI_PROGRESS_H */
