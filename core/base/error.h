/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The core's errors: functions return a negative errno value, and store one
 * sentence in a struct error of the caller. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

/* Exit codes; documented in hvctl(1). */
enum {
    EXIT_OK = 0,
    EXIT_ERROR = 1, /* Any other error. */
    EXIT_USAGE = 2,
    EXIT_NOT_FOUND = 3,   /* No such VM, network, plugin, bridge, … */
    EXIT_UNSUPPORTED = 4, /* No plugin supports it. */
    EXIT_RUNNING = 5,     /* Is running, being started, or in use. */
    EXIT_NOT_RUNNING = 6,
    EXIT_CONFIG = 7, /* The configuration is wrong. */
    EXIT_DENIED = 8, /* Permission denied. */
    EXIT_TIMEOUT = 9,
    EXIT_DIFFERENT = 10, /* A comparison found differences. */
    EXIT_INTERRUPTED = 130,
};

struct error {
    int code;        /* A positive errno value; 0: no error. */
    int exit_code;   /* One of EXIT_* that is more specific than
                      * the errno, or 0. */
    char text[2048]; /* Without a full stop. */
};

#define ERROR_PRINTF(fmt, args) __attribute__ ((format (printf, fmt, args)))

/* Stores the sentence and returns -'code', so that failing takes one statement.
 * "%m" stands for the errno at the time of the call. */
int fail (struct error *err, int code, const char *fmt, ...)
    ERROR_PRINTF (3, 4);
int vfail (struct error *err, int code, const char *fmt, va_list args)
    ERROR_PRINTF (3, 0);

/* Puts "what: " before the stored sentence, unless that already begins with it,
 * and returns -'err->code'. */
int fail_prefix (struct error *err, const char *fmt, ...) ERROR_PRINTF (2, 3);

/* Allocation that never returns null: out of memory, the program exits. */
void *or_exit (void *p);
void *xalloc (size_t size);
void *xrealloc (void *p, size_t size);
char *xstrdup (const char *s);
char *xformat (const char *fmt, ...) ERROR_PRINTF (1, 2);

int exit_code_of (const struct error *err);

/* Fails and sets the exit code. */
int fail_exit (struct error *err, int exit_code, int code, const char *fmt, ...)
    ERROR_PRINTF (4, 5);

#endif /* CORE_ERROR_H */
