/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The table of commands, in parts: the usage text, the help, the completions
 * and the manual's synopsis are made from it. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

#include "cli/crowd.h"

#define YES                                                                    \
    {                                                                          \
        "yes", 'y', NULL, "do not ask", NULL                                   \
    }

/* Options of all commands that take several VMs; see select.h. */
#define SELECT                                                                 \
    { "label", 'l', "KEY[=VALUE]",                                             \
      "VMs with this label, of those named if any are; KEY!=VALUE: without "   \
      "it (repeatable: all must match)",                                       \
      "LABEL" },                                                               \
    {                                                                          \
        "all", 'a', NULL, "all VMs", NULL                                      \
    }

/* Neither options nor more help. */
#define NO_MORE { { 0 } }, NULL

#define END_OF_COMMANDS                                                        \
    {                                                                          \
        NULL, ARGS_NONE, NULL, NULL, NULL, 0, { { 0 } }, NULL                  \
    }

/* Each ends in END_OF_COMMANDS. */
extern const struct command define_commands[], run_commands[],
    devices_commands[], host_commands[], volume_commands[], image_commands[];

#endif /* CLI_TABLE_H */
