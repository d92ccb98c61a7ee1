/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The execution of the program in its jail. */
#ifndef CORE_JAIL_EXEC_H
#define CORE_JAIL_EXEC_H

#include <stdint.h>

/* Executes an open file; returns only if that fails.  The second returns the
 * address that the kernel shows to filters then, 0 if it is not known. */
void jail_execveat (int fd, const char *const *argv,
                    const char *const *environment);
uint64_t jail_exec_address (void);

#endif /* CORE_JAIL_EXEC_H */
