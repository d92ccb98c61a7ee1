/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The client of a console: only one at a time, and the next one is told. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "cli/cli.h"

/* Makes this process the attached client, until it exits.  If there is another,
 * fails and names it or, with 'force', makes it detach. */
int console_take (struct cli *c, const char *name, bool force);

/* Returns who made us detach: "process 123 (root, /dev/pts/3)", or null. */
const char *console_taker (struct cli *c);

#endif /* CLI_CONSOLE_H */
