/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/clone.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/config/clone-text.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/member-text.h"
#include "core/config/pending-text.h"
#include "core/config/rename-text.h"
#include "core/config/rewrite.h"
#include "core/config/textedit.h"
#include "core/machine/changing-volume.h"
#include "core/machine/clone-disk.h"
#include "core/machine/clone-origin.h"
#include "core/machine/clone-variables.h"
#include "core/machine/new-name.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot-create.h"
#include "core/machine/snapshot-set.h"
#include "core/plan/plan-layers.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

/* Removing a setting may let a template's come through, which may have no value
 * under the new name. */
#define MAX_PASSES 6

/* One cloning. */
struct clone {
    struct hvctl *h;
    const struct clone_wish *wish;
    struct clone_result *out;
    struct definition *from, *now;
    const char *final, *temporary;
    struct vec disks; /* struct clone_disk * */
    bool running, saved;
};

/* ------------------------------------------------------------ The checks */

static int
check_state (struct clone *c, struct error *err)
{
    struct vm_state s;

    state_read (c->h, c->wish->vm, &s);
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (c->h, &s, err);
    }
    if (s.run == RUN_STARTING) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is being started: wait until it runs", s.name);
    }
    c->running = s.run > RUN_STALE;
    c->saved = !c->running && saved_exists (c->h, c->wish->vm);
    return 0;
}

/* Two VMs would write to it. */
static int
check_images (const struct clone *c, struct error *err)
{
    for (size_t i = 0; i < c->from->disks.n; i++) {
        const struct disk_def *d = c->from->disks.p[i];

        if (d->image && !d->readonly) {
            return fail_exit (
                err, EXIT_UNSUPPORTED, ENOTSUP,
                "disk %s of %s is an image outside of any pool, which is not "
                "copied, and which only one VM can write to: put it into a "
                "pool, or set readonly = yes",
                d->name, c->from->name);
        }
    }
    return 0;
}

static int
check (struct clone *c, struct error *err)
{
    const char *snapshot = c->wish->snapshot;

    return (snapshot && name_validate ("snapshot", snapshot, err) < 0)
                   || definition_load (c->h, c->wish->vm, &c->from, err) < 0
                   || check_state (c, err) < 0 || check_images (c, err) < 0
                   || new_name_check (c->h, c->wish->to, err) < 0
               ? -err->code
               : 0;
}

/* --------------------------------------------------- The new definition */

static const char *
first_text (struct clone *c, const char *was, const char *text)
{
    struct arena *a = &c->h->arena;
    bool own = !c->wish->snapshot && !c->wish->full;
    const char *done = arena_format (
        a, "cloned from %s by hvctl on %s%s%s; see hvctl.conf(5)", c->wish->vm,
        arena_time (a, "%Y-%m-%d", time (NULL)), own ? CLONE_ORIGIN_BY : "",
        own ? clone_origin_snapshot (a, c->wish->to) : "");
    const char *next = rename_heading (a, text, was, c->wish->to, done);

    /* clone-origin.c reads that line. */
    if (next == text) {
        next = arena_format (a, "# %s, %s\n%s", c->wish->to, done, text);
    }
    return textedit_set (a, next, NULL, NULL, "uuid", c->wish->uuid);
}

/* The file whose text is cloned. */
static const char *
text_path (const struct clone *c)
{
    return c->from->fleet ? c->from->fleet->file
                          : definition_path (c->h, c->wish->vm);
}

/* The clone of a fleet's VM is in no fleet: what its two files have becomes one
 * definition. */
static int
read_text (struct clone *c, const char *path, const char **out,
           struct error *err)
{
    const struct fleet *fleet = c->from->fleet;
    CLEANUP_FREE char *text = file_read_named (path, err);
    CLEANUP_FREE char *own = NULL;
    struct problems ignored = { .arena = &c->h->arena };
    const struct hv_options *root = NULL;

