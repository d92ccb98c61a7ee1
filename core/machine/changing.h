/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Every change to a VM or a volume holds its lock, and finds nothing of an
 * earlier change: one that was interrupted, even while waiting for the lock, is
 * first completed or rolled back.  A VM's volumes are locked with it, shared
 * with other users and against changes. */
#ifndef CORE_CHANGING_H
#define CORE_CHANGING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Locks the changes of 'key' (see unfinished.h), exclusively or shared, until
 * '*lock' is closed.  Fails if an earlier, interrupted change cannot be
 * completed now. */
int changing_lock (struct hvctl *h, const char *key, bool alone, int *lock,
                   struct error *err);
int changing_lock_within (struct hvctl *h, const char *key, bool alone,
                          int64_t ms, int *lock, struct error *err);

/* For removing 'key': changes that cannot be completed are ignored. */
int changing_lock_to_remove (struct hvctl *h, const char *key, int *lock,
                             struct error *err);

#endif /* CORE_CHANGING_H */
