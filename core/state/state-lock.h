/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of run directories, those of changes, and user ids. */
#ifndef CORE_STATE_LOCK_H
#define CORE_STATE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* How long who changes something is waited for, in milliseconds: who unplugs
 * something may wait for the guest for half of that. */
#define CHANGE_PATIENCE 60000

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

/* Keeps others from changing the VM (its definition, disks and snapshots), or,
 * not 'alone', from anything but starting it, until '*fd' is closed.  Waits
 * for them for a minute; then it fails with EXIT_TIMEOUT. */
int state_lock_changes (struct hvctl *h, const char *name, bool alone, int *fd,
                        struct error *err);

/* The same, with another limit than the minute that an unplug may take. */
int state_lock_changes_within (struct hvctl *h, const char *name, bool alone,
                               int64_t ms, int *fd, struct error *err);

/* The same without waiting: fails with EBUSY if somebody is at it. */
int state_try_changes (struct hvctl *h, const char *name, int *fd,
                       struct error *err);

/* Has anybody the lock of the VM's changes?  For those that change nothing. */
bool state_is_changing (struct hvctl *h, const char *name);

/* That lock: a file, and which of its bytes. */
const char *state_changes_path (struct hvctl *h);
uint64_t state_changes_byte (const char *name);

/* Takes a user id that no process has; '*lock' keeps others from taking it
 * until there is one that has.  '*fd', which can only be read, is for that: the
 * kernel knows whose user ids are in use, but of other pid namespaces does not
 * tell. */
int state_take_uid (struct hvctl *h, const char *name, uint64_t *uid, int *lock,
                    int *fd, struct error *err);

#endif /* CORE_STATE_LOCK_H */