    if (!text) {
        return -err->code;
    }
    if (fleet && strcmp (c->from->file, path) != 0) {
        own = file_read_named (c->from->file, err);
        if (!own) {
            return -err->code;
        }
        root = config_parse (&c->h->arena, c->from->file, definition_kinds,
                             &ignored);
    }
    *out =
        first_text (c, fleet ? fleet->name : c->wish->vm,
                    fleet ? member_text (&c->h->arena, text, own, root) : text);
    return 0;
}

/* The text that comes next; 'text' itself: it is complete. */
static int
next_text (struct clone *c, const char *path, const char *text,
           struct vec *kept, const char **out, struct error *err)
{
    struct arena *a = &c->h->arena;

    c->now = NULL;
    if (definition_load_file (c->h, c->wish->to, c->temporary, &c->now, err)
        == 0) {
        *out = clone_text (a, text, c->from, c->now, kept);
        return 0;
    }
    *out = pending_text (a, text, c->from, c->now, kept);
    if (*out != text) {
        *err = (struct error){ 0 };
        return 0;
    }
    rewrite_show (c->h, c->temporary, path, err);
    return fail_prefix (err, "as a definition of %s, it is invalid",
                        c->wish->to);
}

static int
write_new (struct clone *c, struct error *err)
{
    const char *path = text_path (c);
    const char *text, *next = NULL;
    struct vec kept = { 0 };

    if (read_text (c, path, &next, err) < 0) {
        return -err->code;
    }
    for (int i = 0; i < MAX_PASSES; i++) {
        text = next;
        if ((!text && textedit_fail (err, path, c->wish->vm) < 0)
            || rewrite_begin (path, c->temporary, text, err) < 0
            || next_text (c, path, text, &kept, &next, err) < 0) {
            return -err->code;
        }
        if (next == text) {
            clone_text_compare (&c->h->arena, c->from, c->now, &c->out->changed,
                                &c->out->same);
            return 0;
        }
    }
    return fail_exit (err, EXIT_CONFIG, EINVAL,
                      "%s: a clone would have the same disks or addresses, "
                      "which its templates set",
                      path);
}

/* -------------------------------------------------------------- The disks */

/* The disks whose storage cannot freeze them are copied: nobody may write to
 * them then. */
static int
choose_frozen (struct clone *c, struct vec *names, struct error *err)
{
    for (size_t i = 0; i < c->disks.n; i++) {
        const struct clone_disk *d = c->disks.p[i];

        if (clone_disk_can_freeze (d)) {
            vec_add (&c->h->arena, names, d->from->name);
        } else if (c->running) {
            return fail_exit (err, EXIT_RUNNING, ENOTSUP,
                              "disk %s of %s is in a pool whose volumes have "
                              "no snapshots, so it can be cloned only while "
                              "the VM is stopped (hvctl stop %s)",
                              d->from->name, c->from->name, c->from->name);
        }
    }
    return 0;
}

static int
note_snapshot (struct clone *c, const char *name, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", "clone-snapshot");
    json_put_text (o, "name", name);
    json_put_text (o, "vm", c->wish->vm);
    return unfinished_entry (c->h, c->wish->to, o, err);
}

/* All disks are frozen at the same moment; if the VM is running, that is as
 * after a power failure. */
