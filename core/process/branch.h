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

#define BRANCH_SAID 64

struct branch {
    pid_t pid;  /* 0: none, or in the copy itself. */
    int fd;     /* The pipe for the copy's result. */
    int out[2]; /* Files with its standard output and error, or -1. */
    char *text; /* The result so far, with a NUL; freed by branch_free(). */
    size_t size;
    char said[BRANCH_SAID]; /* The last line of branch_say(). */
};

/* Returns 1 in the copy, 0 here, or fails; nothing is left then.  A copy gets
 * no signals from the terminal, and SIGTERM if we exit before it.  With 'hold',
 * its output is kept for branch_output(), since the terminal is used for
 * something else. */
int branch_start (struct branch *b, bool hold, struct error *err);

/* Tells the original process a line while the copy works: what it is doing.
 * Lost if the original process does not read. */
void branch_say (struct branch *b, const char *line);

/* Exits from the copy, with its result, which is one line; with EXIT_ERROR if
 * its output was lost. */
void branch_end (struct branch *b, const char *text, int status)
    __attribute__ ((noreturn));

/* Reads available data.  Returns true if the copy has exited, with the
 * '*status' of waitpid(). */
bool branch_read (struct branch *b, int *status);

/* Returns the output of a copy that has exited, to be freed, or null: 0 is
 * standard output, 1 is standard error. */
char *branch_output (const struct branch *b, int which);

void branch_signal (const struct branch *b, int signal);

/* Closes the files of a copy that has exited; its text remains. */
void branch_close (struct branch *b);
void branch_free (struct branch *b);

#endif /* CORE_BRANCH_H */
