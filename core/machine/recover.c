/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/recover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/if-any.h"
#include "core/config/rewrite.h"
#include "core/machine/define-all.h"
#include "core/machine/image-import.h"
#include "core/machine/image-remove.h"
#include "core/machine/recover-machine.h"
#include "core/machine/recover-name.h"
#include "core/machine/recover-volume.h"
#include "core/machine/remove.h"
#include "core/state/meant.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

/* A device that was attached is detached again; a disk that was resized stays
 * so. */
static void
tell_of_other (const struct recovery *r, const char *path)
{
    bool undone = recovery_find (r, "plug-disk")
                  || recovery_find (r, "plug-nic")
                  || recovery_find (r, "new-volume");

    hvctl_warn ("%s: %s was interrupted, and %s %s since: %s, and the change "
                "is %s",
                recovery_shown (r->h, r->key), recovery_what (r), path,
                access (path, F_OK) == 0 ? "has been changed"
                                         : "has been removed",
                access (path, F_OK) == 0 ? "it is left alone"
                                         : "it is not created again",
                undone ? "rolled back" : "abandoned");
}

/* Keeps text that was typed in 'hvctl edit'.  Returns true if there was any. */
static bool
keep_edited (struct recovery *r, struct json_object *e, const char *temporary,
             const char *path)
{
    const char *kept;

    if (!unfinished_is_edit (r->key) || (r->own && !r->interrupted)
        || access (temporary, F_OK) < 0
        || !meant_other_text (r->h, temporary, recovery_text (r, e, "was"))
        || !(kept = rewrite_keep (r->h, temporary, path))) {
        return false;
    }
    hvctl_warn ("'hvctl edit' was interrupted: the edited text is in %s, and "
                "%s is unchanged",
                kept, path);
    return true;
}

/* The new definition replaces the old one, or is removed. */
static int
recover_define (struct recovery *r, struct json_object *e, struct error *err)
{
    const char *temporary = recovery_text (r, e, "temporary");
    const char *path = recovery_text (r, e, "path");
    struct error ignored = { 0 };

    if (!temporary || !path) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    if (r->finished && !r->refused) {
        return rename_if_any (temporary, path) < 0
                   ? fail (err, errno, "cannot write %s: %m", path)
                   : 0;
    }
    /* From here on there is no new definition, as if it had replaced the old
     * one: the next command reports it.  A full disk is no reason to keep
     * it. */
    if (r->entries.n > 1 && !recovery_find (r, RECOVERY_BACK)) {
        unfinished_add (r->h, r->key, RECOVERY_BACK, NULL, &ignored);
    }
    if (!keep_edited (r, e, temporary, path) && unlink_if_any (temporary) < 0) {
        return fail (err, errno, "cannot remove %s: %m", temporary);
    }
    if (r->other && r->entries.n > 1) {
        tell_of_other (r, path);
    }
    return 0;
}

static int
recover_rm (struct recovery *r, struct json_object *e, struct error *err)
{
    r->finished = true;
    return remove_again (r->h, r->key, e, err);
}

/* It only marks a beginning. */
static int
recover_nothing (struct recovery *r, struct json_object *e, struct error *err)
{
    (void)r;
    (void)e;
    (void)err;
    return 0;
}

/* Ordered by significance, since some changes begin in the same way. */
static const struct recovery_step machine_steps[] = {
    { "rm", "rm", recover_rm, true, 0, true },
    { "rename", "rename", recover_rename, true, 0, false },
    { "clone-snapshot", "clone", recover_clone_snapshot, false, 1, true },
    { "clone-variables", "clone", recover_clone_variables, false, 0, true },
    { "clone", "clone", recover_nothing, false, 0, true },
    { "new-name", "rename", recover_new_name, false, 0, false },
    { "save", "save", recover_save, false, 1, false },
    { "revert", "snapshot revert", recover_revert, true, 0, false },
    { "forget", "snapshot delete", recover_forget, true, 0, false },
    { "snapshot", "snapshot create", recover_snapshot, true, 1, false },
    { "memory", "snapshot create", recover_memory, false, 0, false },
    { "pause", "snapshot create", recover_pause, false, 1, false },
    { "freeze", "snapshot create", recover_freeze, false, 2, false },
    { "begin", "snapshot create", recover_nothing, false, 0, false },
    { "note", "snapshot create", recover_note, true, 0, false },
    { "restore", "start", recover_restore, false, 0, false },
    { "go", "start", recover_go, false, 0, false },
    { "plug-disk", "attach-disk", recover_plug_disk, false, 1, false },
    { "plug-nic", "attach-nic", recover_plug_nic, false, 1, false },
    { "plugged-disk", "attach-disk", recover_plugged, false, 1, false },
    { "plugged-nic", "attach-nic", recover_plugged, false, 1, false },
    { "unplug-disk", "detach-disk", recover_unplug, false, 2, false },
    { "unplug-nic", "detach-nic", recover_unplug, false, 2, false },
    { "grow", "resize --disk", recover_grow, false, 1, false },
    { "resize", "resize", recover_resize, false, 1, false },
    { "new-volume", "creating its disks", recover_new_volume, false, 0, false },
    { "made", "creating its disks", recover_nothing, false, 0, false },
    { "define", "changing its definition", recover_define, false, 0, false },
    { DEFINE_ALL_READY, "import", define_all_ready, false, 0, false },
    { DEFINE_ALL_FILE, "import", define_all_file, false, 0, true },
    { IMAGE_RM, "image rm", image_remove_recover, true, 0, true },
    { IMAGE_IMPORT, "image import", image_import_recover, false, 0, true },
    { IMAGE_DATA, "image import", image_import_recover_data, false, 0, true },
    { NULL, NULL, NULL, false, 0, false },
};

const struct recovery_step *const recover_steps[] = { machine_steps,
                                                      recover_volume_steps,
                                                      NULL };

int
recover_now (struct hvctl *h, const char *key, struct error *err)
{
    return recovery_now (h, recover_steps, key, err);
}

const char *
recover_what (struct hvctl *h, const char *vm)
{
    const char *what =
        unfinished_is (h, vm) ? recovery_begun (h, recover_steps, vm) : NULL;

    /* Somebody may have begun or completed it in the meantime. */
    return what && !state_is_changing (h, vm) && unfinished_is (h, vm) ? what
                                                                       : NULL;
}

void
recover_failed (struct hvctl *h, const char *key)
{
    struct recovery r = {
        .h = h, .steps = recover_steps, .key = key, .limit = RECOVERY_LIMIT
    };

    recovery_take_back (&r);
}
