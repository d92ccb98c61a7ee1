/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/snapshot-set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/name.h"
#include "core/base/interrupt.h"
#include "core/machine/changing-volume.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot.h"
#include "core/plan/plan.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

struct found {
    struct vec disks;                /* Those that have the snapshot, and first
                                      * those that also have newer ones, since
                                      * they may refuse. */
    struct vec unable;               /* struct error *: of those that cannot. */
    const struct plan_disk *without; /* One that lacks it, or null. */
};

static int
no_such_snapshot (struct hvctl *h, struct definition *def, const char *name,
                  struct error *err)
{
    struct vec all = { 0 }, names = { 0 }, ignored = { 0 };

    snapshot_list (h, def, &all, &ignored, &ignored);
    for (size_t i = 0; i < all.n; i++) {
        const struct snapshot_entry *e = all.p[i];

        vec_add (&h->arena, &names, (char *)e->name);
    }
    return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                      "%s has no snapshot '%s' (hvctl snapshot list %s)%s",
                      def->name, name, def->name,
                      name_suggest_of (&h->arena, name, &names));
}

static int
find_snapshot (struct hvctl *h, struct definition *def, struct plan *plan,
               const char *name, struct found *out, struct error *err)
{
    struct vec others = { 0 };

    *out = (struct found){ 0 };
    if (snapshot_volumes (h, plan, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        struct error *why = arena_alloc (&h->arena, sizeof *why);
        bool found, newer;

        if (snapshot_look_for (d, name, &found, &newer, why) < 0) {
            if (why->code != ENOTSUP) {
                *err = *why;
                return -err->code;
            }
            vec_add (&h->arena, &out->unable, why);
        } else if (found) {
            vec_add (&h->arena, newer ? &out->disks : &others, d);
        } else {
            out->without = d;
        }
    }
    for (size_t i = 0; i < others.n; i++) {
        vec_add (&h->arena, &out->disks, others.p[i]);
    }
    return out->disks.n ? 0 : no_such_snapshot (h, def, name, err);
}

/* Names the disks that stay as they are. */
static void
tell_of_others (struct definition *def, const struct found *found)
{
    struct error ignored = { 0 };

    snapshot_tell_of_images (def, false, "reverted", &ignored);
    for (size_t i = 0; i < found->unable.n; i++) {
        const struct error *why = found->unable.p[i];

        hvctl_warn ("%s: %s, and is not reverted", def->name, why->text);
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (d->left_out && !d->readonly) {
            hvctl_warn ("%s: disk %s is not reverted", def->name, d->name);
        }
    }
}

/* All disks must be reverted together, unless the user decides otherwise. */
static int
check_whole (struct hvctl *h, const struct definition *def, const char *name,
             const struct found *found, struct error *err)
{
    const char *those = "";

    for (size_t i = 0; found->without && i < found->disks.n; i++) {
        const struct plan_disk *d = found->disks.p[i];

        those = arena_format (&h->arena, "%s --disk %s", those, d->def->name);
    }
    return found->without ? fail_exit (
               err, EXIT_NOT_FOUND, ENOENT,
               "disk %s has no snapshot '%s', and all disks must be "
               "reverted together: detach it first (hvctl detach-disk), or "
               "name the disks to be reverted:%s",
               found->without->def->name, name, those)
                          : 0;
}

/* The guest's memory belongs to all of its disks. */
static int
check_memory (struct hvctl *h, const struct definition *def, const char *name,
              struct error *err)
{
    bool all = true;

    for (size_t i = 0; i < def->disks.n; i++) {
        all = all && !((const struct disk_def *)def->disks.p[i])->left_out;
    }
    return !all && saved_read (h, saved_memory_dir (h, def->name, name), NULL)
               ? fail_exit (err, EXIT_USAGE, EINVAL,
                            "snapshot '%s' includes the memory, which belongs "
                            "to all disks: revert without --disk",
                            name)
               : 0;
}

static int
must_be_stopped (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state s;

    state_read (h, name, &s);
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (h, &s, err);
    }
    return s.run > RUN_STALE ? fail_exit (err, EXIT_RUNNING, EBUSY,
                                          "%s is %s: stop it first, since its "
                                          "disks would change underneath it",
                                          name, state_run_text (s.run))
                             : 0;
}

typedef int volume_op (struct plugin *, const struct hv_volume *, const char *,
                       struct error *);

