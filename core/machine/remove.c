/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/config/definition-find.h"
#include "core/config/rewrite.h"
#include "core/machine/changing-volume.h"
#include "core/machine/changing.h"
#include "core/machine/remove-entry.h"
#include "core/machine/saved.h"
#include "core/provider/layers.h"
#include "core/provider/storage.h"
#include "core/state/state-changes.h"
#include "core/state/state-kept.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

/* ---------------------------------------------------------- The removal */

static int
destroy (struct hvctl *h, struct vec *all, struct doomed *d, struct error *err)
{
    const char *gone = NULL;

    if (storage_destroy (d->plugin, &d->vol, err) == 0) {
        d->gone = true;
        return 0;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct doomed *other = all->p[i];

        if (other->gone) {
            gone = gone ? arena_format (&h->arena, "%s, %s", gone,
                                        other->disk->name)
                        : other->disk->name;
        }
    }
    return gone ? fail_prefix (err, "deleted already: %s; but disk %s", gone,
                               d->disk->name)
                : fail_prefix (err, "disk %s", d->disk->name);
}

static int
destroy_with_snapshots (struct hvctl *h, struct vec *all, struct doomed *d,
                        struct error *err)
{
    for (size_t i = d->snapshots.entries.n; i-- > 0;) {
        const struct list_entry *e = d->snapshots.entries.p[i];

        if (storage_forget (d->plugin, &d->vol, e->name, err) < 0) {
            return fail_prefix (err, "disk %s", d->disk->name);
        }
    }
    return destroy (h, all, d, err);
}

/* Some storages delete snapshots along with a volume; others require that they
 * are deleted first, or refuse.  They are asked before anything is deleted. */
