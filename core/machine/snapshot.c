/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots of all writable disks of a VM, created as a unit. */
#include "core/machine/snapshot.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/machine/agent-freeze.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/save.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot-plugged.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/ending.h"
#include "core/state/unfinished.h"

#define THAW_TIMEOUT 10000 /* ms */

int
snapshot_volumes (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct definition *def = plan->def;

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (snapshot_has_volume (d)
            && changing_resolve_disk (h, plan, d, err) < 0) {
            return -err->code;
        }
    }
    return plan->disks.n ? 0
                         : fail (err, ENOENT,
                                 "%s has no writable disk in a pool, and only "
                                 "such disks can have snapshots",
                                 def->name);
}

int
snapshot_tell_of_images (const struct definition *def, bool memory,
                         const char *what, struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (d->readonly || !d->image || d->left_out) {
            continue;
        }
        if (memory) {
            return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                              "disk %s is an image outside of any pool, which "
                              "cannot be reverted together with the memory: "
                              "create the snapshot without --memory",
                              d->name);
        }
        hvctl_warn ("%s: disk %s is an image outside of any pool, and is not "
                    "%s",
                    def->name, d->name, what);
    }
    return 0;
}

int
snapshot_look_for (const struct plan_disk *d, const char *name, bool *found,
                   bool *newer, struct error *err)
{
    struct hv_list list = { 0 };

    *found = *newer = false;
    if (storage_snapshots (d->plugin, &d->volume, &list, err) < 0) {
        return fail_prefix (err, "disk %s", d->def->name);
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        *newer = *found;
        *found = *found || !strcmp (e->name, name);
    }
    return 0;
}

/* Fails if a disk cannot have snapshots, or already has this one: while a guest
 * is running on new layers, the snapshots of the others could not be rolled
 * back. */
static int
check_new (struct hvctl *h, const struct plan *plan, const char *name,
           struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        const char *able;
        bool found, newer;

        if (snapshot_look_for (d, name, &found, &newer, err) < 0) {
            able = err->code == ENOTSUP ? snapshot_able (h, plan) : "";
            return *able ? fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                                      "%s: to leave it out, name the others:%s",
                                      err->text, able)
                         : -err->code;
        }
        if (found) {
            return fail (err, EEXIST,
                         "disk %s: there is already a snapshot '%s'",
                         d->def->name, name);
        }
    }
    return 0;
}

/* A name belongs to the whole VM: a disk that is left out must not have it
 * either. */
static int
check_left_out (struct hvctl *h, struct definition *def, const char *name,
                struct error *err)
{
    struct plan plan = { .def = def };

    if (saved_add_disks (h, &plan, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan.disks.n; i++) {
        const struct plan_disk *d = plan.disks.p[i];
        struct error ignored = { 0 };
        bool found, newer;

        if (d->def->left_out && !d->def->image
            && snapshot_look_for (d, name, &found, &newer, &ignored) == 0
            && found) {
            return fail (err, EEXIST,
                         "disk %s: there is already a snapshot '%s'",
                         d->def->name, name);
        }
    }
    return 0;
}

static bool
same_layers (const struct hv_disk *a, const struct hv_disk *b)
{
    size_t i;

    for (i = 0; a->layers[i] && b->layers[i]; i++) {
        if (strcmp (a->layers[i]->path, b->layers[i]->path) != 0) {
            return false;
        }
    }
    return !a->layers[i] && !b->layers[i];
}

/* The hypervisor switches to the disk's current top layer. */
static int
go_on_in (struct hvctl *h, struct target *t, const struct plan_disk *now,
          struct error *err)
{
    struct hv_files *files;
    int rc;

    if (descriptors_open_layers (h, t->vm.name, &now->disk, &files, err) < 0) {
        return -err->code;
    }
    rc = hypervisor_overlay_disk (t->plugin, &t->vm, &now->disk, files, err);
    descriptors_close_layers (&now->disk, files);
    return rc;
}

/* A running hypervisor is switched to the layers that the disk now has. */
static int
switch_layers (struct hvctl *h, struct definition *def, struct target *t,
               const struct plan_disk *d, struct error *err)
{
    struct plan after = { .def = def };
    const struct plan_disk *now;
    int rc;

    if (changing_resolve_disk (h, &after, d->def, err) < 0) {
        return -err->code;
    }
    now = after.disks.p[0];
    if (same_layers (&d->disk, &now->disk)) {
        return 0;
    }
    rc = go_on_in (h, t, now, err);
    /* It may be attached only at the next start. */
    if (rc < 0 && err->code == ENOENT
        && !snapshot_is_used (h, def->name, now->disk.layers[1])) {
        memset (err, 0, sizeof *err);
        return 0;
    }
    return rc;
}

/* A disk that already had the snapshot.  If its hypervisor still uses the
 * frozen file, it is switched. */
static int
switch_found (struct hvctl *h, struct definition *def, struct target *t,
              const struct plan_disk *d, struct error *err)
{
    const struct hv_layer *const *layers = d->disk.layers;

    return layers[1] && !snapshot_is_used (h, def->name, layers[0])
                   && snapshot_is_used (h, def->name, layers[1])
               ? go_on_in (h, t, d, err)
               : 0;
}

/* A disk in use is left alone.  Disks without the snapshot are asked, too: the
 * storage removes its temporary files. */
static void
take_all_back (const struct plan *plan, const char *name, bool warn)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        struct error err = { 0 };
        bool found, newer;

