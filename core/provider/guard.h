/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The way out of a plugin's code that does not return: it loops, crashes, or
 * calls exit().  provider.h and loader.c make the frame:
 *
 *     guard_enter (p->name, "check", milliseconds);
 *     rc = sigsetjmp (guard_frame, 0) ? guard_escaped (…) : the call;
 *     guard_leave ();
 *
 * What the plugin held then (memory, descriptors) is lost until hvctl ends,
 * which is soon.  What it did in the world is undone as after any failure. */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern sigjmp_buf guard_frame;

/* 'plugin' is watched from here on; it gets 'ms', and half as much again,
 * since it may be about to say why it takes so long. */
void guard_enter (const char *plugin, const char *op, int64_t ms);
void guard_leave (void);

/* After the frame was left by force: writes what happened, "called exit (0)",
 * to 'text', and returns -EPROTO, -ETIMEDOUT or -EINTR. */
int guard_escaped (char *text, size_t size);

/* Leaves the frame from a service that was asked for what nobody can give. */
_Noreturn void guard_refuse (const char *why);

/* Around what must not be left in its midst; it has a limit of its own. */
void guard_hold (void);
void guard_release (void);

/* For the handler of SIGINT and its like: the first of them leaves the plugin a
 * moment, 'again' leaves at once.  False: no plugin is at work. */
bool guard_interrupt (bool again);

#endif /* CORE_GUARD_H */
