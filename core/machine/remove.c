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
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/rewrite.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/remove-fleet.h"
#include "core/machine/saved.h"
#include "core/plan/resolve.h"
#include "core/provider/layers.h"
#include "core/provider/storage.h"
#include "core/state/meant.h"
#include "core/state/state-kept.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

/* ------------------------------------------------- What is to be removed */

/* Fails if another VM has the volume too: a read-only one may be shared. */
static int
check_unshared (struct hvctl *h, const struct definition *def,
                const struct hv_volume *vol, struct error *err)
{
    const struct disk_def *disk;
    struct definition *other;

    if (definition_of_volume (h, vol, def->name, &other, &disk, err) < 0) {
        return -err->code;
    }
    return disk ? fail (
               err, EBUSY,
               "volume %s/%s is also a disk of %s: use rm without --disks",
               vol->pool, vol->name, other->name)
                : 0;
}

static int
look_at (struct hvctl *h, const struct definition *def, bool others,
         const struct disk_def *disk, struct doomed **out, struct error *err)
{
    struct doomed *d = arena_alloc (&h->arena, sizeof *d);
    struct error ignored = { 0 };

    *d = (struct doomed){ .disk = disk };
    if (resolve_volume (h, disk, &d->vol, err) < 0
        || (others && check_unshared (h, def, &d->vol, err) < 0)) {
        return -err->code;
    }
    d->plugin = resolve_storage (h, &d->vol, NULL, err);
    if (!d->plugin
        || (descriptors_check_idle (h, d->plugin, &d->vol, err) < 0
            && err->exit_code == EXIT_RUNNING)) {
        return fail_prefix (err, "disk %s", disk->name);
    }
    memset (err, 0, sizeof *err);
    if (storage_snapshots (d->plugin, &d->vol, &d->snapshots, &ignored) < 0) {
        d->snapshots.entries.n = 0;
    }
    *out = d;
    return 0;
}

/* Collects the volumes, those with snapshots first, since other volumes may
 * depend on them. */
int
remove_look (struct hvctl *h, const struct definition *def, bool others,
             struct vec *out, struct error *err)
{
    struct vec without = { 0 };

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *disk = def->disks.p[i];
        struct doomed *d;

        if (disk->image) {
            continue;
        }
        if (look_at (h, def, others, disk, &d, err) < 0) {
            return -err->code;
        }
        vec_add (&h->arena, d->snapshots.entries.n ? out : &without, d);
    }
    for (size_t i = 0; i < without.n; i++) {
        vec_add (&h->arena, out, without.p[i]);
    }
    return 0;
}

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

/* Nobody may start a VM on them, or clone them, in the meantime. */
static int
lock_all (struct hvctl *h, const struct vec *disks, struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct doomed *d = disks->p[i];

        if (changing_lock_volume_to_remove (h, &d->vol, err) < 0) {
            return fail_prefix (err, "disk %s", d->disk->name);
        }
    }
    return 0;
}

static int
remove_all (struct hvctl *h, const char *name, struct vec *disks,
            struct error *err)
{
    const char *kept =
        rewrite_kept (h, rewrite_target (h, definition_path (h, name)));

    if (destroy_all (h, disks, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    if (unlink (definition_path (h, name)) < 0 && errno != ENOENT) {
        return fail (err, errno, "cannot remove %s: %m",
                     definition_path (h, name));
    }
    unlink (kept);
    forget (h, name);
    return 0;
}

/* With what goes, as it is now. */
static struct json_object *
entry_of (struct hvctl *h, const char *name, const struct vec *disks,
          bool with_disks)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *list = json_object_new_array ();

    json_put_text (o, "op", "rm");
    json_put_text (o, "name", with_disks ? "disks" : NULL);
    meant_file (o, definition_path (h, name));
    for (size_t i = 0; i < disks->n; i++) {
        const struct doomed *d = disks->p[i];
        struct json_object *v = json_object_new_object ();

        json_put_text (v, "pool", d->vol.pool);
        json_put_text (v, "volume", d->vol.name);
        meant_volume (v, d->plugin, &d->vol);
        json_object_array_add (list, v);
    }
    json_object_object_add (o, "disks", list);
    return o;
}

static struct json_object *
find_meant (struct hvctl *h, struct json_object *entry,
            const struct hv_volume *vol)
{
    struct json_object *list = NULL;
    size_t n = json_object_object_get_ex (entry, "disks", &list)
                       && json_object_is_type (list, json_type_array)
                   ? json_object_array_length (list)
                   : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *v = json_object_array_get_idx (list, i);
        const char *pool = json_get_text (&h->arena, v, "pool");
        const char *name = json_get_text (&h->arena, v, "volume");

        if (pool && name && !strcmp (pool, vol->pool)
            && !strcmp (name, vol->name)) {
            return v;
        }
    }
    return NULL;
}

int
remove_vm (struct hvctl *h, const char *name, struct vec *disks,
           bool with_disks, struct error *err)
{
    struct json_object *entry;
    struct error again = { 0 };
    struct undisturbed u;
    int rc;

    if (lock_all (h, disks, err) < 0) {
        return -err->code;
    }
    entry = entry_of (h, name, disks, with_disks);
    if (unfinished_entry (h, name, json_object_get (entry), err) < 0) {
        json_object_put (entry);
        return -err->code;
    }
    interrupt_block (&u);
    rc = remove_all (h, name, disks, err);
    /* A failure after the deletion does not matter the second time, and half a
     * VM is of no use. */
    if (rc < 0 && remove_again (h, name, with_disks, entry, &again) == 0) {
        *err = (struct error){ 0 };
        rc = 0;
    }
    interrupt_unblock (&u);
    unfinished_end (h, name);
    json_object_put (entry);
    return rc;
}

/* Removes from 'disks' those that were replaced in the meantime. */
static void
spare_others (struct hvctl *h, const char *name, struct json_object *entry,
              struct vec *disks)
{
    size_t n = 0;

    for (size_t i = 0; i < disks->n; i++) {
        struct doomed *d = disks->p[i];
        struct json_object *meant = find_meant (h, entry, &d->vol);
        const char *other = meant ? meant_other (h, meant, true) : NULL;

        if (other) {
            hvctl_warn ("%s: its removal was interrupted, and %s has been "
                        "replaced or written to since: it is kept",
                        name, other);
        } else {
            disks->p[n++] = d;
        }
    }
    disks->n = n;
}

int
remove_again (struct hvctl *h, const char *name, bool with_disks,
              struct json_object *entry, struct error *err)
{
    const char *other = meant_other (h, entry, true);
    const struct fleet *fleet = fleet_find (h, name);
    struct definition *def;
    struct vec disks = { 0 };

    if (other) {
        return fail (err, EEXIST,
                     "%s has been restored or changed since, and is kept with "
                     "the rest of the VM",
                     other);
    }
    if (fleet && fleet->valid) {
        return remove_fleet_again (h, fleet, with_disks, err);
    }
    if (with_disks && definition_exists (h, name)
        && (definition_load (h, name, &def, err) < 0
            || remove_look (h, def, true, &disks, err) < 0
            || lock_all (h, &disks, err) < 0)) {
        return -err->code;
    }
    spare_others (h, name, entry, &disks);
    return remove_all (h, name, &disks, err);
}
