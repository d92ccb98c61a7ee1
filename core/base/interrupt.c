/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/interrupt.h"

#include <stddef.h>

#include "core/base/clock.h"

volatile int interrupt_came;
static volatile int64_t interrupted_at;

void
interrupt_note (void)
{
    interrupted_at = interrupted_at ? interrupted_at : now_ms ();
    interrupt_came = 1;
}

int64_t
interrupt_left (void)
{
    int64_t left = interrupted_at + AFTER_SIGNAL - now_ms ();

    return interrupted_at && left > 0 ? left : 0;
}

void
interrupt_block (struct undisturbed *u)
{
    interrupt_hold (&u->before);
    u->interrupted = interrupt_came;
    interrupt_came = 0;
}

void
interrupt_unblock (const struct undisturbed *u)
{
    interrupt_let (&u->before);
    interrupt_came |= u->interrupted;
}

void
interrupt_hold (sigset_t *before)
{
    sigset_t all;

    sigemptyset (&all);
    sigaddset (&all, SIGINT);
    sigaddset (&all, SIGTERM);
    sigaddset (&all, SIGHUP);
    sigprocmask (SIG_BLOCK, &all, before);
}

void
interrupt_let (const sigset_t *before)
{
    sigprocmask (SIG_SETMASK, before, NULL);
}
