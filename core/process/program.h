/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Helper programs, which are run until they exit. */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

/* A helper program. */
struct program {
    const char *const *argv;   /* [0]: absolute, or looked up in a fixed
                                * path: never the caller's PATH as root. */
    const char *input;         /* Or null. */
    int64_t timeout;           /* Milliseconds, > 0. */
    const char *const *groups; /* Non-null: in a jail. */
    bool kvm;
    uid_t uid;                                /* In a jail. */
    const char *const *reads, *const *writes; /* See struct hv_program. */

    /* For a stream, likewise; 'moved' is told how many bytes have passed. */
    size_t input_size;
    const int *input_fd, *output_fd;
    void (*moved) (void *data, uint64_t bytes);
    void *moved_data;
};

/* Runs a program until it exits and stores its standard output,
 * malloc'ed and ended by a NUL (at most 16 MiB), in '*out', which may be
 * null.  If it is not found: ENOENT.  An exit status other than 0, a signal, or
 * the timeout: an error with the end of its standard error. */
int program_run (const struct program *p, char **out, struct error *err);

#endif /* CORE_PROGRAM_H */
