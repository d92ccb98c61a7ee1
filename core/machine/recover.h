/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Recovery of all changes in progress: completes them, or rolls them
 * back; see recovery.h. */
#ifndef CORE_RECOVER_H
#define CORE_RECOVER_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"

/* Completes or rolls back the change of 'key', which the caller has locked
 * exclusively.  Fails if something of it remains. */
int recover_now (struct hvctl *h, const char *key, struct error *err);

/* Returns the interrupted change of the VM: "snapshot create s1", as a person
 * would write it; or null.  Changes nothing. */
const char *recover_what (struct hvctl *h, const char *vm);

/* Rolls back a change of our own that failed, and ends it.  The caller has its
 * lock; 'err' is left unchanged. */
void recover_failed (struct hvctl *h, const char *key);

/* The recovery steps of all entries. */
extern const struct recovery_step *const recover_steps[];

#endif /* CORE_RECOVER_H */
