/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of run directories. */
#ifndef CORE_STATE_LOCK_H
#define CORE_STATE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Makes the run directory and takes its lock, for as long as '*fd' is open.
 * Fails with EXIT_RUNNING if the VM has a process, or is being started.  Who
 * only cleans up after a VM that has ended is waited for, for 20 seconds or
 * for 'patience' milliseconds; then it fails with EXIT_TIMEOUT. */
int state_lock (struct hvctl *h, const char *name, int *fd, struct error *err);
int state_lock_within (struct hvctl *h, const char *name, int64_t patience,
                       int *fd, struct error *err);

/* Takes the starter's lock, to be closed when the start is over. */
int state_lock_starter (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* Opens, to read, what the hypervisor's process is to lock. */
int state_open_process (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* The hvctl that has the lock of 'file' (BUSY_FILE, STARTER_FILE): its pid and
 * the time of its start; false if it cannot be told. */
bool state_holder (struct hvctl *h, const char *name, const char *file,
                   pid_t *pid, uint64_t *start_time);

#endif /* CORE_STATE_LOCK_H */
