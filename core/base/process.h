/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes that may not be our children: identified by their ID and start
 * time, as IDs are reused. */
#ifndef CORE_PROCESS_H
#define CORE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/error.h"

/* Terminates a process that an earlier command has started, if it exists. */
#define PROCESS_END 5000
int process_end (pid_t pid, uint64_t start_time, int64_t ms, struct error *err);

/* Returns field 22 of /proc/PID/stat; 0 if there is no such process. */
uint64_t process_start_time (pid_t pid);

/* Returns whether it is the same process, and any of its threads runs. */
bool process_is_alive (pid_t pid, uint64_t start_time);

/* Returns whether it has been stopped, by a signal or by a tracer. */
bool process_is_stopped (pid_t pid, uint64_t start_time);

/* Opens it; returns -1 if it has exited, or its ID was reused. */
int process_open (pid_t pid, uint64_t start_time);

int process_signal (int pidfd, int signal);

/* In a child that is to become another program: no signal has a handler, or is
 * blocked, as ours may.  Returns what sigprocmask() does. */
int process_forget_signals (void);

/* Waits until it has exited, for a limited time; not if we are interrupted. */
bool process_gone_within (int pidfd, int64_t ms);

/* Kills it and waits until it has exited; fails with ETIMEDOUT if the kernel
 * does not release it.  It may have exited before. */
int process_kill (int pidfd, int64_t ms, struct error *err);

/* Returns whether we are in the kernel's first namespace of that kind, "pid" or
 * "user", in which nothing is hidden or has another ID. */
bool process_in_first (const char *kind);

/* Waits for a child that is exiting or has been killed.  A process that hangs
 * in the kernel does not even die of SIGKILL: returns false after five seconds.
 * 'status' may be null. */
bool process_reap (pid_t pid, int *status);

/* Returns how many bytes of memory it has in use, or 0. */
uint64_t process_resident (pid_t pid);

#endif /* CORE_PROCESS_H */
