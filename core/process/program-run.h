/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A helper program while it runs: program.c starts it and evaluates its exit.
 */
#ifndef CORE_PROGRAM_RUN_H
#define CORE_PROGRAM_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/flow.h"
#include "core/process/program.h"
#include "core/sandbox/jail.h"

#define RUN_OUTPUT (16 << 20) /* The most that it may print. */
#define RUN_WORDS 8192        /* Of standard error, the last ones. */

/* A running program. */
struct run {
    pid_t pid;                  /* 0: it has exited... */
    pid_t was;                  /* ...and this was its ID. */
    int in, out, words, status; /* Our ends; -1: closed. */
    int asks, listener;         /* Of the broker; 'asks' passes 'listener'. */
    struct jail_file *files;
    size_t n_files;
    struct flow feed;  /* Into 'in'. */
    struct flow drain; /* Of 'out', if that goes to a descriptor. */
    bool draining, streams, interrupted;
    uint64_t passed;
    char *output;
    size_t output_size, output_room;
    char words_text[2 * RUN_WORDS];
    size_t words_size;
    struct jail_failure failure;
    bool too_much;
    bool unable; /* The kernel cannot inject descriptors into it. */
    bool hangs;  /* It could not be killed. */
};

/* Feeds its input, and reads its output, until it has exited; returns false if
 * it exceeded its time. */
bool program_attend (struct run *run, const struct program *p, int *status);

/* Closes one of our ends. */
void program_close_end (int *fd);

#endif /* CORE_PROGRAM_RUN_H */
