/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/rename.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/config/effective.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/pending-text.h"
#include "core/config/rename-text.h"
#include "core/config/rewrite.h"
#include "core/config/textedit.h"
#include "core/machine/new-name.h"
#include "core/machine/saved.h"
#include "core/provider/layers.h"
#include "core/state/meant.h"
#include "core/state/state-changes.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

/* Writing out a UUID changes the MAC addresses that are derived from it. */
#define MAX_PASSES 4

/* ------------------------------------------------------------ The checks */

static int
check_stopped (struct hvctl *h, const char *vm, struct error *err)
{
    struct vm_state s;

    state_read (h, vm, &s);
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (h, &s, err);
    }
    if (s.run == RUN_STALE) {
        return fail (err, EBUSY,
                     "%s stopped, and what it used has not been released yet: "
                     "'hvctl stop %s' does that, or reports why it cannot",
                     vm, vm);
    }
    return s.run == RUN_STOPPED
               ? 0
               : fail_exit (err, EXIT_RUNNING, EBUSY,
                            "%s is %s, and only a stopped VM can be renamed: "
                            "stop it first (hvctl stop %s)",
                            vm, state_run_text (s.run), vm);
}

static int
check_unsaved (struct hvctl *h, const char *vm, struct error *err)
{
    return saved_exists (h, vm)
               ? fail (err, EBUSY,
                       "%s has a saved state, which belongs to its name: "
                       "restore it with 'hvctl start %s' and stop it, or "
                       "discard the saved state with 'hvctl start --fresh %s'",
                       vm, vm, vm)
               : 0;
}

/* Somebody's editor would save it under the old name. */
static int
check_unedited (struct hvctl *h, const char *vm, struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct error why = { 0 };

    return state_try_changes (h, unfinished_edit_key (h, vm), &lock, &why) < 0
               ? fail (err, EBUSY,
                       "%s is being edited (hvctl edit %s): finish that first",
                       vm, vm)
               : 0;
}

/* The text belongs into the file that the link refers to, and that has another
 * name. */
static int
check_no_link (const char *path, struct error *err)
{
    struct stat st;

    return lstat (path, &st) == 0 && S_ISLNK (st.st_mode)
               ? fail_exit (err, EXIT_CONFIG, ELOOP,
                            "%s is a symbolic link: replace it with the file "
                            "that it refers to (cp --remove-destination \"$("
                            "realpath %s)\" %s)",
                            path, path, path)
               : 0;
}

static int
check_alone (const struct definition *def, struct error *err)
{
    return def->fleet
               ? fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                            "%s is a VM of fleet %s, which gives it its name: "
                            "clone it under another name with 'hvctl clone %s "
                            "NEW'",
                            def->name, def->fleet->name, def->name)
               : 0;
}

static int
check (struct hvctl *h, const char *vm, const char *to, struct definition **def,
       struct error *err)
{
    return definition_load (h, vm, def, err) < 0 || check_alone (*def, err) < 0
                   || check_no_link (definition_path (h, vm), err) < 0
                   || check_stopped (h, vm, err) < 0
                   || check_unsaved (h, vm, err) < 0
                   || check_unedited (h, vm, err) < 0
                   || new_name_check (h, to, err) < 0
               ? -err->code
               : 0;
}

/* --------------------------------------------------- The new definition */

/* In messages, the place is that of the old file. */
static int
load_new (struct hvctl *h, const char *to, const char *temporary,
          const char *path, struct definition **out, struct error *err)
{
    if (definition_load_file (h, to, temporary, out, err) == 0) {
        return 0;
    }
    rewrite_show (h, temporary, path, err);
    return fail_prefix (err, "under the name %s, the definition is invalid",
                        to);
}

/* Writes the definition under its new name, and checks that it means the
 * same. */
static int
write_new (struct hvctl *h, const struct definition *was, const char *to,
           const char *temporary, const char **text, struct vec *kept,
           struct error *err)
{
    const char *path = definition_path (h, was->name), *next;

