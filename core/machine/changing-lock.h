/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The lock of a change, for changing.c and changing-volume.c, which know how
 * to complete an earlier, interrupted one. */
#ifndef CORE_CHANGING_LOCK_H
#define CORE_CHANGING_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Completes or rolls back the change of 'key', or fails. */
typedef int changing_recover (struct hvctl *h, const char *key,
                              struct error *err);

/* Locks the changes of 'key' for at most 'ms', exclusively or shared, until
 * '*lock' is closed.  Fails if an earlier, interrupted change cannot be
 * completed now. */
int changing_lock_by (struct hvctl *h, const char *key,
                      changing_recover *recover, bool alone, int64_t ms,
                      int *lock, struct error *err);

/* For removing 'key': changes that cannot be completed are ignored. */
int changing_lock_anyhow (struct hvctl *h, const char *key,
                          changing_recover *recover, int *lock,
                          struct error *err);

#endif /* CORE_CHANGING_LOCK_H */
