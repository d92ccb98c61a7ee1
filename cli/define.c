/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* edit. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/members.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/rewrite.h"
#include "core/machine/changing-volume.h"
#include "core/machine/new-name-lock.h"
#include "core/machine/recover.h"
#include "core/machine/saved-check.h"
#include "core/process/editor.h"
#include "core/state/meant.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

static const char *
chosen_editor (void)
{
    const char *editor = getenv ("VISUAL");

    editor = editor && *editor ? editor : getenv ("EDITOR");
    return editor && *editor ? editor : NULL;
}

/* vi would wait forever without a user. */
static int
check_editor (struct error *err)
{
    return chosen_editor () || isatty (STDIN_FILENO)
               ? 0
               : fail_exit (err, EXIT_USAGE, ENOTTY,
                            "standard input is not a terminal: set $EDITOR to "
                            "a program that needs none");
}

/* Runs the user's editor: the one program that gets the terminal. */
static int
run_editor (struct cli *c, const char *path, struct error *err)
{
    const char *editor = chosen_editor ();

    return editor_run (editor ? editor : "vi", path, err) < 0
               ? fail_prefix (err, "editing %s", (const char *)c->args.p[0])
               : 0;
}

/* The editor may have replaced the file, with permissions of its own. */
static int
move_edited (struct cli *c, const char *temporary, const char *path)
{
    CLEANUP_FREE char *text = file_read_named (temporary, &c->err);

    return !text || rewrite_begin (path, temporary, text, &c->err) < 0
                   || rewrite_end (&c->h, temporary, path, &c->err) < 0
               ? -c->err.code
               : 0;
}

static int
say_edited (struct cli *c, const char *name, bool changed)
{
    struct error ignored = { 0 };
    struct definition *def;

    if (fleet_find (&c->h, name)) {
        warn_of_clashes (c, name);
    } else if (definition_load (&c->h, name, &def, &ignored) == 0) {
        warn_if_lost (c, def);
        warn_of_clashes (c, name);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", name);
        json_put_text_or_null (o, "done", changed ? "saved" : "unchanged");
        document_print (c, o);
    } else {
        out ("the definition of %s is %s\n", name,
             changed
                 ? "saved; for a running VM it takes effect at its next start"
                 : "unchanged");
    }
    return EXIT_OK;
}

/* Keeps the user's text beside the definition.  Returns its path. */
static const char *
keep_written (struct cli *c, const char *name, const char *temporary)
{
    const char *kept =
        rewrite_keep (&c->h, temporary,
                      rewrite_target (&c->h, definition_path (&c->h, name)));

    unfinished_end (&c->h, unfinished_edit_key (&c->h, name));
    return kept ? kept : temporary;
}

static bool
is_written (const char *temporary, const char *before)
{
    CLEANUP_FREE char *now = file_read (temporary);

    return now ? strcmp (now, before) != 0 : access (temporary, F_OK) == 0;
}

/* It takes effect for some VMs of a fleet only by coming or going. */
static int
agree (struct cli *c, const char *name, const char *temporary)
{
    struct members m;
    int exit_code;

    members_compare (c, name, temporary, &m);
    if (members_confirm (c, name, &m, &c->err) == 0) {
        return 0;
    }
    exit_code = c->err.exit_code;
    return fail_exit (&c->err, exit_code, c->err.code,
                      "not saved, and your text is in %s: %s",
                      keep_written (c, name, temporary), c->err.text);
}

/* Replaces the definition, whose text 'was' that, with the edited one, if it
 * still is. */
static int
save_edited (struct cli *c, const char *name, const char *temporary,
             const char *was)
{
    const char *path = rewrite_target (&c->h, definition_path (&c->h, name));
    NEW_NAME_CLEANUP struct new_name_locks locks = { 0 };

    if (agree (c, name, temporary) < 0
        || new_name_lock (&c->h, &name, 1, &locks, &c->err) < 0) {
        return report (c);
    }
    if (meant_other_text (&c->h, path, was)) {
        fail (&c->err, ESTALE,
              "%s was changed in the meantime, and is kept as it is: your text "
              "is in %s",
              path, keep_written (c, name, temporary));
    } else if (members_check_locked (c, name, temporary, &c->err) < 0) {
        fail (&c->err, c->err.code, "not saved, and your text is in %s: %s",
              keep_written (c, name, temporary), c->err.text);
    } else if (move_edited (c, temporary, path) == 0) {
        return say_edited (c, name, true);
    }
    return report (c);
}

/* After an interrupt the rollback reports it. */
static int
fail_editor (struct cli *c, const char *name, const char *temporary,
             const char *text)
{
    if (interrupt_came || !is_written (temporary, text)) {
        fail (&c->err, c->err.code, "%s; nothing is saved", c->err.text);
    } else {
        fail (&c->err, c->err.code,
              "%s; nothing is saved, and your text is in %s", c->err.text,
              keep_written (c, name, temporary));
    }
    return report (c);
}

