/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* rm: a definition goes, and what belongs to it; with --disks its volumes,
 * too, and their snapshots.  Half a VM is no use: so all is looked at before
 * anything goes. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/volume.h"
#include "common/cleanup.h"
#include "core/saved.h"

/* A volume that is to go. */
struct doomed {
    const struct disk_def *disk;
    struct hv_volume vol;
    struct plugin *plugin;
    struct hv_list snapshots; /* The oldest first. */
    bool gone;
};

/* ------------------------------------------------------------ What goes */

/* Fails if another VM has the volume too: a read-only one may be shared. */
static int
check_unshared (struct cli *c, const struct definition *def,
                const struct disk_def *disk, struct error *err)
{
    struct vec names = { 0 };

    if (definition_names (&c->h, &names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct definition *other;
        struct error ignored = { 0 };

        if (!strcmp (names.p[i], def->name)
            || definition_load (&c->h, names.p[i], &other, &ignored) < 0) {
            continue;
        }
        for (size_t k = 0; k < other->disks.n; k++) {
            const struct disk_def *d = other->disks.p[k];

            if (!d->image && !strcmp (d->volume, disk->volume)
                && !strcmp (d->pool, disk->pool)) {
                return fail (err, EBUSY,
                             "volume %s/%s is a disk of %s, too: use rm "
                             "without --disks",
                             disk->pool, disk->volume, other->name);
            }
        }
    }
    return 0;
}

static int
look_at (struct cli *c, const struct definition *def,
         const struct disk_def *disk, struct doomed **out, struct error *err)
{
    struct doomed *d = arena_alloc (&c->h.arena, sizeof *d);
    struct error ignored = { 0 };

    *d = (struct doomed){ .disk = disk };
    if (check_unshared (c, def, disk, err) < 0
        || disk_volume (&c->h, disk, &d->vol, err) < 0) {
        return -err->code;
    }
    d->plugin = find_storage (&c->h, &d->vol, NULL, err);
    if (!d->plugin
        || (volume_check_idle (c, d->plugin, &d->vol, err) < 0
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

/* Collects the volumes, those that have snapshots first: of these something
 * else may have been made. */
static int
look_at_all (struct cli *c, const struct definition *def, struct vec *out,
             struct error *err)
{
    struct vec others = { 0 };

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *disk = def->disks.p[i];
        struct doomed *d;

        if (disk->image) {
            continue;
        }
        if (look_at (c, def, disk, &d, err) < 0) {
            return -err->code;
        }
        vec_add (&c->h.arena, d->snapshots.entries.n ? out : &others, d);
    }
    for (size_t i = 0; i < others.n; i++) {
        vec_add (&c->h.arena, out, others.p[i]);
    }
    return 0;
}

/* --------------------------------------------------------------- It goes */

static int
destroy (struct cli *c, struct vec *all, struct doomed *d, struct error *err)
{
    const char *gone = NULL;

    if (storage_destroy (d->plugin, &d->vol, err) == 0) {
        d->gone = true;
        return 0;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct doomed *other = all->p[i];

        if (other->gone) {
            gone = gone ? arena_format (&c->h.arena, "%s, %s", gone,
                                        other->disk->name)
                        : other->disk->name;
        }
    }
    return gone ? fail_prefix (err, "deleted already: %s; but disk %s", gone,
                               d->disk->name)
                : fail_prefix (err, "disk %s", d->disk->name);
}

static int
destroy_with_snapshots (struct cli *c, struct vec *all, struct doomed *d,
                        struct error *err)
{
    for (size_t i = d->snapshots.entries.n; i-- > 0;) {
        const struct list_entry *e = d->snapshots.entries.p[i];

        if (storage_forget (d->plugin, &d->vol, e->name, err) < 0) {
            return fail_prefix (err, "disk %s", d->disk->name);
        }
    }
    return destroy (c, all, d, err);
}

/* Some storages take snapshots along; others say that these have to go first,
 * or why they can not.  They are asked before anything goes. */
static int
destroy_all (struct cli *c, struct vec *all, struct error *err)
{
    struct vec later = { 0 };
    size_t n = 0;

    for (; n < all->n; n++) {
        struct doomed *d = all->p[n];

        if (!d->snapshots.entries.n) {
            break;
        }
        if (destroy (c, all, d, err) == -ENOTEMPTY) {
            memset (err, 0, sizeof *err);
            vec_add (&c->h.arena, &later, d);
        } else if (err->code) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < later.n; i++) {
        if (destroy_with_snapshots (c, all, (struct doomed *)later.p[i], err)
            < 0) {
            return -err->code;
        }
    }
    for (; n < all->n; n++) {
        if (destroy (c, all, all->p[n], err) < 0) {
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
forget (struct cli *c, const char *name)
{
    const char *keep = state_keep_dir (&c->h, name);

    saved_forget (&c->h, name);
    for (const char *const *f =
             (const char *const[]){ "vars.fd", "last", NULL };
         *f; f++) {
        unlink (arena_format (&c->h.arena, "%s/%s", keep, *f));
    }
    rmdir (keep);
    remove_logs (state_log_dir (&c->h, name));
}

/* -------------------------------------------------------------- Command */

/* Loads what is to go.  A definition that is wrong can go, too. */
static int
load (struct cli *c, const char *name, struct vec *disks, struct error *err)
{
    struct definition *def;
    struct vm_state state;

    state_read (&c->h, name, &state);
    if (state.run > RUN_STALE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY, "%s is %s: stop it first",
                          name, run_state_text (state.run));
    }
    disks->n = 0;
    if (definition_load (&c->h, name, &def, err) < 0) {
        if (has_option (c, "disks") || err->exit_code != EXIT_CONFIG) {
            return -err->code;
        }
        memset (err, 0, sizeof *err);
    } else if (has_option (c, "disks")
               && look_at_all (c, def, disks, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    return 0;
}

static bool
is_meant (struct cli *c, const char *name, const struct vec *disks)
{
    size_t snapshots = 0;

    for (size_t i = 0; i < disks->n; i++) {
        snapshots += ((const struct doomed *)disks->p[i])->snapshots.entries.n;
    }
    return has_option (c, "yes")
           || confirm ("Remove %s%s%s?", name,
                       has_option (c, "disks") ? " and its disks" : "",
                       snapshots ? ", with their snapshots" : "");
}

static int
each_rm (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct vec disks = { 0 };

    if (check_name ("VM", name, err) < 0 || load (c, name, &disks, err) < 0) {
        return -err->code;
    }
    if (!is_meant (c, name, &disks)) {
        return fail_exit (err, EXIT_USAGE, ECANCELED,
                          "%s is kept: not confirmed (--yes does not ask)",
                          name);
    }
    /* A person takes time to answer: once more. */
    if (state_lock_changes (&c->h, name, true, &lock, err) < 0
        || load (c, name, &disks, err) < 0) {
        return -err->code;
    }
    if (destroy_all (c, &disks, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    if (unlink (definition_path (&c->h, name)) < 0) {
        return fail (err, errno, "cannot remove %s: %m",
                     definition_path (&c->h, name));
    }
    forget (c, name);
    json_put_flag (result, "removed", true);
    if (!c->json) {
        printf ("%s is removed%s\n", name,
                has_option (c, "disks") ? ", and so are its disks" : "");
    }
    return 0;
}

int
cmd_rm (struct cli *c)
{
    return for_each_vm (c, each_rm);
}