    next = rename_heading (&h->arena, *text, was->name, to, NULL);
    for (int i = 0; i < MAX_PASSES; i++) {
        struct definition *now = NULL;

        *text = next;
        if ((!next && textedit_fail (err, path, was->name) < 0)
            || rewrite_begin (path, temporary, *text, err) < 0) {
            return -err->code;
        }
        if (load_new (h, to, temporary, path, &now, err) < 0) {
            next = pending_text (&h->arena, *text, was, now, kept);
            if (next == *text) {
                return -err->code;
            }
            *err = (struct error){ 0 };
            continue;
        }
        next = rename_text (&h->arena, *text, was, now, kept);
        if (next == *text) {
            return 0;
        }
    }
    return fail_exit (err, EXIT_CONFIG, EINVAL,
                      "%s: under the name %s it would be another machine: set "
                      "'uuid', and 'volume' of each disk, in it",
                      path, to);
}

/* ---------------------------------------------------------- The renaming */

/* A directory need not exist. */
static int
move (const char *from, const char *to, struct error *err)
{
    return rename_if_any (from, to) < 0
               ? fail (err, errno, "cannot rename %s to %s: %m", from, to)
               : 0;
}

static const char *
edited (struct hvctl *h, const char *vm)
{
    return rewrite_kept (h, definition_path (h, vm));
}

/* Everything but the definition. */
static int
move_all (struct hvctl *h, const char *vm, const char *to, struct error *err)
{
    if (move (state_keep_dir (h, vm), state_keep_dir (h, to), err) < 0
        || move (state_log_dir (h, vm), state_log_dir (h, to), err) < 0
        || move (edited (h, vm), edited (h, to), err) < 0) {
        return -err->code;
    }
    return layers_rename_vm (h, vm, to, err);
}

/* The memory of a snapshot can be restored for the definition of that time: as
 * it is the same machine, that is the new one now. */
static void
note_memory (struct hvctl *h, const char *vm, const char *to)
{
    struct vec names = { 0 };
    struct error err = { 0 };
    struct definition *was, *now;

    saved_memory_names (h, to, &names);
    if (!names.n || definition_load (h, vm, &was, &err) < 0
        || definition_load (h, to, &now, &err) < 0) {
        return;
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *path = arena_format (&h->arena, "%s/definition",
                                         saved_memory_dir (h, to, names.p[i]));
        CLEANUP_FREE char *text = file_read (path);

        if (text && !strcmp (text, effective_text (&h->arena, was))
            && file_write (path, 0600, effective_text (&h->arena, now), &err)
                   < 0) {
            hvctl_warn ("the memory of snapshot '%s' can no longer be "
                        "restored: %s",
                        (const char *)names.p[i], err.text);
        }
    }
}

/* Every step can be repeated.  Both definitions exist for a moment, so that one
 * always does. */
static int
rename_all (struct hvctl *h, const char *vm, const char *to,
            const char *temporary, struct json_object *entry, struct error *err)
{
    const char *path = definition_path (h, vm),
               *final = definition_path (h, to);

    if (move_all (h, vm, to, err) < 0) {
        return -err->code;
    }
    if (access (temporary, F_OK) == 0 || access (final, F_OK) < 0) {
        if (rewrite_publish (h, temporary, final, err) < 0) {
            return err->code == EEXIST ? fail (
                       err, EEXIST, "VM %s already exists: %s", to, final)
                                       : -err->code;
        }
    }
    note_memory (h, vm, to);
    if (meant_other (h, entry, true)) {
        hvctl_warn ("%s: its renaming to %s was interrupted, and %s has been "
                    "changed since: it is kept",
                    vm, to, path);
    } else if (unlink_if_any (path) < 0) {
        return fail (err, errno, "cannot remove %s: %m", path);
    }
    return 0;
}

static struct json_object *
entry_of (const char *op, const char *to, const char *temporary)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", op);
    json_put_text (o, "name", to);
    json_put_text (o, "temporary", temporary);
    return o;
}

