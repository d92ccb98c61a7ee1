/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads what a confined process asks for, of a seccomp notification
 * (seccomp_unotify(2)) and its memory; with libc only, as the supervisor has
 * nothing else.  The process may change its memory at any time: so nothing is
 * read twice, and no answer may depend on it once it is given. */
#ifndef COMMON_ASKED_H
#define COMMON_ASKED_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ASKED_PATH 4096 /* Bytes, with the NUL. */

/* Stores the text at 'address' of the process, whose end may be the end of
 * what is mapped.  False if it cannot be read, or is longer. */
bool asked_path (pid_t pid, uint64_t address, char path[ASKED_PATH]);

/* If this is a call of the family "open": stores where its path is, and its
 * flags as open(2) has them.  False if it is another, or its arguments cannot
 * be read. */
bool asked_open (const struct seccomp_notif *request, uint64_t *path,
                 int *flags);

/* If this is a call of the family "stat": stores where its path is. */
bool asked_stat (const struct seccomp_notif *request, uint64_t *path);

#endif /* COMMON_ASKED_H */
