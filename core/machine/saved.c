/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/host.h"
#include "core/machine/saved-check.h"
#include "core/state/state.h"
#include "core/state/unfinished.h"

const char *
saved_dir (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/saved", state_keep_dir (h, vm));
}

const char *
saved_used_dir (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s.used", saved_dir (h, vm));
}

const char *
saved_memory_dir (struct hvctl *h, const char *vm, const char *snapshot)
{
    return arena_format (&h->arena, "%s/memory/%s", state_keep_dir (h, vm),
                         snapshot);
}

static const char *
inside (struct hvctl *h, const char *dir, const char *name)
{
    return arena_format (&h->arena, "%s/%s", dir, name);
}

bool
saved_exists (struct hvctl *h, const char *vm)
{
    return access (saved_dir (h, vm), F_OK) == 0;
}

void
saved_memory_names (struct hvctl *h, const char *vm, struct vec *names)
{
    file_names (&h->arena, saved_memory_dir (h, vm, ""), names);
    vec_sort (names);
}

void
saved_names (struct hvctl *h, struct vec *names)
{
    struct vec all = { 0 };

    state_keep_names (h, &all);
    for (size_t i = 0; i < all.n; i++) {
        if (saved_exists (h, all.p[i])) {
            vec_add (&h->arena, names, all.p[i]);
        }
    }
}

static void
read_disks (struct hvctl *h, struct json_object *list, struct saved *out)
{
    size_t n = json_object_is_type (list, json_type_array)
                   ? json_object_array_length (list)
                   : 0;

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_array_get_idx (list, i);
        struct saved_disk *d = arena_alloc (&h->arena, sizeof *d);

        d->name = json_get_text (&h->arena, o, "name");
        d->layer = json_get_number (o, "layer");
        d->size = json_get_number (o, "size");
        d->modified = json_get_number (o, "modified");
        if (d->name) {
            vec_add (&h->arena, &out->disks, d);
        }
    }
}

bool
saved_read (struct hvctl *h, const char *dir, struct saved *out)
{
    struct json_object *o, *disks = NULL, *paused = NULL;

    if (!out) {
        return access (dir, F_OK) == 0;
    }
    memset (out, 0, sizeof *out);
    o = json_read (inside (h, dir, "about"));
    if (o) {
        out->when = json_get_number (o, "when");
        out->hypervisor = json_get_text (&h->arena, o, "hypervisor");
        out->machine = json_get_text (&h->arena, o, "machine");
        out->accelerator = json_get_text (&h->arena, o, "accelerator");
        out->cpu = json_get_text (&h->arena, o, "cpu");
        out->paused = json_object_object_get_ex (o, "paused", &paused)
                      && json_object_get_boolean (paused);
        json_object_object_get_ex (o, "disks", &disks);
        read_disks (h, disks, out);
    }
    json_object_put (o);
    return out->hypervisor != NULL;
}

int
saved_write (struct hvctl *h, const char *dir, const struct saved *saved,
             struct error *err)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *disks = json_object_new_array ();

    json_put_number (o, "when", saved->when);
    json_put_text (o, "hypervisor", saved->hypervisor);
    json_put_text (o, "machine", saved->machine);
    json_put_text (o, "accelerator", saved->accelerator);
    json_put_text (o, "cpu", saved->cpu);
    json_put_flag (o, "paused", saved->paused);
    for (size_t i = 0; i < saved->disks.n; i++) {
        const struct saved_disk *d = saved->disks.p[i];
        struct json_object *disk = json_object_new_object ();

        json_put_text (disk, "name", d->name);
        json_put_number (disk, "layer", d->layer);
        json_put_number (disk, "size", d->size);
        json_put_number (disk, "modified", d->modified);
        json_object_array_add (disks, disk);
    }
    json_object_object_add (o, "disks", disks);
    return json_write (inside (h, dir, "about"), o, err);
}

/* The directory of the snapshots' memory is removed with the last one. */
static void
remove_parent (struct hvctl *h, const char *dir)
{
    const char *top = arena_format (&h->arena, "%s/vm/", h->host->state_dir);
    const char *below = dir + strlen (top), *slash = strchr (below, '/');
    static const char memory[] = "/memory/";

    if (slash && !strncmp (slash, memory, strlen (memory))) {
        rmdir (arena_dup_n (&h->arena, dir,
                            (size_t)(slash - dir) + strlen ("/memory")));
    }
}

void
saved_remove (struct hvctl *h, const char *dir)
{
    if (file_remove_all (dir, NULL) && rmdir (dir) < 0) {
        hvctl_debug (h, "%s: %s", dir, strerror (errno));
    }
    remove_parent (h, dir);
}

