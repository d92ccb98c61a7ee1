/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Copies of this process that work on several VMs concurrently: one that hangs
 * does not delay the others. */
#ifndef CORE_BRANCH_H
#define CORE_BRANCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/error.h"

struct branch {
    pid_t pid;  /* 0: none, or in the copy itself. */
    int fd;     /* The pipe for the copy's result. */
    char *text; /* The result so far, with a NUL; freed by branch_free(). */
    size_t size;
};

/* Returns 1 in the copy, 0 here, or fails.  A copy gets no signals from the
 * terminal, and SIGTERM if we exit before it. */
int branch_start (struct branch *b, struct error *err);

/* Exits from the copy, with its result. */
void branch_end (struct branch *b, const char *text, int status)
    __attribute__ ((noreturn));

/* Reads available data.  Returns true if the copy has exited, with the
 * '*status' of waitpid(). */
bool branch_read (struct branch *b, int *status);

void branch_signal (const struct branch *b, int signal);
void branch_free (struct branch *b);

#endif /* CORE_BRANCH_H */