static int
freeze (struct clone *c, struct error *err)
{
    const char *name = clone_origin_snapshot (&c->h->arena, c->wish->to);
    struct vec names = { 0 };
    struct definition *def;
    enum change_way way;

    if (c->wish->snapshot) {
        for (size_t i = 0; i < c->disks.n; i++) {
            ((struct clone_disk *)c->disks.p[i])->snapshot = c->wish->snapshot;
        }
        return 0;
    }
    if (choose_frozen (c, &names, err) < 0) {
        return -err->code;
    }
    if (!names.n) {
        return 0;
    }
    if (definition_load (c->h, c->wish->vm, &def, err) < 0
        || snapshot_choose (def, &names, err) < 0
        || clone_disk_check_free (&c->disks, name, err) < 0
        || note_snapshot (c, name, err) < 0
        || snapshot_create (c->h, def, name, false, &way, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < c->disks.n; i++) {
        struct clone_disk *d = c->disks.p[i];

        d->snapshot = clone_disk_can_freeze (d) ? name : NULL;
    }
    c->out->snapshot = name;
    return 0;
}

static int
find_disks (struct clone *c, struct error *err)
{
    for (size_t i = 0; i < c->from->disks.n; i++) {
        const struct disk_def *from = c->from->disks.p[i];
        const struct disk_def *to = definition_disk (c->now, from->name);
        struct clone_disk *d;

        if (!to || !clone_text_is_copied (from)) {
            continue;
        }
        if (clone_disk_find (c->h, from, to, &d, err) < 0) {
            return fail_prefix (err, "disk %s", from->name);
        }
        vec_add (&c->h->arena, &c->disks, d);
        vec_add (
            &c->h->arena, &c->out->volumes,
            arena_format (&c->h->arena, "%s/%s", d->vol.pool, d->vol.name));
    }
    return 0;
}

static int
clone_disks (struct clone *c, struct error *err)
{
    if (find_disks (c, err) < 0 || freeze (c, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < c->disks.n; i++) {
        struct clone_disk *d = c->disks.p[i];

        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        context_stage (c->h, "copying disks");
        if (clone_disk_make (c->h, c->wish->to, d, c->wish->full, err) < 0) {
            return fail_prefix (err, "disk %s", d->from->name);
        }
    }
    return 0;
}

/* Nothing depends on the snapshot then.  While the VM runs, its storage may be
 * unable to delete it. */
static void
forget_snapshot (struct clone *c)
{
    const char *name = c->out->snapshot;
    struct definition *def;
    struct error err = { 0 };
    enum change_way way;

    if (!name || !c->wish->full) {
        return;
    }
    if (definition_load (c->h, c->wish->vm, &def, &err) == 0
        && snapshot_delete (c->h, def, name, &way, &err) == 0) {
        c->out->snapshot = NULL;
    } else {
        hvctl_warn ("the snapshot '%s' of %s is kept: %s ('hvctl snapshot "
                    "delete %s %s' deletes it)",
                    name, c->wish->vm, err.text, c->wish->vm, name);
    }
}

/* -------------------------------------------------------------- The clone */

/* It is checked against the plugins like any new VM; then it gets its name. */
static int
publish (struct clone *c, struct error *err)
{
    struct plan *plan;

    if (changing_plan (c->h, c->now, PLAN_FULL, &plan, err) < 0) {
        rewrite_show (c->h, c->temporary, text_path (c), err);
        return -err->code;
    }
    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    if (rewrite_publish (c->h, c->temporary, c->final, err) < 0) {
        return err->code == EEXIST
                   ? fail (err, EEXIST, "VM %s already exists: %s", c->wish->to,
                           c->final)
                   : -err->code;
    }
    plan_note_layers (c->h, plan);
    return 0;
}

int
clone_vm (struct hvctl *h, const struct clone_wish *wish,
          struct clone_result *out, bool *begun, struct error *err)
{
    struct clone c = { .h = h, .wish = wish, .out = out };

    *begun = false;
    c.final = definition_path (h, wish->to);
    c.temporary = rewrite_temporary (h, c.final, wish->to);
    if (check (&c, err) < 0
        || file_make_dirs (h->host->state_dir, 0755, err) < 0) {
        return -err->code;
    }
    *begun = true;
    if (unfinished_definition (h, wish->to, c.temporary, c.final, NULL, err) < 0
        || write_new (&c, err) < 0
        || unfinished_add (h, wish->to, "clone", NULL, err) < 0
        || clone_disks (&c, err) < 0
        || clone_variables_copy (h, wish->vm, wish->to, err) < 0) {
        return -err->code;
    }
    forget_snapshot (&c);
    if (publish (&c, err) < 0) {
        return -err->code;
    }
    unfinished_end (h, wish->to);
    if (c.saved) {
        hvctl_warn ("the saved state of %s is not cloned: %s boots from its "
                    "disks, as after a power failure",
                    wish->vm, wish->to);
    }
    return 0;
}
