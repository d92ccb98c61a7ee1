/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The reason why a process was killed by its system call filter. */
#ifndef CORE_VIOLATION_H
#define CORE_VIOLATION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A process killed by SIGSYS. */
struct victim {
    pid_t pid;     /* In our namespace. */
    uid_t uid;     /* Its own, which no other process has; 0: it has none. */
    int64_t ended; /* Seconds since the epoch. */
};

/* Looks up in the kernel's log why it was killed.  The log has the
 * IDs of the initial namespaces: in a container, whose process IDs differ, a
 * process is identified by its own user ID.  Returns a malloc'ed phrase:
 * "socket (41) in thread worker; group 'slirp' would allow it, with certain
 * arguments only"; or null, with the reason in '*why', malloc'ed.  'why' may be
 * null. */
char *violation_find (const struct victim *v, char **why);

/* The same for a call that was reported otherwise.  It names the family of the
 * call, if it has one: "fstat (5) in thread qemu; group 'base' would allow it
 * (family 'stat')". */
char *violation_of_call (int nr, const char *thread);

/* The same for one line of the log, if its 'key' (" pid=", " uid=") is
 * 'number'. */
char *violation_read (const char *record, const char *key,
                      unsigned long number);

/* Translates 'uid' to the parent namespace: 'map' is a text like
 * /proc/PID/uid_map.  Returns false if it has no such user. */
bool violation_translate_uid (const char *map, uid_t uid,
                              unsigned long *outside);

#endif /* CORE_VIOLATION_H */
