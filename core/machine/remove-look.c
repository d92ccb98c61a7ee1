/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/remove-look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/compat.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/leftover.h"
#include "core/plan/resolve.h"
#include "core/provider/storage.h"
#include "core/state/state-run.h"

const char *
remove_file (struct hvctl *h, const struct removal *r)
{
    return r->fleet ? r->fleet->file : definition_path (h, r->name);
}

/* ------------------------------------------------------------ One VM */

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
look_at_disk (struct hvctl *h, const struct disk_def *disk, bool lock,
              struct doomed **out, struct error *err)
{
    struct doomed *d = arena_alloc (&h->arena, sizeof *d);
    struct error ignored = { 0 };
    bool found;

    *d = (struct doomed){ .disk = disk };
    if (resolve_volume (h, disk, &d->vol, err) < 0
        || (lock && changing_lock_volume_to_remove (h, &d->vol, err) < 0)) {
        return fail_prefix (err, "disk %s", disk->name);
    }
    d->plugin = resolve_storage (h, &d->vol, NULL, err);
    if (!d->plugin
        || (descriptors_check_idle (h, d->plugin, &d->vol, err) < 0
            && err->exit_code == EXIT_RUNNING)) {
        return fail_prefix (err, "disk %s", disk->name);
    }
    *err = (struct error){ 0 };
    d->missing =
        storage_find (d->plugin, &d->vol, &found, &ignored) == 0 && !found;
    if (storage_snapshots (d->plugin, &d->vol, &d->snapshots, &ignored) < 0) {
        d->snapshots.entries.n = 0;
    }
    *out = d;
    return 0;
}

/* Collects the volumes, those with snapshots first, since other volumes may
 * depend on them. */
static int
look_at_disks (struct hvctl *h, const struct definition *def, bool lock,
               struct vec *out, struct error *err)
{
    struct vec without = { 0 };

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *disk = def->disks.p[i];
        struct doomed *d;

        if (disk->image) {
            continue;
        }
        if (look_at_disk (h, disk, lock, &d, err) < 0) {
            return -err->code;
        }
        vec_add (&h->arena, d->snapshots.entries.n ? out : &without, d);
    }
    for (size_t i = 0; i < without.n; i++) {
        vec_add (&h->arena, out, without.p[i]);
    }
    return 0;
}

/* Finds the definition.  An invalid one can be removed, too, with its disks
 * only if the error is not about them: otherwise they might be another VM's. */
static int
load (struct hvctl *h, struct removal *r, const char *name,
      struct definition **def, struct error *err)
{
    struct leftover left;

    *def = NULL;
    if (definition_load (h, name, def, err) == 0) {
        return 0;
    }
    if (err->exit_code == EXIT_NOT_FOUND && leftover_look (h, name, &left)) {
        r->left = true;
        *def = left.def;
    } else if (err->exit_code != EXIT_CONFIG) {
        return -err->code;
    }
    if (!r->disks || (*def && definition_knows_disks (*def))) {
        *err = (struct error){ 0 };
        return 0;
    }
    return r->left
               ? fail_exit (err, EXIT_CONFIG, EINVAL,
                            "%s is no longer defined, so its disks cannot be "
                            "determined: remove the rest of it without "
                            "--disks, and its volumes with 'hvctl volume rm'",
                            name)
               : fail_exit (err, EXIT_CONFIG, EINVAL,
                            "%s: its disks cannot be determined, since its "
                            "definition is invalid: correct it (hvctl validate "
                            "%s), or remove the %s without --disks, and its "
                            "volumes with 'hvctl volume rm'",
                            name, name, r->fleet ? "fleet" : "VM");
}

static int
look_at (struct hvctl *h, struct removal *r, const char *name, bool lock,
         struct error *err)
{
    struct doomed_vm *vm = arena_alloc (&h->arena, sizeof *vm);
    struct definition *def = NULL;

