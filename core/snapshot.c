/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots of all disks that a VM writes, as one. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/acquire.h"
#include "core/saved.h"

/* Adds the volumes to 'plan': what is in a pool and written. */
static int
find_volumes (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct definition *def = plan->def;

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (d->readonly) {
            continue;
        }
        if (d->image) {
            return fail (err, ENOTSUP,
                         "disk %s is an image outside of any pool, and so "
                         "has no snapshots: move it into one (hvctl volume "
                         "create --backing)",
                         d->name);
        }
        if (resolve_disk (h, plan, d, err) < 0) {
            return -err->code;
        }
    }
    return plan->disks.n
               ? 0
               : fail (err, ENOENT, "%s has no disk of its own", def->name);
}

/* Stores whether the volume has the snapshot, and newer ones. */
static int
look_for (const struct plan_disk *d, const char *name, bool *found, bool *newer,
          struct error *err)
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

/* Fails if a disk can have no snapshots, or has this one: while a guest runs on
 * the others, theirs could not be taken back. */
static int
check_new (const struct plan *plan, const char *name, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        bool found, newer;

        if (look_for (d, name, &found, &newer, err) < 0) {
            return -err->code;
        }
        if (found) {
            return fail (err, EEXIST,
                         "disk %s: there is a snapshot '%s' already",
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

/* Has a hypervisor the layer open? */
static bool
is_used (struct hvctl *h, const char *vm, const struct hv_layer *layer)
{
    struct error err = { 0 };
    int fd = layer ? acquire_file (h, vm, layer->path, HV_RDWR, &err) : -1;

    close_fd (fd);
    return fd < 0;
}

/* A running hypervisor is switched to the layers that the disk now has. */
static int
switch_layers (struct hvctl *h, struct definition *def, struct target *t,
               const struct plan_disk *d, struct error *err)
{
    struct plan after = { .def = def };
    const struct plan_disk *now;
    struct hv_files *files;
    int rc;

    if (resolve_disk (h, &after, d->def, err) < 0) {
        return -err->code;
    }
    now = after.disks.p[0];
    if (same_layers (&d->disk, &now->disk)) {
        return 0;
    }
    if (open_layers (h, def->name, &now->disk, &files, err) < 0) {
        return -err->code;
    }
    rc = hypervisor_overlay_disk (t->plugin, &t->vm, &now->disk, files, err);
    close_layers (&now->disk, files);
    /* It may wait for the next start to be plugged in. */
    if (rc < 0 && err->code == ENOENT
        && !is_used (h, def->name, now->disk.layers[1])) {
        memset (err, 0, sizeof *err);
        return 0;
    }
    return rc;
}

/* What was made before something failed. */
static void
take_back (const struct plan_disk *d, const char *name)
{
    struct error err = { 0 };

    if (storage_forget (d->plugin, &d->volume, name, &err) < 0) {
        hvctl_warn ("the snapshot '%s' of disk %s stays behind: %s", name,
                    d->def->name, err.text);
    }
}

/* One disk.  If its hypervisor goes on in the file that is frozen, that is no
 * snapshot. */
static int
snapshot_disk (struct hvctl *h, struct definition *def, struct target *t,
               const struct plan_disk *d, const char *name, struct error *err)
{
    int rc = storage_snapshot (d->plugin, &d->volume, name, err);

    if (rc == 0 && t) {
        rc = switch_layers (h, def, t, d, err);
        if (rc < 0) {
            take_back (d, name);
        }
    }
    return rc;
}

static int
snapshot_all (struct hvctl *h, struct plan *plan, struct target *t,
              const char *name, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        if (snapshot_disk (h, plan->def, t, plan->disks.p[i], name, err) < 0) {
            while (i--) {
                take_back (plan->disks.p[i], name);
            }
            return -err->code;
        }
    }
    return 0;
}

/* The disks, and the memory before them: that can fail halfway without a
 * trace. */
static int
snapshot_running (struct hvctl *h, struct plan *plan, struct target *t,
                  const char *name, bool memory, struct error *err)
{
    const char *dir = saved_memory_dir (h, plan->def->name, name);
    struct plan *whole;

    if (memory && saved_read (h, dir, NULL)) {
        return fail (err, EEXIST, "there is a snapshot '%s' already", name);
    }
    if (pause_target (t, err) < 0) {
        return -err->code;
    }
    if ((memory && save_memory (h, plan->def, t, dir, &whole, err) < 0)
        || snapshot_all (h, plan, t, name, err) < 0) {
        if (memory) {
            saved_remove (h, dir);
        }
        unpause_target (t);
        return -err->code;
    }
    unpause_target (t);
    return 0;
}

/* What was saved stays good: a snapshot writes nothing of what the guest
 * sees. */
static int
snapshot_stopped (struct hvctl *h, struct plan *plan, const char *name,
                  struct error *err)
{
    const char *dir = saved_dir (h, plan->def->name);
    struct plan after = { .def = plan->def };
    bool saved = saved_read (h, dir, NULL);

    plan->vm.saved = saved ? dir : NULL;
    saved = saved && saved_check_disks (h, plan, err) == 0;
    *err = (struct error){ 0 };
    if (snapshot_all (h, plan, NULL, name, err) < 0) {
        return -err->code;
    }
    return saved
                   && (find_volumes (h, &after, err) < 0
                       || saved_note (h, dir, &after, err) < 0)
               ? -err->code
               : 0;
}

int
snapshot_create (struct hvctl *h, struct definition *def, const char *name,
                 bool memory, enum change_way *way, struct error *err)
{
    struct plan plan = { .def = def };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (check_name ("snapshot", name, err) < 0
        || find_volumes (h, &plan, err) < 0
        || check_new (&plan, name, err) < 0) {
        return -err->code;
    }
    if (find_target (h, def->name, &t, err) < 0) {
        if (err->exit_code != EXIT_NOT_RUNNING || memory) {
            return -err->code;
        }
        memset (err, 0, sizeof *err);
        return snapshot_stopped (h, &plan, name, err);
    }
    *way = CHANGED_ONLINE;
    rc = snapshot_running (h, &plan, &t, name, memory, err);
    close_fd (t.pidfd);
    return rc;
}

/* ------------------------------------------------- Of all disks at once */

/* The disks that have the snapshot: those that have newer ones, too, first,
 * since with them something may be in the way.  '*without' is one that has it
 * not, or null. */
static int
find_snapshot (struct hvctl *h, struct plan *plan, const char *name,
               struct vec *out, const struct plan_disk **without,
               struct error *err)
{
    struct vec others = { 0 };

    *without = NULL;
    if (find_volumes (h, plan, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        bool found, newer;

        if (look_for (d, name, &found, &newer, err) < 0) {
            return -err->code;
        }
        if (found) {
            vec_add (&h->arena, newer ? out : &others, d);
        } else {
            *without = d;
        }
    }
    for (size_t i = 0; i < others.n; i++) {
        vec_add (&h->arena, out, others.p[i]);
    }
    return out->n ? 0
                  : fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                               "%s has no snapshot '%s' (hvctl snapshot list "
                               "%s)",
                               plan->def->name, name, plan->def->name);
}

static int
must_be_stopped (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state s;

    state_read (h, name, &s);
    return s.run > RUN_STALE
               ? fail_exit (err, EXIT_RUNNING, EBUSY,
                            "%s is %s: stop it first, its disks would change "
                            "under it",
                            name, run_state_text (s.run))
               : 0;
}

typedef int volume_op (struct plugin *, const struct hv_volume *, const char *,
                       struct error *);

static int
for_each_disk (const struct vec *disks, const char *name, volume_op *op,
               struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct plan_disk *d = disks->p[i];

        if (op (d->plugin, &d->volume, name, err) < 0) {
            return i ? fail_prefix (err, "%zu of %zu disks are done; then", i,
                                    disks->n)
                     : -err->code;
        }
    }
    return 0;
}

/* The memory that belongs to the disks becomes what was saved; what had been
 * saved belongs to others. */
static int
revert_memory (struct hvctl *h, struct definition *def, const char *name,
               struct error *err)
{
    const char *from = saved_memory_dir (h, def->name, name);
    struct plan plan = { .def = def };

    if (!saved_read (h, from, NULL)) {
        return 0;
    }
    return find_volumes (h, &plan, err) < 0
                   || saved_copy (h, from, saved_dir (h, def->name), &plan, err)
                          < 0
               ? fail_prefix (err, "the disks are reverted, but not the memory")
               : 0;
}

int
snapshot_revert (struct hvctl *h, struct definition *def, const char *name,
                 struct error *err)
{
    const char *saved = saved_dir (h, def->name);
    struct plan plan = { .def = def };
    const struct plan_disk *without;
    struct vec disks = { 0 };

    if (must_be_stopped (h, def->name, err) < 0
        || find_snapshot (h, &plan, name, &disks, &without, err) < 0) {
        return -err->code;
    }
    if (without) {
        return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                          "disk %s has no snapshot '%s', and only all disks "
                          "go back together: take it out first (hvctl "
                          "detach-disk), or revert volumes one by one (hvctl "
                          "volume revert)",
                          without->def->name, name);
    }
    if (saved_read (h, saved, NULL)) {
        hvctl_warn ("%s: what was saved is dropped: it does not belong to the "
                    "disks of the snapshot",
                    def->name);
        saved_remove (h, saved);
    }
    return for_each_disk (&disks, name, storage_revert, err) < 0
                   || revert_memory (h, def, name, err) < 0
               ? -err->code
               : 0;
}

