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

/* How long to wait for a process that changes something, in milliseconds: an
 * unplug may wait for the guest for half of that. */
#define CHANGE_PATIENCE 60000

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

/* Keeps others from changing the VM (its definition, disks and snapshots), or,
 * if not 'alone', from anything but starting it, until '*fd' is closed.  Waits
 * for them for a minute; then it fails with EXIT_TIMEOUT. */
int state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                        struct error *err);

/* The same, with another limit than the minute that an unplug may take. */
int state_lock_changes_within (struct hvctl *h, const char *name, bool alone,
                               int64_t ms, int *fd, struct error *err);

/* The same without waiting: fails with EBUSY if another process holds it. */
int state_try_changes (struct hvctl *h, const char *name, int *fd,
                       struct error *err);

/* Returns whether the lock of the VM's changes is held.  For commands that
 * change nothing. */
bool state_is_changing (struct hvctl *h, const char *name);

/* Return that lock: a file, and one of its bytes. */
const char *state_changes_path (struct hvctl *h);
uint64_t state_changes_byte (const char *name);

/* Takes a user ID that no process has; '*lock' keeps others from taking it
 * until a process has it.  '*fd', which is read-only, is for that process to
 * lock: the kernel knows which user IDs are in use, but not for other pid
 * namespaces. */
int state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *lock,
                    int *fd, struct error *err);

#endif /* CORE_STATE_LOCK_H */