    *vm = (struct doomed_vm){ .name = name };
    vec_add (&h->arena, &r->vms, vm);
    if (check_stopped (h, name, err) < 0
        || ((r->disks || !r->fleet) && load (h, r, name, &def, err) < 0)) {
        return -err->code;
    }
    return r->disks && look_at_disks (h, def, lock, &vm->disks, err) < 0
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
    for (size_t i = 1; vms->n > 1 && i < keys->n; i++) {
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
                            "it cannot be determined whether %s has volume "
                            "%s%s, since its definition is not valid",
                            name, (const char *)keys->p[0],
                            keys->n > 1 ? " or another one" : "");
    }
    return 0;
}

/* Is it one of those that are removed? */
static bool
is_ours (struct hvctl *h, const struct removal *r, const char *name)
{
    return r->fleet ? fleet_of (h, name) == r->fleet : !strcmp (name, r->name);
}

/* All definitions are read once, however many volumes there are.  A volume that
 * another VM only reads stays, too. */
static int
check_unshared (struct hvctl *h, const struct removal *r, struct error *err)
{
    struct error unknown = { 0 }, ignored;
    struct vec names = { 0 }, keys = { 0 };

    if (list_volumes (h, &r->vms, &keys, err) < 0
        || definition_names (h, &names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; keys.n && i < names.n && !err->code; i++) {
        struct arena own = { 0 };

        /* A file of another name is no VM's. */
        if (is_ours (h, r, names.p[i])
            || name_validate ("VM", names.p[i], &ignored) < 0) {
            continue;
        }
        arena_swap (&h->arena, &own);
        check_other (h, names.p[i], &keys, err);
        arena_swap (&h->arena, &own);
        arena_free (&own);
        if (err->code && err->code != EBUSY) {
            unknown = unknown.code ? unknown : *err;
            *err = (struct error){ 0 };
        }
    }
    *err = err->code ? *err : unknown;
    return -err->code;
}

/* --------------------------------------------------- The definitions */

/* Can the file be removed?  Only its disks would be gone otherwise. */
static int
check_removable (struct hvctl *h, const char *path, struct error *err)
{
    const char *slash = strrchr (path, '/');
    const char *dir =
        arena_format (&h->arena, "%.*s", (int)(slash ? slash - path : 0), path);
    const uint64_t fixed = STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND;
    struct statx st;

    if (statx (AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, &st) < 0) {
        return errno == ENOENT
                   ? 0
                   : fail (err, errno, "cannot examine %s: %m", path);
    }
    if (st.stx_attributes & fixed) {
        return fail (err, EPERM,
                     "%s cannot be removed, since it is immutable or "
                     "append-only: use 'chattr -ia' on it first",
                     path);
    }
    return faccessat (AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0
               ? fail (err, errno, "cannot remove %s: %m", path)
               : 0;
}

static int
check_definitions (struct hvctl *h, const struct removal *r, struct error *err)
{
    for (size_t i = 0; r->fleet && i < r->vms.n; i++) {
        const struct doomed_vm *vm = r->vms.p[i];

        if (check_removable (h, definition_path (h, vm->name), err) < 0) {
            return -err->code;
        }
    }
    return check_removable (h, remove_file (h, r), err);
}

int
remove_look (struct hvctl *h, struct removal *r, bool lock, struct error *err)
{
    struct vec names = { 0 };

    r->vms = (struct vec){ 0 };
    r->left = false;
    if (r->fleet) {
        fleet_members (&h->arena, r->fleet, &names);
    } else {
        vec_add (&h->arena, &names, r->name);
    }
    for (size_t i = 0; i < names.n; i++) {
        if (look_at (h, r, names.p[i], lock, err) < 0) {
            return -err->code;
        }
    }
    return check_definitions (h, r, err) < 0
                   || (r->disks && check_unshared (h, r, err) < 0)
               ? -err->code
               : 0;
}