/* What is in use is the storage's to judge: some can delete a snapshot of it
 * all the same. */
int
snapshot_delete (struct hvctl *h, struct definition *def, const char *name,
                 enum change_way *way, struct error *err)
{
    struct plan plan = { .def = def };
    const struct plan_disk *without;
    struct vec disks = { 0 };
    struct vm_state s;
    int rc;

    state_read (h, def->name, &s);
    *way = s.run > RUN_STALE ? CHANGED_ONLINE : CHANGED_OFFLINE;
    rc = find_snapshot (h, &plan, name, &disks, &without, err);
    rc = rc < 0 ? rc : for_each_disk (&disks, name, storage_forget, err);
    if (rc == -EBUSY && *way == CHANGED_ONLINE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s (%s is %s: if it is that, stop it first)",
                          err->text, def->name, run_state_text (s.run));
    }
    if (rc == 0) {
        saved_remove (h, saved_memory_dir (h, def->name, name));
    }
    return rc;
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

int
snapshot_list (struct hvctl *h, struct definition *def, struct vec *out,
               struct error *err)
{
    struct plan plan = { .def = def };

    if (find_volumes (h, &plan, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan.disks.n; i++) {
        const struct plan_disk *d = plan.disks.p[i];
        struct hv_list list = { 0 };

        if (storage_snapshots (d->plugin, &d->volume, &list, err) < 0) {
            return fail_prefix (err, "disk %s", d->def->name);
        }
        for (size_t k = 0; k < list.entries.n; k++) {
            struct snapshot_entry *s = entry_of (h, out, list.entries.p[k]);

            s->disks = s->disks ? arena_format (&h->arena, "%s, %s", s->disks,
                                                d->def->name)
                                : d->def->name;
        }
    }
    return 0;
}
