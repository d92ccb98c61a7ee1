/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Opens files for a helper program in its jail. */
#ifndef CORE_BROKER_H
#define CORE_BROKER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/sandbox/jail.h"

/* Returns the files that a program is granted, malloc'ed: those it may write
 * to, and those it may only read.  Either list may be null. */
struct jail_file *broker_files (const char *const *reads,
                                const char *const *writes, size_t *n);

/* Receives the notification descriptor of a program's filter; -1: none came. */
int broker_receive (int socket);

/* Answers one call: opens a granted file by its path, and passes all others
 * on to the program's own root.  Returns false if the kernel cannot inject a
 * descriptor into a process. */
bool broker_answer (int listener, const struct jail_file *files, size_t n);

#endif /* CORE_BROKER_H */