static int
destroy_all (struct hvctl *h, struct vec *all, struct error *err)
{
    struct vec later = { 0 };
    size_t n = 0;

    for (; n < all->n; n++) {
        struct doomed *d = all->p[n];

        if (!d->snapshots.entries.n) {
            break;
        }
        if (destroy (h, all, d, err) == -ENOTEMPTY) {
            memset (err, 0, sizeof *err);
            vec_add (&h->arena, &later, d);
        } else if (err->code) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < later.n; i++) {
        if (destroy_with_snapshots (h, all, (struct doomed *)later.p[i], err)
            < 0) {
            return -err->code;
        }
    }
    for (; n < all->n; n++) {
        if (destroy (h, all, all->p[n], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

static void
remove_logs (const char *dir)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    while (d && (e = readdir (d))) {
        const char *dot = strstr (e->d_name, ".log");

        if (dot && (!strcmp (dot, ".log") || !strcmp (dot, ".log.1"))) {
            unlinkat (dirfd (d), e->d_name, 0);
        }
    }
    rmdir (dir);
}

static void
forget (struct hvctl *h, const char *name)
{
    const char *keep = state_keep_dir (h, name);

    saved_forget (h, name);
    layers_forget_vm (h, name);
    for (const char *const *f =
             (const char *const[]){ "vars.fd", "vars.fd.new", "last", "layers",
                                    "last.new", "known_hosts",
                                    "known_hosts.old", NULL };
         *f; f++) {
        unlink (arena_format (&h->arena, "%s/%s", keep, *f));
    }
    rmdir (keep);
    state_forget_process (h, name);
    remove_logs (state_log_dir (h, name));
}

/* Removes a definition, and the text of an edit of it. */
static int
remove_definition (struct hvctl *h, const char *path, struct error *err)
{
    const char *kept = rewrite_kept (h, rewrite_target (h, path));

    if (unlink_if_any (path) < 0) {
        return fail (err, errno, "cannot remove %s: %m", path);
    }
    unlink_if_any (kept);
    return 0;
}

static int
remove_one (struct hvctl *h, struct doomed_vm *vm, struct error *err)
{
    const char *path = definition_path (h, vm->name);

    if (destroy_all (h, &vm->disks, err) < 0) {
        return fail_prefix (err, "%s", vm->name);
    }
    if (remove_definition (h, path, err) < 0) {
        return vm->disks.n ? fail_prefix (err,
                                          "the disks of %s are deleted, but "
                                          "its definition is still there",
                                          vm->name)
                           : -err->code;
    }
    forget (h, vm->name);
    return 0;
}

static bool
has_snapshots (const struct doomed_vm *vm)
{
    for (size_t i = 0; i < vm->disks.n; i++) {
        if (((const struct doomed *)vm->disks.p[i])->snapshots.entries.n) {
            return true;
        }
    }
    return false;
}

/* Adds those with snapshots, on which volumes of others may depend, before the
 * rest: a storage that refuses does so before anything is deleted. */
static void
sort_vms (struct hvctl *h, const struct vec *vms, struct vec *out)
{
    for (int first = 1; first >= 0; first--) {
        for (size_t i = 0; i < vms->n; i++) {
            if (has_snapshots (vms->p[i]) == first) {
                vec_add (&h->arena, out, vms->p[i]);
            }
        }
    }
}

static int
fail_half (struct hvctl *h, const struct removal *r, const struct vec *vms,
           size_t done, struct error *err)
{
    struct vec names = { 0 };

    for (size_t i = 0; i < done; i++) {
        vec_add (&h->arena, &names, ((struct doomed_vm *)vms->p[i])->name);
    }
    return done == 0 ? -err->code
                     : fail_prefix (err,
                                    "removed already: %s (the others are kept "
                                    "with the definition of fleet %s)",
                                    name_list (&h->arena, &names, 5), r->name);
}

/* The file of a fleet goes last: until then it defines the rest. */
static int
remove_all (struct hvctl *h, const struct removal *r, struct error *err)
{
    struct vec vms = { 0 };

    sort_vms (h, &r->vms, &vms);
    for (size_t i = 0; i < vms.n; i++) {
        if (remove_one (h, vms.p[i], err) < 0) {
            return fail_half (h, r, &vms, i, err);
        }
    }
    return r->fleet ? remove_definition (h, r->fleet->file, err) : 0;
}

/* ------------------------------------------------------------- The locks */

struct locks {
    int *fd;
    size_t n;
};

#define LOCKS_CLEANUP __attribute__ ((cleanup (unlock)))

static void
unlock (struct locks *l)
{
    for (size_t i = 0; i < l->n; i++) {
        close_fd (l->fd[i]);
    }
}

/* Locks the VMs of a fleet, whose own lock the caller has. */
static int
lock_members (struct hvctl *h, const struct fleet *f, bool wait,
              struct locks *l, struct error *err)
{
    struct vec names = { 0 };

    file_allow_many ();
    fleet_members (&h->arena, f, &names);
    l->fd = arena_alloc (&h->arena, (names.n + 1) * sizeof *l->fd);
    for (size_t i = 0; i < names.n; i++) {
        int *fd = &l->fd[i], rc;

        rc = wait ? changing_lock_to_remove (h, names.p[i], fd, err)
                  : state_try_changes (h, names.p[i], fd, err);
        if (rc < 0) {
            return rc;
        }
        l->n++;
    }
    return 0;
}

/* ---------------------------------------------------- After interruption */

/* Removes from 'vm' the disks that were replaced in the meantime. */
static void
spare_others (struct hvctl *h, struct json_object *entry, struct doomed_vm *vm)
{
    size_t n = 0;

    for (size_t i = 0; i < vm->disks.n; i++) {
        struct doomed *d = vm->disks.p[i];
        const char *why = remove_entry_spares (h, entry, d);

        if (why) {
            hvctl_warn ("%s: its removal was interrupted, and %s: it is kept",
                        vm->name, why);
        } else {
            vm->disks.p[n++] = d;
        }
    }
    vm->disks.n = n;
}

/* Collects what is still there of it; the caller has the locks. */
static int
look_again (struct hvctl *h, struct removal *r, struct json_object *entry,
            struct error *err)
{
    struct json_object *o;
    bool defined = r->fleet || definition_exists (h, r->name);

    if (defined || remove_entry_flag (entry, "left")) {
        if (remove_look (h, r, true, err) < 0
            && !(remove_entry_flag (entry, "left")
                 && err->exit_code == EXIT_NOT_FOUND)) {
            return -err->code;
        }
    } else {
        r->vms = (struct vec){ 0 };
    }
    *err = (struct error){ 0 };
    for (size_t i = 0; i < r->vms.n; i++) {
        spare_others (h, entry, r->vms.p[i]);
    }
    /* Without a definition, the disks have been deleted already. */
    for (size_t i = 0; !r->vms.n && (o = remove_entry_item (entry, "vms", i));
         i++) {
        struct doomed_vm *vm = arena_alloc (&h->arena, sizeof *vm);

        vm->name = json_get_text (&h->arena, o, "vm");
        if (vm->name) {
            vec_add (&h->arena, &r->vms, vm);
        }
    }
    return 0;
}

/* The second time. */
static int
complete (struct hvctl *h, struct removal *r, struct json_object *entry,
          struct error *err)
{
    return look_again (h, r, entry, err) < 0 || remove_all (h, r, err) < 0
               ? -err->code
               : 0;
}

int
remove_again (struct hvctl *h, const char *name, struct json_object *entry,
              struct error *err)
{
    const char *what = json_get_text (&h->arena, entry, "name");
    const char *other = remove_entry_other (h, entry);
    struct removal r = { .name = name, .disks = what != NULL };
    LOCKS_CLEANUP struct locks locks = { 0 };

    if (other) {
        return fail (err, EEXIST,
                     "%s has been restored or changed since, and is kept with "
                     "the rest of the %s",
                     other,
                     remove_entry_flag (entry, "fleet") ? "fleet" : "VM");
    }
    r.fleet = remove_entry_flag (entry, "fleet") ? fleet_find (h, name) : NULL;
    if (remove_entry_flag (entry, "fleet") && !(r.fleet && r.fleet->valid)) {
        unlink_if_any (rewrite_kept (h, definition_path (h, name)));
        return 0; /* The file of the fleet is what is removed last. */
    }
    if (r.fleet && lock_members (h, r.fleet, false, &locks, err) < 0) {
        return -err->code;
    }
    return complete (h, &r, entry, err);
}

/* --------------------------------------------------------------------- */

int
remove_now (struct hvctl *h, struct removal *r, struct error *err)
{
    LOCKS_CLEANUP struct locks locks = { 0 };
    struct json_object *entry;
    struct error again = { 0 };
    struct undisturbed u;
    int rc;

    if ((r->fleet && lock_members (h, r->fleet, true, &locks, err) < 0)
        || remove_look (h, r, true, err) < 0) {
        return -err->code;
    }
    entry = remove_entry (h, r);
    if (unfinished_entry (h, r->name, json_object_get (entry), err) < 0) {
        json_object_put (entry);
        return -err->code;
    }
    interrupt_block (&u);
    rc = remove_all (h, r, err);
    /* A failure after the deletion does not matter the second time, and half a
     * VM is of no use. */
    if (rc < 0) {
        struct removal rest = *r;

        if (complete (h, &rest, entry, &again) == 0) {
            *err = (struct error){ 0 };
            rc = 0;
        }
    }
    interrupt_unblock (&u);
    unfinished_end (h, r->name);
    json_object_put (entry);
    changing_let_go (h);
    return rc;
}