static int
for_each_disk (const struct vec *disks, const char *name, volume_op *op,
               size_t *done, struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct plan_disk *d = disks->p[i];

        *done = i;
        if (op (d->plugin, &d->volume, name, err) < 0) {
            return i ? fail_prefix (
                       err, "%zu of %zu disks are done, but the next failed", i,
                       disks->n)
                     : -err->code;
        }
    }
    return 0;
}

/* Can the failure go away by itself, or when there is more space?  Others are
 * reported to the user, who has to decide. */
static bool
may_pass (int code)
{
    return code == ENOSPC || code == EDQUOT || code == EIO || code == EMFILE
           || code == ENFILE || code == ENOMEM || code == EINTR
           || code == ETIMEDOUT;
}

/* The memory of the snapshot becomes the saved state; the previous saved state
 * does not match the disks. */
static int
revert_memory (struct hvctl *h, struct definition *def, const char *name,
               struct error *err)
{
    const char *from = saved_memory_dir (h, def->name, name);
    struct plan plan = { .def = def };

    if (!saved_read (h, from, NULL)) {
        return 0;
    }
    return snapshot_volumes (h, &plan, err) < 0
                   || saved_copy (h, from, saved_dir (h, def->name), &plan, err)
                          < 0
               ? fail_prefix (err, "the disks are reverted, but not the memory")
               : 0;
}

/* Not before a disk has changed: the storage may refuse. */
static void
discard_saved (struct hvctl *h, const struct definition *def)
{
    const char *saved = saved_dir (h, def->name);

    if (saved_read (h, saved, NULL)) {
        hvctl_warn ("%s: the saved state is discarded: it does not match the "
                    "disks of the snapshot",
                    def->name);
        saved_remove (h, saved);
    }
}

int
snapshot_revert (struct hvctl *h, struct definition *def, const char *name,
                 struct error *err)
{
    struct error again = { 0 };
    struct plan plan = { .def = def };
    struct found found;
    struct undisturbed u;
    size_t done = 0;
    int rc;

    if (must_be_stopped (h, def->name, err) < 0
        || find_snapshot (h, def, &plan, name, &found, err) < 0
        || check_whole (h, def, name, &found, err) < 0
        || check_memory (h, def, name, err) < 0) {
        return -err->code;
    }
    tell_of_others (def, &found);
    if (snapshot_begin (h, def, "revert", name, err) < 0) {
        return -err->code;
    }
    interrupt_block (&u);
    rc = for_each_disk (&found.disks, name, storage_revert, &done, err);
    if (rc == 0 || done) {
        discard_saved (h, def);
    }
    rc = rc < 0 ? rc : revert_memory (h, def, name, err);
    if (rc < 0 && snapshot_revert_again (h, def, name, &again) == 0) {
        *err = (struct error){ 0 }; /* It failed after it had taken effect. */
        rc = 0;
    }
    interrupt_unblock (&u);
    /* Half a VM is not to be started, if it can be whole. */
    if (rc == 0 || done == 0 || !may_pass (err->code)) {
        unfinished_end (h, def->name);
    }
    return rc;
}

/* The previous saved state is removed: if it is the snapshot's already, it is
 * installed again. */
int
snapshot_revert_again (struct hvctl *h, struct definition *def,
                       const char *name, struct error *err)
{
    const char *saved = saved_dir (h, def->name);
    struct plan plan = { .def = def };
    struct found found;
    size_t done = 0;
    int rc;

    if (must_be_stopped (h, def->name, err) < 0
        || find_snapshot (h, def, &plan, name, &found, err) < 0) {
        return -err->code;
    }
    rc = for_each_disk (&found.disks, name, storage_revert, &done, err);
    saved_remove (h, arena_format (&h->arena, "%s.new", saved));
    if (rc == 0 || done) {
        saved_remove (h, saved);
    }
    return rc < 0 ? rc : revert_memory (h, def, name, err);
}

/* Is there a saved state that stays valid, since the guest sees no
 * difference? */
static bool
is_saved (struct hvctl *h, struct definition *def)
{
    struct error lost = { 0 };

    return saved_read (h, saved_dir (h, def->name), NULL)
           && saved_check (h, def, &lost) == 0;
}

/* Whether a disk in use can be changed is up to the storage: some can delete a
 * snapshot of it.  That can take minutes, so it can be interrupted, unlike
 * other steps. */
