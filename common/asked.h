/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads the request of a confined process from a seccomp notification
 * (seccomp_unotify(2)) and from its memory; with libc only, as the supervisor
 * has nothing else.  The process may change its memory at any time: so nothing
 * is read twice, and no answer may depend on it once it is given. */
#ifndef COMMON_ASKED_H
#define COMMON_ASKED_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ASKED_PATH 4096 /* Bytes, with the NUL. */

/* Stores the text at 'address' of the process, whose end may be the end of
 * its mapping.  Returns false if it cannot be read, or is longer. */
bool asked_path (pid_t pid, uint64_t address, char path[ASKED_PATH]);

/* Stores the address of the path and the flags, as in open(2), of a call of the
 * family "open".  Returns false if it is another call, or its arguments cannot
 * be read. */
bool asked_open (const struct seccomp_notif *request, uint64_t *path,
                 int *flags);

/* Stores the address of the path of a call of the family "stat". */
bool asked_stat (const struct seccomp_notif *request, uint64_t *path);

#endif /* COMMON_ASKED_H */
