/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/changing-lock.h"

#include <errno.h>

#include "common/cleanup.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

static int
lock_alone (struct hvctl *h, const char *key, changing_recover *recover,
            int64_t ms, int *lock, struct error *err)
{
    if (state_lock_changes_within (h, key, true, ms, lock, err) < 0) {
        return -err->code;
    }
    if (recover (h, key, err) < 0) {
        close_fd (*lock);
        *lock = -1;
    }
    return -err->code;
}

/* Unfinished changes are completed under an exclusive lock; after that the lock
 * may be shared again. */
int
changing_lock_by (struct hvctl *h, const char *key, changing_recover *recover,
                  bool alone, int64_t ms, int *lock, struct error *err)
{
    if (alone) {
        return lock_alone (h, key, recover, ms, lock, err);
    }
    for (;;) {
        int whole = -1;

        if (state_lock_changes_within (h, key, false, ms, lock, err) < 0
            || !unfinished_is (h, key)) {
            return -err->code;
        }
        close_fd (*lock);
        *lock = -1;
        if (lock_alone (h, key, recover, ms, &whole, err) < 0) {
            return -err->code;
        }
        close_fd (whole);
    }
}

/* Is the only problem that an earlier change cannot be completed?  Then the
 * lock is granted; the entries go at the end of the removal. */
static int
forgive_unfinished (struct hvctl *h, const char *key, int *lock,
                    struct error *err)
{
    struct error why = *err;

    *err = (struct error){ 0 };
    if (state_try_changes (h, key, lock, err) < 0 || !unfinished_is (h, key)) {
        *err = why;
        close_fd (*lock);
        *lock = -1;
        return -err->code;
    }
    hvctl_warn ("%s", why.text);
    return 0;
}

int
changing_lock_anyhow (struct hvctl *h, const char *key,
                      changing_recover *recover, int *lock, struct error *err)
{
    *lock = -1;
    return changing_lock_by (h, key, recover, true, CHANGE_PATIENCE, lock, err)
                   < 0
               ? forgive_unfinished (h, key, lock, err)
               : 0;
}
