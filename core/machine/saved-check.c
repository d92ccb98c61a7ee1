/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Checks whether a saved state can be restored: the definition and the disks
 * must be the same as at the save. */
#include "core/machine/saved-check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/config/definition-find.h"
#include "core/config/effective.h"
#include "core/config/settings.h"
#include "core/machine/changing-volume.h"
#include "core/machine/saved.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define NS INT64_C (1000000000)
#define MAY_DIFFER -1 /* The size and time of a disk that may have changed. */

/* A template may have changed, too; comments do not matter. */
static bool
same_definition (struct hvctl *h, const struct definition *def, const char *dir)
{
    CLEANUP_FREE char *text =
        file_read (arena_format (&h->arena, "%s/definition", dir));

    return text && !strcmp (text, effective_guest_text (&h->arena, def));
}

/* Reads the saved state's definition, and checks that it is the same as
 * 'def'. */
static int
read_same (struct hvctl *h, const struct definition *def, struct saved *s,
           struct error *err)
{
    const char *dir = saved_dir (h, def->name);

    if (!saved_read (h, dir, s)) {
        return fail (err, EIO,
                     "the saved state of %s, in %s, cannot be read: 'hvctl "
                     "start --fresh %s' discards it and boots",
                     def->name, dir, def->name);
    }
    if (!same_definition (h, def, dir)) {
        return fail_exit (
            err, EXIT_CONFIG, ESTALE,
            "%s was saved on %s, and %s%s has changed since, so it cannot be "
            "restored: 'hvctl start --fresh %s' discards the saved state and "
            "boots; the old definition is %s/definition",
            def->name, arena_time (&h->arena, ARENA_TIME, s->when), def->file,
            settings_is_set (def->root, "templates") ? ", or a template of it,"
                                                     : "",
            def->name, dir);
    }
    return 0;
}

int
saved_apply (struct hvctl *h, struct definition *def, struct error *err)
{
    const char *dir = saved_dir (h, def->name);
    struct saved s;

    if (!saved_read (h, dir, NULL)) {
        return 0;
    }
    if (read_same (h, def, &s, err) < 0) {
        return -err->code;
    }
    def->saved = dir;
    def->saved_paused = s.paused;
    def->hypervisor = s.hypervisor;
    def->machine = s.machine ? s.machine : def->machine;
    def->accelerator = s.accelerator ? s.accelerator : def->accelerator;
    def->cpu = s.cpu ? s.cpu : def->cpu;
    return 0;
}

/* Devices have no modification time; then nothing is recorded.  The guest has
 * also read the layers of a read-only disk. */
static bool
look_at (const struct plan_disk *d, size_t layer, struct saved_disk *out)
{
    size_t n = 0;
    struct stat st;

    while (d->disk.layers[n]) {
        n++;
    }
    out->name = d->def->name;
    out->layer = (int64_t)layer;
    if (layer >= n || (!layer && d->disk.readonly)
        || stat (d->disk.layers[layer]->path, &st) < 0
        || !S_ISREG (st.st_mode)) {
        return false;
    }
    out->size = st.st_size;
    out->modified = st.st_mtim.tv_sec * NS + st.st_mtim.tv_nsec;
    return true;
}

static void
note_disks (struct hvctl *h, const struct plan *plan, struct saved *out)
{
    out->disks = (struct vec){ 0 };
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *disk = plan->disks.p[i];

        for (size_t k = 0; disk->disk.layers[k]; k++) {
            struct saved_disk *d = arena_alloc (&h->arena, sizeof *d);

            if (look_at (disk, k, d)) {
                vec_add (&h->arena, &out->disks, d);
            }
        }
    }
}

int
saved_note (struct hvctl *h, const char *dir, const struct plan *plan,
            struct error *err)
{
    struct saved s;

    if (!saved_read (h, dir, &s)) {
        return fail (err, EIO, "cannot read %s/about", dir);
    }
    note_disks (h, plan, &s);
    return saved_write (h, dir, &s, err);
}

