/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a process was killed for by its system call filter. */
#ifndef CORE_VIOLATION_H
#define CORE_VIOLATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whom SIGSYS killed. */
struct victim {
    pid_t pid;     /* As we know it. */
    uid_t uid;     /* Its own, which nobody else has; 0: it has none. */
    int64_t ended; /* Seconds since the epoch. */
};

/* Looks in the kernel's log for what it was killed for.  The log has the
 * numbers of the initial namespaces: in a container, whose pids are others, a
 * process is known by its own user id.  Returns a malloc'ed phrase: "socket
 * (41) in thread worker; group 'slirp' would allow it, with certain arguments
 * only"; or null, and in '*why', malloc'ed, why it cannot be told.  'why' may
 * be null. */
char *violation_find (const struct victim *v, char **why);

/* The same of a call that was seen otherwise.  It names the family that the
 * call is of, if any: "fstat (5) in thread qemu; group 'base' would allow it
 * (family 'stat')". */
char *violation_of_call (int nr, const char *thread);

/* The same of one line of the log, if its 'key' (" pid=", " uid=") is 'number'.
 */
char *violation_read (const char *record, const char *key,
                      unsigned long number);

/* What the parent namespace calls 'uid': 'map' is a text like
 * /proc/PID/uid_map. False if it has no such user. */
bool violation_translate_uid (const char *map, uid_t uid,
                              unsigned long *outside);

#endif /* CORE_VIOLATION_H */