        if (snapshot_look_for (d, name, &found, &newer, &err) < 0) {
            found = false;
        }
        err = (struct error){ 0 };
        if (storage_forget (d->plugin, &d->volume, name, &err) < 0 && found
            && warn) {
            hvctl_warn ("the snapshot '%s' of disk %s is left behind: %s", name,
                        d->def->name, err.text);
        }
    }
}

/* Creates the snapshots, in the storage only; they can be rolled back until a
 * hypervisor uses the new layers.  'found', or null: the disks that already had
 * it. */
static int
freeze_all (const struct plan *plan, const char *name, bool *found,
            struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        bool newer;

        if (found && snapshot_look_for (d, name, &found[i], &newer, err) < 0) {
            return -err->code;
        }
        if ((!found || !found[i])
            && storage_snapshot (d->plugin, &d->volume, name, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* Rolls back or completes a failed snapshot: first all files, and then, since
 * that cannot be rolled back, the hypervisor. */
static int
finish_all (struct hvctl *h, struct plan *plan, struct target *t,
            const char *name, struct error *err)
{
    bool *found = arena_alloc (&h->arena, plan->disks.n * sizeof *found);
    int rc = freeze_all (plan, name, found, err);

    for (size_t i = 0; rc == 0 && t && i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];

        rc = found[i] ? switch_found (h, plan->def, t, d, err)
                      : switch_layers (h, plan->def, t, d, err);
    }
    return rc;
}

/* Fails if the guest has stopped, or has run, since it was paused: then the
 * disks are inconsistent.  'rc' and 'err' are the result of the snapshots. */
static int
check_paused (struct hvctl *h, struct target *t, int rc, struct error *err)
{
    const char *name = t->vm.name, *how;
    struct hv_status status = { 0 };
    struct error ignored = { 0 };
    int64_t when = 0;

    if (target_has_ended (t, rc < 0 ? TARGET_ENDING : 0)) {
        *err = (struct error){ 0 };
        how = ending_last (h, name, &when);
        return fail (err, EPIPE,
                     "%s stopped while the snapshot was being created%s%s%s",
                     name, how ? " (" : "", how ? how : "", how ? ")" : "");
    }
    if (rc == 0 && hypervisor_status (t->plugin, &t->vm, &status, &ignored) == 0
        && status.state == HV_RUNNING) {
        return fail (err, EBUSY,
                     "%s was resumed while the snapshot was being created, so "
                     "its disks would be inconsistent: try again",
                     name);
    }
    return rc;
}

/* A hypervisor that uses the new layers of a disk cannot be switched back: so
 * these are created for all disks before, and a failed switch is tried once
 * more, unless it is not supported. */
static int
make_all (struct hvctl *h, struct plan *plan, struct target *t,
          const char *name, struct error *err)
{
    struct plan again = { .def = plan->def };
    struct error second = { 0 };
    int rc = freeze_all (plan, name, NULL, err);

    if (rc == 0 && t && check_paused (h, t, 0, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; rc == 0 && t && i < plan->disks.n; i++) {
        rc = switch_layers (h, plan->def, t, plan->disks.p[i], err);
    }
    if (rc < 0 && err->code != ENOTSUP
        && !(t && target_has_ended (t, TARGET_ENDING))
        && snapshot_volumes (h, &again, &second) == 0
        && finish_all (h, &again, t, name, &second) == 0) {
        *err = (struct error){ 0 };
        rc = 0;
    }
    return rc;
}

/* All or none, and without interruption. */
static int
snapshot_all (struct hvctl *h, struct plan *plan, struct target *t,
              const char *name, struct error *err)
{
    struct undisturbed u;
    int rc;

    interrupt_block (&u);
    rc = make_all (h, plan, t, name, err);
    rc = t ? check_paused (h, t, rc, err) : rc;
    if (rc < 0) {
        take_all_back (plan, name, false); /* recover_failed() reports it. */
    }
    interrupt_unblock (&u);
    return rc;
}

/* The disks, and the memory before them: a failure of that leaves no trace. The
 * memory of a frozen guest would be frozen when it is restored, and has what is
 * not on the disks. */
static int
snapshot_running (struct hvctl *h, struct plan *plan, struct target *t,
                  const char *name, bool memory, bool *frozen,
                  struct error *err)
{
    const char *dir = saved_memory_dir (h, plan->def->name, name);
    struct plan *whole;

    if (memory && saved_read (h, dir, NULL)) {
        return fail (err, EEXIST, "there is already a snapshot '%s'", name);
    }
    if ((memory && hypervisor_can_save (t->plugin, err) < 0)
        || snapshot_check_plugged (h, plan, t, err) < 0
        || (!memory && agent_freeze (h, t->vm.name, frozen, err) < 0)
        || target_pause (h, t, err) < 0) {
        return -err->code;
    }
    if (memory
        && (unfinished_add (h, t->vm.name, "memory", name, err) < 0
            || save_memory (h, plan->def, t, dir, &whole, err) < 0)) {
        return -err->code;
    }
    return snapshot_begin (h, plan->def, "snapshot", name, err) < 0
                   || snapshot_all (h, plan, t, name, err) < 0
               ? -err->code
               : 0;
}

/* The saved state stays valid: the guest sees no difference. */
static int
snapshot_stopped (struct hvctl *h, struct plan *plan, const char *name,
                  struct error *err)
{
    const char *dir = saved_dir (h, plan->def->name);
    struct plan all = { .def = plan->def, .vm.saved = dir };
    bool saved = saved_read (h, dir, NULL)
                 && saved_add_disks (h, &all, err) == 0
                 && saved_check_disks (h, &all, err) == 0;

    *err = (struct error){ 0 };
    if (unfinished_add (h, plan->def->name, saved ? "note" : "begin", NULL, err)
            < 0
        || snapshot_begin (h, plan->def, "snapshot", name, err) < 0
        || snapshot_all (h, plan, NULL, name, err) < 0) {
        return -err->code;
    }
    return saved ? saved_note_disks (h, plan->def, err) : 0;
}

static bool
thaw (struct hvctl *h, const struct target *t, bool frozen)
{
    struct error err = { 0 };
    bool done =
        !frozen || agent_freeze_thaw (h, t->vm.name, THAW_TIMEOUT, &err) == 0;

    if (!done) {
        hvctl_warn ("%s (its file systems may be frozen: the next command that "
                    "makes a change thaws them)",
                    err.text);
    }
    return done;
}

int
snapshot_make (struct hvctl *h, struct definition *def, const char *name,
               bool memory, enum change_way *way, bool *begun,
               struct error *err)
{
    struct plan plan = { .def = def };
    struct target t;
    bool frozen = false;
    int rc;

    *way = CHANGED_OFFLINE;
    if (name_validate ("snapshot", name, err) < 0
        || snapshot_volumes (h, &plan, err) < 0
        || check_new (h, &plan, name, err) < 0
        || check_left_out (h, def, name, err) < 0
        || snapshot_tell_of_images (def, memory, "part of the snapshot", err)
               < 0) {
        return -err->code;
    }
    if (target_find (h, def->name, &t, err) < 0) {
        if (err->exit_code != EXIT_NOT_RUNNING || memory) {
            return -err->code;
        }
        memset (err, 0, sizeof *err);
        *begun = true;
        rc = snapshot_stopped (h, &plan, name, err);
        if (rc == 0) {
            unfinished_end (h, def->name);
        }
        return rc;
    }
    *way = CHANGED_ONLINE;
    *begun = true;
    rc = snapshot_running (h, &plan, &t, name, memory, &frozen, err);
    if (rc == 0 && target_unpause (h, &t) && thaw (h, &t, frozen)) {
        if (memory) {
            save_leave_stream (&t);
        }
        unfinished_end (h, def->name);
    }
    close_fd (t.pidfd);
    return rc;
}

int
snapshot_finish (struct hvctl *h, struct definition *def, const char *name,
                 struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    struct target t = { .pidfd = -1 };
    bool running = target_find (h, def->name, &t, &ignored) == 0;
    int rc = snapshot_volumes (h, &plan, err);

    rc = rc < 0 ? rc : finish_all (h, &plan, running ? &t : NULL, name, err);
    close_fd (t.pidfd);
    if (rc < 0) {
        take_all_back (&plan, name, true);
    }
    return rc;
}

int
snapshot_take_back (struct hvctl *h, struct definition *def, const char *name,
                    struct error *err)
{
    struct plan plan = { .def = def };

    if (snapshot_volumes (h, &plan, err) < 0) {
        return -err->code;
    }
    take_all_back (&plan, name, true);
    return 0;
}
