/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/hvctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "core/config/host.h"
#include "core/provider/loader.h"
#include "core/base/output.h"

volatile int hvctl_interrupted;
static volatile int64_t interrupted_at;

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

int
hvctl_open (struct hvctl *h, const char *conf, struct error *err)
{
    return host_load (h, conf, err);
}

void
hvctl_close (struct hvctl *h)
{
    loader_close (h);
    arena_free (&h->arena);
}

void
hvctl_warn (const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    err_lines ("hvctl: ", fmt, args);
    va_end (args);
}

void
hvctl_debug (const struct hvctl *h, const char *fmt, ...)
{
    char prefix[32];
    va_list args;

    if (h->verbose < 2) {
        return;
    }
    snprintf (prefix, sizeof prefix, "hvctl: [%" PRId64 "] ",
              now_ms () % 1000000);
    va_start (args, fmt);
    err_lines (prefix, fmt, args);
    va_end (args);
}

int64_t
now_ms (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
hvctl_interrupt (void)
{
    interrupted_at = interrupted_at ? interrupted_at : now_ms ();
    hvctl_interrupted = 1;
}

int64_t
hvctl_after_signal (void)
{
    int64_t left = interrupted_at + AFTER_SIGNAL - now_ms ();

    return interrupted_at && left > 0 ? left : 0;
}

void
undisturbed_begin (struct undisturbed *u)
{
    sigset_t all;

    sigemptyset (&all);
    sigaddset (&all, SIGINT);
    sigaddset (&all, SIGTERM);
    sigaddset (&all, SIGHUP);
    sigprocmask (SIG_BLOCK, &all, &u->before);
    u->interrupted = hvctl_interrupted;
    hvctl_interrupted = 0;
}

void
undisturbed_end (const struct undisturbed *u)
{
    sigprocmask (SIG_SETMASK, &u->before, NULL);
    hvctl_interrupted |= u->interrupted;
}
