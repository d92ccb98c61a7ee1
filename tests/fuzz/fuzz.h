/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the fuzzers share; tests/fuzz/run builds and runs them. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t len);

/* What must hold, whatever comes in. */
#define MUST(condition)                                                        \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf (stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__,        \
                     #condition);                                              \
            abort ();                                                          \
        }                                                                      \
    } while (0)

/* Replaces what is in the file. */
static inline void
fuzz_write (const char *path, const uint8_t *data, size_t len)
{
    int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    MUST (fd >= 0 && write (fd, data, len) == (ssize_t)len);
    close (fd);
}

/* Messages are for people, and here is none. */
static inline void
fuzz_be_quiet (void)
{
    int fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);

    if (!getenv ("FUZZ_LOUD")) {
        dup2 (fd, STDOUT_FILENO);
    }
    close (fd);
}

/* What reaches a person's terminal; shorter than that. */
static inline void
fuzz_check_text (const char *text, size_t size)
{
    MUST (strlen (text) < size);
    for (; *text; text++) {
        MUST ((unsigned char)*text >= ' ' && *text != 0x7f);
    }
}

/* Makes a connection whose other end, 'fds[1]', has sent the data and sends no
 * more.  False if it cannot be had, or is too much. */
static inline bool
fuzz_connect (const uint8_t *data, size_t len, int fds[2])
{
    if (len > 100000
        || socketpair (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
                       fds)
               < 0) {
        return false;
    }
    MUST (write (fds[1], data, len) == (ssize_t)len);
    shutdown (fds[1], SHUT_WR);
    return true;
}

#endif /* TESTS_FUZZ_FUZZ_H */