int
snapshot_delete (struct hvctl *h, struct definition *def, const char *name,
                 enum change_way *way, struct error *err)
{
    struct error again = { 0 };
    struct plan plan = { .def = def };
    struct found found;
    struct vm_state s;
    size_t done;
    bool saved = is_saved (h, def);
    int rc;

    state_read (h, def->name, &s);
    *way = s.run > RUN_STALE ? CHANGED_ONLINE : CHANGED_OFFLINE;
    if (find_snapshot (h, def, &plan, name, &found, err) < 0
        || (saved && unfinished_add (h, def->name, "note", NULL, err) < 0)
        || unfinished_add (h, def->name, "forget", name, err) < 0) {
        return -err->code;
    }
    rc = for_each_disk (&found.disks, name, storage_forget, &done, err);
    if (rc < 0 && interrupt_came) {
        return fail (
            err, EINTR,
            "interrupted: the next command that makes a change deletes "
            "the rest of snapshot '%s'",
            name);
    }
    if (rc == 0) {
        saved_remove (h, saved_memory_dir (h, def->name, name));
    } else if (snapshot_delete_again (h, def, name, &again) == 0) {
        *err = (struct error){ 0 }; /* It failed after it had taken effect. */
        rc = 0;
    }
    rc = rc == 0 && saved ? saved_note_disks (h, def, err) : rc;
    unfinished_end (h, def->name);
    if (rc == -EBUSY && *way == CHANGED_ONLINE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s (%s is %s: if that is why, stop it first)",
                          err->text, def->name, state_run_text (s.run));
    }
    return rc;
}

/* All disks are asked, also those that no longer have it: the storage removes
 * its temporary files, too. */
int
snapshot_delete_again (struct hvctl *h, struct definition *def,
                       const char *name, struct error *err)
{
    struct plan plan = { .def = def };

    if (snapshot_volumes (h, &plan, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan.disks.n; i++) {
        const struct plan_disk *d = plan.disks.p[i];

        if (storage_forget (d->plugin, &d->volume, name, err) < 0
            && err->code != ENOENT && err->code != ENOTSUP) {
            return fail_prefix (err, "disk %s", d->def->name);
        }
        *err = (struct error){ 0 };
    }
    saved_remove (h, saved_memory_dir (h, def->name, name));
    return 0;
}

static struct snapshot_entry *
entry_of (struct hvctl *h, struct vec *in, const struct list_entry *e)
{
    struct snapshot_entry *s;
    size_t at = in->n;

    for (size_t i = 0; i < in->n; i++) {
        s = in->p[i];
        if (!strcmp (s->name, e->name)) {
            return s;
        }
    }
    s = arena_alloc (&h->arena, sizeof *s);
    *s = (struct snapshot_entry){ .name = e->name };
    s->created = strtoll (e->detail ? e->detail : "0", NULL, 10);
    vec_add (&h->arena, in, s);
    for (; at > 0
           && ((struct snapshot_entry *)in->p[at - 1])->created > s->created;
         at--) {
        in->p[at] = in->p[at - 1];
    }
    in->p[at] = s;
    return s;
}

static int
list_disk (struct hvctl *h, struct definition *def, const struct disk_def *disk,
           struct vec *out, struct error *err)
{
    struct plan plan = { .def = def };
    const struct plan_disk *d;
    struct hv_list list = { 0 };

    if (changing_resolve_disk (h, &plan, disk, err) < 0) {
        return -err->code;
    }
    d = plan.disks.p[0];
    if (storage_snapshots (d->plugin, &d->volume, &list, err) < 0) {
        return fail_prefix (err, "disk %s", disk->name);
    }
    for (size_t k = 0; k < list.entries.n; k++) {
        struct snapshot_entry *s = entry_of (h, out, list.entries.p[k]);

        s->disks =
            s->disks ? arena_format (&h->arena, "%s, %s", s->disks, disk->name)
                     : disk->name;
    }
    return 0;
}

void
snapshot_list (struct hvctl *h, struct definition *def, struct vec *out,
               struct vec *failures, struct vec *unable)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct error *err = arena_alloc (&h->arena, sizeof *err);

        if (snapshot_has_volume (d) && list_disk (h, def, d, out, err) < 0) {
            vec_add (&h->arena, err->code == ENOTSUP ? unable : failures, err);
        } else if (d->image && !d->readonly) {
            fail (err, ENOTSUP, "disk %s is an image outside of any pool",
                  d->name);
            vec_add (&h->arena, unable, err);
        }
    }
}
