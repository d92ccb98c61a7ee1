/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Signals that ask hvctl to terminate.  They are recorded here, and checked by
 * every wait, and before every step. */
#ifndef CORE_INTERRUPT_H
#define CORE_INTERRUPT_H

#include <signal.h>
#include <stdint.h>

/* The time left for a plugin once a signal has arrived, in milliseconds: a
 * hypervisor that received a command answers within it, or the plugin rolls the
 * command back. */
#define AFTER_SIGNAL 500

/* Between these two calls signals are blocked, and one that arrived before is
 * disregarded: code that rolls back, or must not stop half-way, is not
 * interrupted.  It has time limits of its own. */
struct undisturbed {
    sigset_t before;
    int interrupted;
};
void interrupt_block (struct undisturbed *u);
void interrupt_unblock (const struct undisturbed *u);

/* Set by SIGINT, SIGTERM and SIGHUP while a command may have to roll back.
 * Waits then end early, and no step is begun. */
extern volatile int interrupt_came;

/* Holds the signals back until the mask 'before' is restored: between a look at
 * interrupt_came and what must not miss one, which is a wait by ppoll() with
 * that mask, or a fork. */
void interrupt_hold (sigset_t *before);
void interrupt_let (const sigset_t *before);

/* For signal handlers. */
void interrupt_note (void);

/* Returns the milliseconds of AFTER_SIGNAL that are left; 0 without a
 * signal. */
int64_t interrupt_left (void);

#endif /* CORE_INTERRUPT_H */
