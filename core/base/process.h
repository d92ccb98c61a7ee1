/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes that may not be our children: told apart by the times of their
 * starts, as numbers come again. */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

/* Ends a process that an earlier command has started, if it is there. */
#define PROCESS_END 5000
int process_end (pid_t pid, uint64_t start_time, int64_t ms, struct error *err);

/* Reads field 22 of /proc/PID/stat; 0 if there is no such process. */
uint64_t process_start_time (pid_t pid);

/* Is it there, the same, and not a zombie that nobody has waited for yet? */
bool process_is_alive (pid_t pid, uint64_t start_time);

/* Has it been stopped, by a signal or by who traces it? */
bool process_is_stopped (pid_t pid, uint64_t start_time);

/* Opens it; -1 if it is gone, or another by now. */
int process_open (pid_t pid, uint64_t start_time);

int process_signal (int pidfd, int signal);

/* In a child that is to become another program: no signal has a handler, or is
 * blocked, as ours may.  Returns what sigprocmask() does. */
int process_forget_signals (void);

/* Waits until it is gone, at most so long; not if we are interrupted. */
bool process_gone_within (int pidfd, int64_t ms);

/* Kills it and waits until it is gone, which fails with ETIMEDOUT if the kernel
 * does not let go of it.  It may have gone. */
int process_kill (int pidfd, int64_t ms, struct error *err);

/* Are we in the kernel's first namespace of that kind, "pid" or "user", in
 * which nothing is hidden or has another number? */
bool process_in_first (const char *kind);

/* Waits for a child that ends or has been killed.  What hangs in the kernel
 * does not even die of SIGKILL: false after five seconds.  'status' may be
 * null. */
bool process_reap (pid_t pid, int *status);

#endif /* CORE_PROCESS_H */
