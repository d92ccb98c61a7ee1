/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* All that is known of changes that were begun: finishes them, or takes them
 * back; see recovery.h. */
#ifndef CORE_RECOVER_H
#define CORE_RECOVER_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"

/* Looks after the change of 'key', of which the caller has the lock alone.
 * Fails if something of it stays. */
int recover_now (struct hvctl *h, const char *key, struct error *err);

/* What change of the VM was begun, and is nobody's any more: "snapshot create
 * s1", as a person would have said it; or null.  Changes nothing. */
const char *recover_what (struct hvctl *h, const char *vm);

/* Takes back a change of our own that failed, and ends it.  The caller has its
 * lock; 'err' stays what it is. */
void recover_failed (struct hvctl *h, const char *key);

/* All that is known of entries. */
extern const struct recovery_step *const recover_steps[];

#endif /* CORE_RECOVER_H */
