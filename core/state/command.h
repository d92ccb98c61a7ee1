/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small things that start, stop and the commands share. */
#ifndef CORE_COMMAND_H
#define CORE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"

/* The argv of "hvctl -c CONF COMMAND NAME", by this program's own path. */
const char *const *own_command (struct hvctl *h, const char *command,
                                const char *name);

/* That of "hvctl release", which may have to tell how the VM ended. */
const char *const *own_release (struct hvctl *h, const char *name, bool tells);

/* What the supervisor recorded of the end of 'pid', which had a user id of its
 * own (or 0), and, if the sandbox killed it, for which system call, or why that
 * is not known: "signal 31 1763701234 socket (41) in …". */
const char *complete_end (struct hvctl *h, const char *line, pid_t pid,
                          uint64_t uid);

/* "exit 0 1763701234" → "it ended with status 0". */
const char *describe_end (struct hvctl *h, const char *line);

/* The last lines of a process's log, on one line, or null. */
const char *last_words (struct hvctl *h, const char *path);

#endif /* CORE_COMMAND_H */
