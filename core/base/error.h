/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The core's errors: a negative errno value is returned, and one sentence is
 * kept in a struct error that the caller lent. */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <stdarg.h>
#include <stddef.h>

struct error {
    int code;        /* A positive errno value; 0: no error. */
    int exit_code;   /* An EXIT_* of cli.h that is more exact than
                      * the errno, or 0. */
    char text[2048]; /* Without a full stop. */
};

#define ERROR_PRINTF(fmt, args) __attribute__ ((format (printf, fmt, args)))

/* Stores the sentence and returns -'code', so that failing is one statement.
 * "%m" stands for the errno at the time of the call. */
int fail (struct error *err, int code, const char *fmt, ...)
    ERROR_PRINTF (3, 4);
int vfail (struct error *err, int code, const char *fmt, va_list args)
    ERROR_PRINTF (3, 0);

/* Puts "what: " before the sentence that is there, unless it begins so, and
 * returns -'err->code'. */
int fail_prefix (struct error *err, const char *fmt, ...) ERROR_PRINTF (2, 3);

/* Memory that is never null: out of memory, the program ends. */
void *or_exit (void *p);
void *xalloc (size_t size);
void *xrealloc (void *p, size_t size);
char *xstrdup (const char *s);
char *xformat (const char *fmt, ...) ERROR_PRINTF (1, 2);

#endif /* CORE_ERROR_H */
