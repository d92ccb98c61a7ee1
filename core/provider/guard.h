/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Escape from a plugin's code that does not return: it loops, crashes, or
 * calls exit().  provider.h and loader.c set up the frame:
 *
 *     guard_enter (p->name, "check", milliseconds);
 *     rc = sigsetjmp (guard_frame, 0) ? guard_escaped (…) : the call;
 *     guard_leave ();
 *
 * Resources of the plugin (memory, descriptors) are lost until hvctl exits,
 * which is soon.  Its other effects are undone as after any failure. */
#ifndef CORE_GUARD_H
#define CORE_GUARD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern sigjmp_buf guard_frame;

/* Starts to watch 'plugin'; it gets 'ms', and half as much again,
 * since it may be about to report why it takes so long. */
void guard_enter (const char *plugin, const char *op, int64_t ms);
void guard_leave (void);

/* After an escape: writes what happened, such as "called exit (0)",
 * to 'text', and returns -EPROTO, -ETIMEDOUT or -EINTR. */
int guard_escaped (char *text, size_t size);

/* Escapes from a service that was asked for something impossible. */
_Noreturn void guard_refuse (const char *why);

/* Surround code that must not be escaped from; it has a limit of its own. */
void guard_hold (void);
void guard_release (void);

/* For the handlers of SIGINT and the like: the first signal leaves the plugin a
 * moment, 'again' escapes immediately.  Returns false if no plugin is
 * running. */
bool guard_interrupt (bool again);

#endif /* CORE_GUARD_H */
