/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How a run ended, as text. */
#ifndef CORE_ENDING_TEXT_H
#define CORE_ENDING_TEXT_H

#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"

/* Returns the supervisor's record of the exit of 'pid', which had a user ID of
 * its own (or 0), and, if the sandbox killed it, for which system call, or why
 * that is not known: "signal 31 1763701234 socket (41) in …". */
const char *ending_complete (struct hvctl *h, const char *line, pid_t pid,
                             uint64_t uid);

/* "exit 0 1763701234" → "it ended with status 0". */
const char *ending_describe (struct hvctl *h, const char *line);

/* Returns the last lines of a process's log, on one line, or null. */
const char *ending_last_words (struct hvctl *h, const char *path);

#endif /* CORE_ENDING_TEXT_H */
