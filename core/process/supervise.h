/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What spawn.c needs of supervise.c; the rest of it is in spawn.h. */
#ifndef CORE_SUPERVISE_H
#define CORE_SUPERVISE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/process/spawn.h"

/* What a supervisor is told, and the socket that is closed when it has been
 * executed. */
struct watch {
    pid_t pid;
    uint64_t start_time;
    int pidfd, control, notify, status;
};

/* Becomes the supervisor of a process that is being started, or, in the
 * foreground, the attendant of its start.  On failure the process is killed,
 * and 'status' told why. */
_Noreturn void become_supervisor (const struct supervision *sup,
                                  const struct watch *w);

/* Sends a struct jail_failure. */
void report_failure (int status, const char *step, int code, const char *detail,
                     bool namespaces);

/* No handler of ours, and nothing blocked. */
void forget_signals (void);

#endif /* CORE_SUPERVISE_H */
