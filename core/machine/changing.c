/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/changing.h"

#include "core/machine/changing-lock.h"
#include "core/machine/recover.h"
#include "core/state/state-changes.h"

int
changing_lock_within (struct hvctl *h, const char *key, bool alone, int64_t ms,
                      int *lock, struct error *err)
{
    return changing_lock_by (h, key, recover_now, alone, ms, lock, err);
}

int
changing_lock (struct hvctl *h, const char *key, bool alone, int *lock,
               struct error *err)
{
    return changing_lock_within (h, key, alone, CHANGE_PATIENCE, lock, err);
}

int
changing_lock_to_remove (struct hvctl *h, const char *key, int *lock,
                         struct error *err)
{
    return changing_lock_anyhow (h, key, recover_now, lock, err);
}