int
saved_open (struct hvctl *h, const struct plugin *p, const char *dir, bool make,
            int **fds, struct error *err)
{
    const char *const *names = p->hypervisor.state_files;
    int flags = make ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY;
    size_t n = 0;

    while (names && names[n]) {
        n++;
    }
    *fds = arena_alloc (&h->arena, (n + 1) * sizeof **fds);
    for (size_t i = 0; i <= n; i++) {
        (*fds)[i] = -1;
    }
    for (size_t i = 0; i < n; i++) {
        const char *path = inside (h, dir, names[i]);

        (*fds)[i] = open (path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
        if ((*fds)[i] < 0) {
            return fail (err, errno, "cannot %s %s: %m", make ? "make" : "open",
                         path);
        }
    }
    return 0;
}

void
saved_close (const struct plugin *p, int *fds)
{
    const char *const *names = p->hypervisor.state_files;

    for (size_t i = 0; fds && names && names[i]; i++) {
        close_fd (fds[i]);
        fds[i] = -1;
    }
}

/* A file name is durable when its directory is. */
static int
rename_for_good (struct hvctl *h, const char *from, const char *to,
                 struct error *err)
{
    const char *parent =
        arena_dup_n (&h->arena, to, (size_t)(strrchr (to, '/') - to));
    CLEANUP_CLOSE int fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || rename (from, to) < 0 || fsync (fd) < 0) {
        return fail (err, errno, "cannot rename %s to %s: %m", from, to);
    }
    return 0;
}

static int
sync_file (const char *path, int flags, struct error *err)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | flags);

    return fd < 0 || fsync (fd) < 0
               ? fail (err, errno, "cannot write %s: %m", path)
               : 0;
}

int
saved_settle (struct hvctl *h, const char *dir, const char *final,
              struct error *err)
{
    struct vec names = { 0 };
    int r = file_names (&h->arena, dir, &names);

    if (r < 0) {
        return fail (err, -r, "cannot open %s: %s", dir, strerror (-r));
    }
    for (size_t i = 0; i < names.n; i++) {
        if (sync_file (inside (h, dir, names.p[i]), O_NOFOLLOW, err) < 0) {
            return -err->code;
        }
    }
    return sync_file (dir, O_DIRECTORY, err) < 0
               ? -err->code
               : rename_for_good (h, dir, final, err);
}

/* The files are never written again, so the copy can be a link. */
static int
link_files (struct hvctl *h, const char *from, const char *to,
            struct error *err)
{
    struct vec names = { 0 };
    int r = file_names (&h->arena, from, &names);

    if (r < 0) {
        return fail (err, -r, "cannot open %s: %s", from, strerror (-r));
    }
    for (size_t i = 0; i < names.n; i++) {
        const char *path = inside (h, from, names.p[i]);

        if (link (path, inside (h, to, names.p[i])) < 0) {
            return fail (err, errno, "cannot link %s into %s: %m", path, to);
        }
    }
    return 0;
}

int
saved_copy (struct hvctl *h, const char *from, const char *to,
            const struct plan *plan, struct error *err)
{
    const char *new = arena_format (&h->arena, "%s.new", to);

    saved_remove (h, new);
    if (file_make_dirs (new, 0700, err) < 0
        || link_files (h, from, new, err) < 0
        || saved_note (h, new, plan, err) < 0
        || saved_settle (h, new, to, err) < 0) {
        saved_remove (h, new);
        return -err->code;
    }
    return 0;
}

int
saved_take (struct hvctl *h, const char *vm, bool *taken, struct error *err)
{
    const char *dir = saved_dir (h, vm);

    *taken = saved_read (h, dir, NULL);
    if (!*taken) {
        return 0;
    }
    saved_remove (h, saved_used_dir (h, vm));
    return unfinished_add (h, vm, "restore", NULL, err) < 0
                   || rename_for_good (h, dir, saved_used_dir (h, vm), err) < 0
               ? -err->code
               : 0;
}

void
saved_end (struct hvctl *h, const char *vm, bool went)
{
    if (went) {
        saved_drop (h, vm);
    } else {
        saved_put_back (h, vm);
    }
    unfinished_end (h, vm);
}

void
saved_put_back (struct hvctl *h, const char *vm)
{
    if (rename_if_any (saved_used_dir (h, vm), saved_dir (h, vm)) < 0) {
        hvctl_warn ("%s: the saved state remains in %s: %s", vm,
                    saved_used_dir (h, vm), strerror (errno));
    }
}

void
saved_drop (struct hvctl *h, const char *vm)
{
    saved_remove (h, saved_used_dir (h, vm));
}

void
saved_forget (struct hvctl *h, const char *vm)
{
    struct vec names = { 0 };

    saved_memory_names (h, vm, &names);
    for (size_t i = 0; i < names.n; i++) {
        saved_remove (h, saved_memory_dir (h, vm, names.p[i]));
    }
    rmdir (saved_memory_dir (h, vm, ""));
    saved_remove (h, saved_dir (h, vm));
    saved_remove (h, arena_format (&h->arena, "%s.new", saved_dir (h, vm)));
    saved_drop (h, vm);
}
