/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Signals that ask hvctl to end.  They are noted here, and whoever waits or
 * is about to begin a step looks. */
#ifndef CORE_INTERRUPT_H
#define CORE_INTERRUPT_H

#include <signal.h>
#include <stdint.h>

/* What a plugin has left once a signal has come, in milliseconds: a hypervisor
 * that was told something answers within, or the plugin takes it back. */
#define AFTER_SIGNAL 500

/* Between the two signals wait, and the one that came before is forgotten:
 * what takes back, or may not stop half-way, is not interrupted.  It has limits
 * of its own. */
struct undisturbed {
    sigset_t before;
    int interrupted;
};
void interrupt_block (struct undisturbed *u);
void interrupt_unblock (const struct undisturbed *u);

/* Set by SIGINT, SIGTERM and SIGHUP while a command may have to roll back.
 * Waits end early, steps are not begun. */
extern volatile int interrupt_came;

/* For handlers of signals. */
void interrupt_note (void);

/* Milliseconds of AFTER_SIGNAL that are left; 0 if no signal came. */
int64_t interrupt_left (void);

#endif /* CORE_INTERRUPT_H */
