/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Whoever changes a VM or a volume has the lock of it, and finds nothing of an
 * earlier change: what was interrupted, even while the lock was waited for, is
 * finished or taken back first.  A VM's volumes are locked with it, beside
 * others that use them and against those that change them. */
#ifndef CORE_CHANGING_H
#define CORE_CHANGING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Locks the changes of 'key' (see unfinished.h), alone or beside others, until
 * '*lock' is closed.  Fails if what an earlier change left cannot be finished
 * now. */
int changing_lock (struct hvctl *h, const char *key, bool alone, int *lock,
                   struct error *err);
int changing_lock_within (struct hvctl *h, const char *key, bool alone,
                          int64_t ms, int *lock, struct error *err);

/* For who removes it: what cannot be finished does not have to be. */
int changing_lock_to_remove (struct hvctl *h, const char *key, int *lock,
                             struct error *err);

#endif /* CORE_CHANGING_H */