/* Edits until it is valid, or abandoned.  Returns an exit code. */
static int
edit_until_valid (struct cli *c, const char *name, const char *temporary,
                  const char *text, const char *was)
{
    for (;;) {
        memset (&c->err, 0, sizeof c->err);
        if (run_editor (c, temporary, &c->err) < 0) {
            return fail_editor (c, name, temporary, text);
        }
        if (members_check (c, name, temporary, &c->err) == 0) {
            return is_written (temporary, text)
                       ? save_edited (c, name, temporary, was)
                       : say_edited (c, name, false);
        }
        name_definition (c, temporary, name, &c->err);
        if (!isatty (STDIN_FILENO)) {
            if (is_written (temporary, text)) {
                fail (&c->err, c->err.code,
                      "not saved, and your text is in %s: %s",
                      keep_written (c, name, temporary), c->err.text);
            } else {
                fail_prefix (&c->err, "not saved");
            }
            break;
        }
        hvctl_warn ("%s", c->err.text);
        if (!confirm ("Edit again?")) {
            fail (&c->err, EINVAL, "%s is not saved", name);
            break;
        }
    }
    c->err.exit_code = EXIT_CONFIG;
    return report (c);
}

static bool
is_newer (const char *path, const char *other)
{
    struct stat a, b;

    return stat (path, &a) == 0 && stat (other, &b) == 0
           && (a.st_mtim.tv_sec != b.st_mtim.tv_sec
                   ? a.st_mtim.tv_sec > b.st_mtim.tv_sec
                   : a.st_mtim.tv_nsec > b.st_mtim.tv_nsec);
}

/* Returns the text of an earlier edit that was not saved, if that is to be
 * continued; '*settled' is set if it is of no use after this edit. */
static char *
earlier_text (struct cli *c, const char *name, const char *path, bool *settled)
{
    const char *kept = rewrite_kept (&c->h, path);
    CLEANUP_FREE char *text = file_read (kept);
    bool stale = is_newer (path, kept);

    *settled = false;
    if (!text) {
        return NULL;
    }
    if (!isatty (STDIN_FILENO) && stale) {
        hvctl_warn ("the edit of %s in %s was not saved, and is not continued, "
                    "since the definition has been changed after it: remove "
                    "that file, or use it by hand",
                    name, kept);
        return NULL;
    }
    *settled = true;
    if (isatty (STDIN_FILENO)
        && !confirm ("An edit of %s was not saved%s. Continue it (%s)?", name,
                     stale ? ", and the definition has been changed since" : "",
                     kept)) {
        return NULL;
    }
    hvctl_warn ("continuing the edit of %s that was not saved: %s", name, kept);
    return steal (&text);
}

/* Returns the text to edit: a member of a fleet may have none yet.  '*was' is
 * a digest of that of the file. */
static char *
begin_text (struct cli *c, const char *name, const char *path, const char **was)
{
    const struct fleet *f = fleet_of (&c->h, name);
    CLEANUP_FREE char *text = file_read_named (path, &c->err);

    if (!text && f && c->err.code == ENOENT) {
        c->err = (struct error){ 0 };
        *was = meant_text (&c->h, NULL);
        return xstrdup (fleet_own_text (&c->h.arena, f, name));
    }
    if (!text) {
        return NULL;
    }
    *was = meant_text (&c->h, text);
    return steal (&text);
}

static int
edit (struct cli *c, const char *name, const char *path, const char *text,
      const char *was)
{
    const char *key = unfinished_edit_key (&c->h, name);
    const char *temporary = rewrite_temporary (
        &c->h, path, arena_format (&c->h.arena, "%s.edit", name));
    CLEANUP_FREE char *earlier = NULL;
    CLEANUP_CLOSE int lock = -1;
    bool settled;
    int code;

    if (state_try_changes (&c->h, key, &lock, &c->err) < 0) {
        fail (&c->err, c->err.code, "%s is being edited already: %s", name,
              c->err.text);
        return report (c);
    }
    earlier = earlier_text (c, name, path, &settled);
    if (unfinished_definition (&c->h, key, temporary, path, text, &c->err) < 0
        || rewrite_begin (path, temporary, earlier ? earlier : text, &c->err)
               < 0) {
        code = report (c);
    } else {
        code = edit_until_valid (c, name, temporary, text, was);
    }
    if (code == EXIT_OK && settled) {
        unlink (rewrite_kept (&c->h, path));
    }
    if (unfinished_is (&c->h, key)) {
        recover_failed (&c->h, key);
    }
    return code;
}

int
cmd_edit (struct cli *c)
{
    const char *name = c->args.p[0], *path, *was;
    CLEANUP_FREE char *text = NULL;
    struct definition *def;

    if (!fleet_find (&c->h, name)
        && definition_load (&c->h, name, &def, &c->err) < 0
        && c->err.exit_code != EXIT_CONFIG) {
        return report (c);
    }
    c->err = (struct error){ 0 };
    if (check_editor (&c->err) < 0) {
        return report (c);
    }
    path = rewrite_target (&c->h, definition_path (&c->h, name));
    text = begin_text (c, name, path, &was);
    return text ? edit (c, name, path, text, was) : report (c);
}
