/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a process was killed for by its system call filter. */
#ifndef CORE_VIOLATION_H
#define CORE_VIOLATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Looks in the kernel's log for why 'pid', which ended at 'ended' (seconds
 * since the epoch), was killed by SIGSYS.  Returns a
 * malloc'ed phrase: "socket (41) in thread worker; group 'slirp' would
 * allow it, with certain arguments only"; or null, if the log can not be read
 * (an ordinary user's, often; with auditd it is in audit.log) or has no record.
 */
char *find_violation (pid_t pid, int64_t ended);

/* The same of a call that was seen otherwise. */
char *describe_call (int nr, const char *thread);

/* The same of one line of the log. */
char *read_violation (const char *record, pid_t pid);

#endif /* CORE_VIOLATION_H */
