/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/recover-name.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/config/definition-find.h"
#include "core/machine/clone-variables.h"
#include "core/machine/rename.h"
#include "core/machine/snapshot-set.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

/* Locks the other VM of the change, which its own command has locked
 * already. */
static int
lock_other (struct recovery *r, const char *vm, int *lock, struct error *err)
{
    bool ours = r->own && !recovery_find (r, RECOVERY_BACK);

    if (!vm) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    return ours ? 0 : state_try_changes (r->h, vm, lock, err);
}

/* The new definition, as far as it was written: once it has its name, there is
 * none. */
int
recover_new_name (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *temporary = recovery_text (r, e, "temporary");
    struct error ignored = { 0 };

    if (!temporary) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    if (access (temporary, F_OK) < 0 && errno == ENOENT) {
        return 0;
    }
    /* From here on it looks as if it had its name. */
    if (!recovery_find (r, RECOVERY_BACK)) {
        unfinished_add (r->h, r->key, RECOVERY_BACK, NULL, &ignored);
    }
    return unlink_if_any (temporary) < 0
               ? fail (err, errno, "cannot remove %s: %m", temporary)
               : 0;
}

static int
roll_back (struct recovery *r, struct json_object *e, struct error *err)
{
    r->refused = true;
    return rename_take_back (r->h, r->key, e, err);
}

static int
complete (struct recovery *r, struct json_object *e, struct error *err)
{
    struct error why;

    if (rename_again (r->h, r->key, e, err) == 0) {
        r->finished = true;
        return 0;
    }
    if (rename_is_made (r->h, e, true)) {
        return -err->code;
    }
    why = *err;
    *err = (struct error){ 0 };
    hvctl_warn ("%s: 'rename %s' was interrupted, and is rolled back: %s",
                r->key, recovery_text (r, e, "name"), why.text);
    return roll_back (r, e, err);
}

/* Until the new definition is in place, it can be rolled back; from then on, it
 * is completed. */
int
recover_rename (struct recovery *r, struct json_object *e, struct error *err)
{
    bool back = recovery_find (r, RECOVERY_BACK) != NULL;
    CLEANUP_CLOSE int lock = -1;
    const char *other;

    if (lock_other (r, recovery_text (r, e, "name"), &lock, err) < 0) {
        return -err->code;
    }
    if (rename_is_made (r->h, e, !back)) {
        return complete (r, e, err);
    }
    if (r->own) {
        return roll_back (r, e, err);
    }
    other = rename_other (r->h, e);
    if (other) {
        hvctl_warn ("%s: 'rename %s' was interrupted, and %s has been created "
                    "or changed since: it is left alone, and the change is "
                    "rolled back",
                    r->key, recovery_text (r, e, "name"), other);
        return roll_back (r, e, err);
    }
    return complete (r, e, err);
}

/* Deletes it if it is there. */
static int
forget_snapshot (struct hvctl *h, const char *vm, const char *name,
                 struct error *err)
{
    struct vec list = { 0 }, failures = { 0 }, unable = { 0 };
    struct definition *def;
    enum change_way way;

    if (definition_load (h, vm, &def, err) < 0) {
        return -err->code;
    }
    snapshot_list (h, def, &list, &failures, &unable);
    for (size_t i = 0; i < list.n; i++) {
        if (!strcmp (((const struct snapshot_entry *)list.p[i])->name, name)) {
            return snapshot_delete (h, def, name, &way, err);
        }
    }
    if (failures.n) {
        *err = *(const struct error *)failures.p[0];
    }
    return -err->code;
}

/* The snapshot may be half made: that is completed, or rolled back, before it
 * is deleted.  While the VM runs, its storage may be unable to. */
int
recover_clone_snapshot (struct recovery *r, struct json_object *e,
                        struct error *err)
{
    const char *vm = recovery_text (r, e, "vm");
    const char *name = recovery_text (r, e, "name");
    CLEANUP_CLOSE int lock = -1;

    if (r->finished && !r->refused) {
        return 0;
    }
    if (!name || lock_other (r, vm, &lock, err) < 0
        || recovery_now (r->h, r->steps, vm, err) < 0
        || forget_snapshot (r->h, vm, name, err) == 0 || err->code == ETIMEDOUT
        || (err->code == EBUSY && r->may_wait)) {
        return name
                   ? -err->code
                   : fail (err, EINVAL, "the journal of the change is damaged");
    }
    hvctl_warn ("the snapshot '%s' of %s is left behind: %s", name, vm,
                err->text);
    *err = (struct error){ 0 };
    return 0;
}

int
recover_clone_variables (struct recovery *r, struct json_object *e,
                         struct error *err)
{
    (void)e;
    return r->finished && !r->refused
               ? 0
               : clone_variables_remove (r->h, r->key, err);
}