int
saved_add_disks (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct definition *def = plan->def;

    for (size_t i = 0; i < def->disks.n; i++) {
        if (changing_resolve_disk (h, plan, def->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
saved_note_disks (struct hvctl *h, struct definition *def, struct error *err)
{
    struct plan plan = { .def = def };

    return saved_add_disks (h, &plan, err) < 0
               ? -err->code
               : saved_note (h, saved_dir (h, def->name), &plan, err);
}

/* A disk of which nothing is recorded differs from then on.  A state that
 * cannot be read is refused in any case. */
int
saved_doubt_disks (struct hvctl *h, const char *dir, const struct plan *plan,
                   struct error *err)
{
    struct saved s;
    size_t known;

    if (!saved_read (h, dir, &s)) {
        return 0;
    }
    known = s.disks.n;
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *disk = plan->disks.p[i];
        struct saved_disk *d = arena_alloc (&h->arena, sizeof *d);

        if (!disk->disk.readonly && !look_at (disk, 0, d)) {
            d->size = d->modified = MAY_DIFFER;
            vec_add (&h->arena, &s.disks, d);
        }
    }
    return s.disks.n == known ? 0 : saved_write (h, dir, &s, err);
}

int
saved_check_disks (struct hvctl *h, const struct plan *plan, struct error *err)
{
    struct saved s;

    if (!plan->vm.saved || !saved_read (h, plan->vm.saved, &s)) {
        return 0;
    }
    for (size_t i = 0; i < s.disks.n; i++) {
        const struct saved_disk *then = s.disks.p[i];

        for (size_t k = 0; k < plan->disks.n; k++) {
            const struct plan_disk *d = plan->disks.p[k];
            struct saved_disk now = { 0 };

            if (!strcmp (d->def->name, then->name)
                && (!look_at (d, (size_t)then->layer, &now)
                    || now.size != then->size
                    || now.modified != then->modified)) {
                return fail (
                    err, ESTALE,
                    "disk %s (%s%s) %s been written to since %s was saved on "
                    "%s, and would be corrupted by a restore: 'hvctl start "
                    "--fresh %s' discards the saved state and boots",
                    then->name, then->layer ? "backing file of " : "",
                    d->disk.layers[0]->path,
                    then->size == MAY_DIFFER ? "may have" : "has",
                    plan->def->name, arena_time (&h->arena, ARENA_TIME, s.when),
                    plan->def->name);
            }
        }
    }
    return 0;
}

/* A disk that cannot be accessed is reported by the start. */
int
saved_check (struct hvctl *h, struct definition *def, struct error *err)
{
    struct plan plan = { .def = def };
    struct saved s;

    plan.vm.saved = saved_dir (h, def->name);
    if (!saved_read (h, plan.vm.saved, NULL)) {
        return 0;
    }
    if (read_same (h, def, &s, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        struct error ignored = { 0 };

        changing_resolve_disk (h, &plan, def->disks.p[i], &ignored);
    }
    return saved_check_disks (h, &plan, err);
}

int
saved_refuse_change (struct hvctl *h, struct definition *def, struct error *err)
{
    struct error lost = { 0 };
    struct vm_state s;

    state_read (h, def->name, &s);
    if (s.run > RUN_STALE || !saved_read (h, saved_dir (h, def->name), NULL)
        || saved_check (h, def, &lost) < 0) {
        return 0;
    }
    return fail (err, EBUSY,
                 "%s is saved, and could not be restored after that: restore "
                 "it first with 'hvctl start %s', or discard the saved state "
                 "with 'hvctl start --fresh %s'",
                 def->name, def->name, def->name);
}

int
saved_refuse_volume (struct hvctl *h, const char *pool, const char *volume,
                     struct error *err)
{
    const struct hv_volume vol = { .pool = pool, .name = volume };
    struct vec names = { 0 };

    saved_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        const struct disk_def *d;
        struct definition *def;

        if (definition_find_volume (h, names.p[i], &vol, &def, &d, err) < 0) {
            return -err->code;
        }
        if (d && !d->readonly && saved_refuse_change (h, def, err) < 0) {
            return fail_prefix (err, "volume %s/%s is disk %s of %s", pool,
                                volume, d->name, def->name);
        }
    }
    return 0;
}