/* If it fails after it has taken effect, that does not matter the second
 * time. */
static int
carry_out (struct hvctl *h, const char *vm, const char *to,
           const char *temporary, struct json_object *entry, struct error *err)
{
    struct error again = { 0 };
    struct undisturbed u;
    int rc;

    interrupt_block (&u);
    rc = rename_all (h, vm, to, temporary, entry, err);
    if (rc < 0 && rename_all (h, vm, to, temporary, entry, &again) == 0) {
        *err = (struct error){ 0 };
        rc = 0;
    }
    interrupt_unblock (&u);
    return rc;
}

int
rename_vm (struct hvctl *h, const char *vm, const char *to, struct vec *kept,
           bool *begun, struct error *err)
{
    const char *path = definition_path (h, vm),
               *final = definition_path (h, to);
    const char *temporary = rewrite_temporary (h, final, to), *text;
    struct json_object *entry;
    struct definition *was;
    CLEANUP_FREE char *now = NULL;
    int rc;

    *begun = false;
    if (check (h, vm, to, &was, err) < 0) {
        return -err->code;
    }
    now = file_read_named (path, err);
    if (!now) {
        return -err->code;
    }
    text = now;
    *begun = true;
    if (unfinished_entry (h, vm, entry_of ("new-name", to, temporary), err) < 0
        || write_new (h, was, to, temporary, &text, kept, err) < 0) {
        return -err->code;
    }
    entry = entry_of ("rename", to, temporary);
    json_put_text (entry, "text", meant_text (h, text));
    meant_file (entry, path);
    rc = unfinished_entry (h, vm, json_object_get (entry), err);
    rc = rc < 0 ? rc : carry_out (h, vm, to, temporary, entry, err);
    json_object_put (entry);
    if (rc == 0) {
        unfinished_end (h, vm);
    }
    return rc;
}

/* ---------------------------------------------------- After interruption */

bool
rename_is_made (struct hvctl *h, struct json_object *entry, bool changed)
{
    const char *to = json_get_text (&h->arena, entry, "name");
    const char *text = json_get_text (&h->arena, entry, "text");
    const char *temporary = json_get_text (&h->arena, entry, "temporary");
    const char *final = to ? definition_path (h, to) : NULL;

    return final && text && temporary && access (final, F_OK) == 0
           && (!meant_other_text (h, final, text)
               || (changed && access (temporary, F_OK) < 0 && errno == ENOENT));
}

const char *
rename_other (struct hvctl *h, struct json_object *entry)
{
    const char *to = json_get_text (&h->arena, entry, "name");
    const char *final = to ? definition_path (h, to) : NULL;

    return final && access (final, F_OK) == 0 ? final
                                              : meant_other (h, entry, true);
}

static int
read_entry (struct hvctl *h, struct json_object *entry, const char **to,
            const char **temporary, struct error *err)
{
    *to = json_get_text (&h->arena, entry, "name");
    *temporary = json_get_text (&h->arena, entry, "temporary");
    return *to && *temporary
               ? 0
               : fail (err, EINVAL, "the journal of the change is damaged");
}

int
rename_again (struct hvctl *h, const char *vm, struct json_object *entry,
              struct error *err)
{
    const char *to, *temporary;

    return read_entry (h, entry, &to, &temporary, err) < 0
               ? -err->code
               : rename_all (h, vm, to, temporary, entry, err);
}

/* A directory of the old name was not moved, or is back already. */
static bool
is_in_place (struct error *err)
{
    bool so = err->code == ENOTEMPTY || err->code == EEXIST;

    if (so) {
        *err = (struct error){ 0 };
    }
    return so;
}

int
rename_take_back (struct hvctl *h, const char *vm, struct json_object *entry,
                  struct error *err)
{
    const char *to, *temporary;

    return read_entry (h, entry, &to, &temporary, err) < 0      ? -err->code
           : move_all (h, to, vm, err) < 0 && is_in_place (err) ? 0
                                                                : -err->code;
}
