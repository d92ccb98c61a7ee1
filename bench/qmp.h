/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* QEMU, driven by hand: what a script would do over QMP, as fast as it can be
 * done.  The programs of bench/ include it. */
#ifndef BENCH_QMP_H
#define BENCH_QMP_H

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "common/pass.h"
#include "tests/kit/unix.h"

#define QMP_LIMIT 30000
#define QMP_ANSWER 65536

static inline void die (const char *fmt, ...)
    __attribute__ ((noreturn, format (printf, 1, 2)));

static inline void
die (const char *fmt, ...)
{
    va_list args;

    fputs ("bench: ", stderr);
    va_start (args, fmt);
    vfprintf (stderr, fmt, args);
    va_end (args);
    fputc ('\n', stderr);
    exit (1);
}

/* Reads until a line with 'word' in it has come. */
static inline void
qmp_await (int fd, const char *word, char answer[QMP_ANSWER])
{
    size_t used = 0;

    do {
        struct pollfd p = { .fd = fd, .events = POLLIN };
        ssize_t n;

        if (poll (&p, 1, QMP_LIMIT) <= 0) {
            die ("the hypervisor does not answer");
        }
        n = read (fd, answer + used, QMP_ANSWER - used - 1);
        if (n <= 0) {
            die ("the hypervisor has gone");
        }
        used += (size_t)n;
        answer[used] = '\0';
        if (strstr (answer, "\"error\"")) {
            die ("the hypervisor refuses: %s", answer);
        }
    } while (!strstr (answer, word) || answer[used - 1] != '\n');
}

/* Sends a command, with a descriptor unless it is -1, and reads the reply. */
static inline void
qmp_ask (int fd, int passed, const char *command, char answer[QMP_ANSWER])
{
    if (passed >= 0 ? pass_send (fd, command, strlen (command), &passed, 1) < 0
                    : write (fd, command, strlen (command)) < 0) {
        die ("cannot write to the hypervisor: %m");
    }
    qmp_await (fd, "\"return\"", answer);
}

/* Connects and negotiates. */
static inline int
qmp_connect (const char *path, char answer[QMP_ANSWER])
{
    int fd = unix_connect (path);

    if (fd < 0) {
        die ("cannot connect to %s: %m", path);
    }
    qmp_await (fd, "\"QMP\"", answer);
    qmp_ask (fd, -1, "{\"execute\":\"qmp_capabilities\"}\n", answer);
    return fd;
}

/* Waits until a migration is completed, either way. */
static inline void
qmp_await_migration (int fd, char answer[QMP_ANSWER])
{
    do {
        qmp_ask (fd, -1, "{\"execute\":\"query-migrate\"}\n", answer);
        if (strstr (answer, "\"failed\"")) {
            die ("migration: %s", answer);
        }
    } while (!strstr (answer, "\"completed\"") && poll (NULL, 0, 1) == 0);
}

#endif /* BENCH_QMP_H */
