/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of run directories and of changes, and user IDs. */
#ifndef CORE_STATE_LOCK_H
#define CORE_STATE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Creates the run directory and takes its lock, for as long as '*fd' is open.
 * Fails with EXIT_RUNNING if the VM has a process, or is being started.  Waits
 * for a process that only cleans up after a stopped VM, for 20 seconds or
 * for 'patience' milliseconds; then it fails with EXIT_TIMEOUT. */
int state_lock (struct hvctl *h, const char *name, int *fd, struct error *err);
int state_lock_within (struct hvctl *h, const char *name, int64_t patience,
                       int *fd, struct error *err);

/* Takes the starter's lock, to be closed when the start is over. */
int state_lock_starter (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* Opens, for reading, the file that the hypervisor's process is to lock. */
int state_open_process (struct hvctl *h, const char *name, int *fd,
                        struct error *err);

/* Stores the ID and start time of the hvctl that holds the lock of 'file'
 * (BUSY_FILE, STARTER_FILE); returns false if it is not known. */
bool state_holder (struct hvctl *h, const char *name, const char *file,
                   pid_t *pid, uint64_t *start_time);

#endif /* CORE_STATE_LOCK_H */
