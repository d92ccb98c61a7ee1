/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Who is attached to a console: one at a time, and the next one is told. */
#ifndef CLI_CONSOLE_H
#define CLI_CONSOLE_H

#include "cli/cli.h"

/* Makes this process the one that is attached, until it ends.  If another is,
 * fails and says who it is, or, with 'force', has it leave. */
int console_take (struct cli *c, const char *name, bool force);

/* Who made us leave: "process 123 (root, /dev/pts/3)", or null. */
const char *console_taker (struct cli *c);

#endif /* CLI_CONSOLE_H */
