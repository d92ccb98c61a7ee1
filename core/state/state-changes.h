/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locks of changes.  Each is a byte of STATE/changes.lock, which is there
 * while somebody has one.  It is beside the journals of changes, so that a run
 * directory that gets lost takes no lock along. */
#ifndef CORE_STATE_CHANGES_H
#define CORE_STATE_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* How long who changes something is waited for, in milliseconds: who unplugs
 * something may wait for the guest for half of that. */
#define CHANGE_PATIENCE 60000

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

/* Removes the file if nobody has a lock any more. */
void state_tidy_changes (struct hvctl *h);

#endif /* CORE_STATE_CHANGES_H */
