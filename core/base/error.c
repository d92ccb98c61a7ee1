/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/output.h"

int
vfail (struct error *err, int code, const char *fmt, va_list args)
{
    /* Formatted apart, since the old text may be among the arguments. */
    char text[sizeof err->text];

    vsnprintf (text, sizeof text, fmt, args);
    memcpy (err->text, text, sizeof text);
    err->code = code > 0 ? code : EIO;
    err->exit_code = 0;
    return -err->code;
}

int
fail (struct error *err, int code, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    vfail (err, code, fmt, args);
    va_end (args);
    return -err->code;
}

/* Does the sentence begin with those words already?  Then they are not put
 * before it once more. */
static bool
is_said (const char *text, const char *prefix)
{
    size_t len = strlen (prefix);

    return len && !strncmp (text, prefix, len)
           && (text[len] == ':' || text[len] == ' ' || text[len] == ',');
}

int
fail_prefix (struct error *err, const char *fmt, ...)
{
    char text[sizeof err->text], prefix[512];
    va_list args;
    size_t len, rest;

    va_start (args, fmt);
    vsnprintf (prefix, sizeof prefix, fmt, args);
    va_end (args);
    if (is_said (err->text, prefix)) {
        return -err->code;
    }
    len = (size_t)snprintf (text, sizeof text, "%s: ", prefix);
    /* Text that does not fit is truncated. */
    rest = strlen (err->text) < sizeof text - len - 1 ? strlen (err->text)
                                                      : sizeof text - len - 1;
    memcpy (text + len, err->text, rest);
    text[len + rest] = '\0';
    memcpy (err->text, text, sizeof text);
    return -err->code;
}

void *
or_exit (void *p)
{
    if (!p) {
        err_at_once ((const char *const[]){ "hvctl: out of memory\n", NULL });
        exit (1);
    }
    return p;
}

void *
xalloc (size_t size)
{
    return or_exit (calloc (1, size ? size : 1));
}

void *
xrealloc (void *p, size_t size)
{
    return or_exit (realloc (p, size ? size : 1));
}

char *
xstrdup (const char *s)
{
    return s ? or_exit (strdup (s)) : NULL;
}

char *
xformat (const char *fmt, ...)
{
    va_list args;
    char *s;
    int len;

    va_start (args, fmt);
    len = vasprintf (&s, fmt, args);
    va_end (args);
    return or_exit (len < 0 ? NULL : s);
}

int
exit_code_of (const struct error *err)
{
    if (err->exit_code) {
        return err->exit_code;
    }
    switch (err->code) {
    case 0:
        return EXIT_OK;
    case ENOENT:
    case ENODEV:
        return EXIT_NOT_FOUND;
    case ENOTSUP:
        return EXIT_UNSUPPORTED;
    case EBUSY:
        return EXIT_RUNNING;
    case EPERM:
    case EACCES:
        return EXIT_DENIED;
    case ETIMEDOUT:
        return EXIT_TIMEOUT;
    case EINTR:
        return EXIT_INTERRUPTED;
    default:
        return EXIT_ERROR;
    }
}

int
fail_exit (struct error *err, int exit_code, int code, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    vfail (err, code, fmt, args);
    va_end (args);
    err->exit_code = exit_code;
    return -err->code;
}
