/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* All changes whose hvctl has died, at the beginning of each command. */
#include "core/machine/recover-all.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/machine/changing-volume.h"
#include "core/machine/recover.h"
#include "core/machine/recovery.h"
#include "core/state/others.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

/* A running change holds its lock.  A command that names the VM or volume
 * reports the conflict when it takes that lock. */
static void
look_after (struct hvctl *h, const char *key, bool mine)
{
    struct recovery r = { .h = h,
                          .steps = recover_steps,
                          .key = key,
                          .limit = mine ? RECOVERY_LIMIT : RECOVERY_OTHERS };
    CLEANUP_CLOSE int lock = -1;
    struct error err = { 0 };

    if (state_try_changes (h, key, &lock, &err) < 0 || !unfinished_is (h, key)
        || recovery_settle (&r, &err) == 0 || mine || err.code == ETIMEDOUT) {
        return;
    }
    hvctl_warn ("%s: '%s' was interrupted, and cannot be %s yet: %s",
                recovery_shown (h, key), recovery_begun (h, recover_steps, key),
                r.own ? "rolled back" : "completed", err.text);
}

/* Is it of a volume that is named, as POOL/VOLUME, or, a clone, VOLUME? */
static bool
is_volume_named (const struct vec *names, const char *key)
{
    const char *at = strchr (key, '@');
    size_t len = at ? (size_t)(at - key) : 0;

    for (size_t i = 0; at && names && i < names->n; i++) {
        const char *name = names->p[i], *slash = strchr (name, '/');
        const char *volume = slash ? slash + 1 : name;

        if ((!slash
             || ((size_t)(slash - name) == len && !strncmp (name, key, len)))
            && strcspn (volume, "@") == strlen (at + 1)
            && !strncmp (volume, at + 1, strlen (at + 1))) {
            return true;
        }
    }
    return false;
}

void
recover_all (struct hvctl *h, const struct vec *mine)
{
    struct vec keys = { 0 };

    unfinished_keys (h, &keys);
    for (size_t i = 0; i < keys.n; i++) {
        const char *key = keys.p[i];
        bool own = name_is_among (mine, key) || is_volume_named (mine, key);

        if (others_begin (h, own, NULL)) {
            look_after (h, key, own);
            others_end (h, NULL, false);
        }
    }
    changing_let_go (h);
}
