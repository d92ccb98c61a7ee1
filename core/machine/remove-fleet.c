/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/remove-fleet.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/config/definition-find.h"
#include "core/config/rewrite.h"
#include "core/machine/changing-volume.h"
#include "core/machine/changing.h"
#include "core/machine/remove.h"
#include "core/state/meant.h"
#include "core/state/state-run.h"
#include "core/state/unfinished.h"

static int
check_stopped (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state state;

    state_read (h, name, &state);
    if (state.run == RUN_UNKNOWN) {
        return state_unknown (h, &state, err);
    }
    return state.run > RUN_STALE
               ? fail_exit (err, EXIT_RUNNING, EBUSY, "%s is %s: stop it first",
                            name, state_run_text (state.run))
               : 0;
}

static int
look_at (struct hvctl *h, const char *name, bool with_disks,
         struct doomed_vm *out, struct error *err)
{
    struct definition *def = NULL;

    *out = (struct doomed_vm){ .name = name };
    if (check_stopped (h, name, err) < 0 || !with_disks) {
        return -err->code;
    }
    if (definition_load (h, name, &def, err) < 0
        && (!def || !definition_knows_disks (def))) {
        return fail_prefix (err,
                            "%s: its disks cannot be determined, since its "
                            "definition is invalid: correct it, or remove the "
                            "fleet without --disks",
                            name);
    }
    *err = (struct error){ 0 };
    return remove_look (h, def, false, &out->disks, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

/* ------------------------------------- Volumes that others have, too */

static const char *
key_of (struct arena *a, const char *pool, const char *volume)
{
    return arena_format (a, "%s/%s", pool, volume);
}

/* The volumes, sorted; fails if two VMs have the same. */
static int
list_volumes (struct hvctl *h, const struct vec *vms, struct vec *keys,
              struct error *err)
{
    for (size_t i = 0; i < vms->n; i++) {
        const struct doomed_vm *vm = vms->p[i];

        for (size_t k = 0; k < vm->disks.n; k++) {
            const struct doomed *d = vm->disks.p[k];

            vec_add (&h->arena, keys,
                     key_of (&h->arena, d->vol.pool, d->vol.name));
        }
    }
    vec_sort (keys);
    for (size_t i = 1; i < keys->n; i++) {
        if (!strcmp (keys->p[i - 1], keys->p[i])) {
            return fail (err, EBUSY,
                         "volume %s is a disk of several VMs: use rm without "
                         "--disks",
                         (const char *)keys->p[i]);
        }
    }
    return 0;
}

static int
check_other (struct hvctl *h, const char *name, const struct vec *keys,
             struct error *err)
{
    struct definition *def = NULL;
    struct error why = { 0 };
    int rc = definition_load (h, name, &def, &why);

    for (size_t i = 0; def && i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!d->image && !d->broken
            && vec_has_sorted (keys, key_of (&h->arena, d->pool, d->volume))) {
            return fail (
                err, EBUSY,
                "volume %s/%s is also a disk of %s: use rm without --disks",
                d->pool, d->volume, name);
        }
    }
    if (rc < 0 && why.exit_code != EXIT_NOT_FOUND
        && !(def && definition_knows_disks (def))) {
        *err = why;
        return fail_prefix (err,
                            "it cannot be determined which disks %s has, since "
                            "its definition is not valid",
                            name);
    }
    return 0;
}

/* All definitions are read once, however many volumes there are. */
static int
check_unshared (struct hvctl *h, const struct fleet *f, const struct vec *vms,
                struct error *err)
{
    struct vec names = { 0 }, keys = { 0 };

    if (list_volumes (h, vms, &keys, err) < 0
        || definition_names (h, &names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; keys.n && i < names.n && !err->code; i++) {
        struct arena keep = h->arena, own = { 0 };

        if (fleet_of (h, names.p[i]) == f) {
            continue;
        }
        h->arena = own;
        check_other (h, names.p[i], &keys, err);
        own = h->arena;
        h->arena = keep;
        arena_free (&own);
    }
    return -err->code;
}

int
remove_fleet_look (struct hvctl *h, const struct fleet *f, bool with_disks,
                   struct vec *out, struct error *err)
{
    struct vec names = { 0 };

    fleet_members (&h->arena, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct doomed_vm *vm = arena_alloc (&h->arena, sizeof *vm);

        if (look_at (h, names.p[i], with_disks, vm, err) < 0) {
            return -err->code;
        }
        vec_add (&h->arena, out, vm);
    }
    return with_disks ? check_unshared (h, f, out, err) : 0;
}

/* ---------------------------------------------------------- The removal */

/* It may have been started since it was looked at. */
static int
remove_member (struct hvctl *h, struct doomed_vm *vm, bool with_disks,
               struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    int rc;

    if (changing_lock_to_remove (h, vm->name, &lock, err) < 0
        || check_stopped (h, vm->name, err) < 0) {
        return -err->code;
    }
    rc = remove_vm (h, vm->name, &vm->disks, with_disks, err);
    changing_let_go (h); /* A descriptor each: there may be thousands. */
    return rc;
}

static int
remove_all (struct hvctl *h, const struct fleet *f, struct vec *vms,
            bool with_disks, struct error *err)
{
    for (size_t i = 0; i < vms->n; i++) {
        struct doomed_vm *vm = vms->p[i];

        if (remove_member (h, vm, with_disks, err) < 0) {
            return i == 0 ? -err->code
                          : fail_prefix (err,
                                         "%zu VMs of fleet %s are removed, and "
                                         "the others are kept with its "
                                         "definition; but %s",
                                         i, f->name, vm->name);
        }
    }
    if (unlink (f->file) < 0 && errno != ENOENT) {
        return fail (err, errno, "cannot remove %s: %m", f->file);
    }
    unlink (rewrite_kept (h, rewrite_target (h, f->file)));
    return 0;
}

int
remove_fleet (struct hvctl *h, const struct fleet *f, struct vec *vms,
              bool with_disks, struct error *err)
{
    struct json_object *entry = json_object_new_object ();
    struct undisturbed u;
    int rc;

    json_put_text (entry, "op", "rm");
    json_put_text (entry, "name", with_disks ? "disks" : NULL);
    meant_file (entry, f->file);
    if (unfinished_entry (h, f->name, entry, err) < 0) {
        return -err->code;
    }
    interrupt_block (&u);
    rc = remove_all (h, f, vms, with_disks, err);
    interrupt_unblock (&u);
    unfinished_end (h, f->name);
    return rc;
}

int
remove_fleet_again (struct hvctl *h, const struct fleet *f, bool with_disks,
                    struct error *err)
{
    struct vec vms = { 0 };

    return remove_fleet_look (h, f, with_disks, &vms, err) < 0
               ? -err->code
               : remove_all (h, f, &vms, with_disks, err);
}
