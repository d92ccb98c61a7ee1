/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/saved.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/host.h"
#include "core/json.h"
#include "core/unfinished.h"

#define NS INT64_C (1000000000)

const char *
saved_dir (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/saved", state_keep_dir (h, vm));
}

const char *
saved_memory_dir (struct hvctl *h, const char *vm, const char *snapshot)
{
    return arena_format (&h->arena, "%s/memory/%s", state_keep_dir (h, vm),
                         snapshot);
}

static const char *
used_dir (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s.used", saved_dir (h, vm));
}

static const char *
inside (struct hvctl *h, const char *dir, const char *name)
{
    return arena_format (&h->arena, "%s/%s", dir, name);
}

void
saved_names (struct hvctl *h, struct vec *names)
{
    CLEANUP_CLOSEDIR DIR *d =
        opendir (arena_format (&h->arena, "%s/vm", h->host->state_dir));
    struct dirent *e;
    char path[NAME_MAX + sizeof "/saved"];

    while (d && (e = readdir (d))) {
        snprintf (path, sizeof path, "%s/saved", e->d_name);
        if (e->d_name[0] != '.' && faccessat (dirfd (d), path, F_OK, 0) == 0) {
            vec_add (&h->arena, names, arena_dup (&h->arena, e->d_name));
        }
    }
    vec_sort (names);
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

void
saved_remove (struct hvctl *h, const char *dir)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    while (d && (e = readdir (d))) {
        unlinkat (dirfd (d), e->d_name, 0);
    }
    if (d && rmdir (dir) < 0) {
        hvctl_debug (h, "%s: %s", dir, strerror (errno));
    }
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

/* A name is on the disk when its directory is. */
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

int
saved_settle (struct hvctl *h, const char *dir, const char *final,
              struct error *err)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    if (!d) {
        return fail (err, errno, "cannot open %s: %m", dir);
    }
    while ((e = readdir (d))) {
        CLEANUP_CLOSE int fd = -1;

        if (e->d_name[0] == '.') {
            continue;
        }
        fd = openat (dirfd (d), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (fd < 0 || fsync (fd) < 0) {
            return fail (err, errno, "cannot write %s: %m",
                         inside (h, dir, e->d_name));
        }
    }
    if (fsync (dirfd (d)) < 0) {
        return fail (err, errno, "cannot write %s: %m", dir);
    }
    return rename_for_good (h, dir, final, err);
}

/* The files are never written again, so the copy can be a link. */
static int
link_files (struct hvctl *h, const char *from, const char *to,
            struct error *err)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (from);
    struct dirent *e;

    if (!d) {
        return fail (err, errno, "cannot open %s: %m", from);
    }
    while ((e = readdir (d))) {
        if (e->d_name[0] != '.'
            && link (inside (h, from, e->d_name), inside (h, to, e->d_name))
                   < 0) {
            return fail (err, errno, "cannot link %s into %s: %m",
                         inside (h, from, e->d_name), to);
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
    if (make_dirs (new, 0700, err) < 0 || link_files (h, from, new, err) < 0
        || saved_note (h, new, plan, err) < 0
        || saved_settle (h, new, to, err) < 0) {
        saved_remove (h, new);
        return -err->code;
    }
    return 0;
}

static bool
same_text (const char *a, const char *b)
{
    CLEANUP_FREE char *x = read_small_file (a);
    CLEANUP_FREE char *y = read_small_file (b);

    return x && y && !strcmp (x, y);
}

int
saved_apply (struct hvctl *h, struct definition *def, struct error *err)
{
    const char *dir = saved_dir (h, def->name);
    struct saved s;

    if (!saved_read (h, dir, NULL)) {
        return 0;
    }
    if (!saved_read (h, dir, &s)) {
        return fail (err, EIO,
                     "%s was saved, but what %s says about it cannot be read: "
                     "'hvctl start --fresh %s' boots it anew",
                     def->name, dir, def->name);
    }
    if (!same_text (def->file, inside (h, dir, "definition"))) {
        return fail_exit (err, EXIT_CONFIG, ESTALE,
                          "%s was saved on %s, and %s has changed since, so it "
                          "cannot go on: 'hvctl start --fresh %s' boots it "
                          "anew, and the old definition is %s/definition",
                          def->name, arena_time (&h->arena, ARENA_TIME, s.when),
                          def->file, def->name, dir);
    }
    def->saved = dir;
    def->saved_paused = s.paused;
    def->hypervisor = s.hypervisor;
    def->machine = s.machine ? s.machine : def->machine;
    def->accelerator = s.accelerator ? s.accelerator : def->accelerator;
    def->cpu = s.cpu ? s.cpu : def->cpu;
    return 0;
}

/* Devices have no time of their contents; then there is nothing to note.  What
 * is below a disk that is only read is what the guest has read, too. */
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
saved_note_disks (struct hvctl *h, struct definition *def, struct error *err)
{
    struct plan plan = { .def = def };

    for (size_t i = 0; i < def->disks.n; i++) {
        if (resolve_disk (h, &plan, def->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    return saved_note (h, saved_dir (h, def->name), &plan, err);
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
                return fail (err, ESTALE,
                             "disk %s (%s%s) has been written since %s was "
                             "saved on %s, and would be damaged if the guest "
                             "went on: 'hvctl start --fresh %s' boots it anew",
                             then->name, then->layer ? "below " : "",
                             d->disk.layers[0]->path, plan->def->name,
                             arena_time (&h->arena, ARENA_TIME, s.when),
                             plan->def->name);
            }
        }
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
    saved_remove (h, used_dir (h, vm));
    return unfinished_add (h, vm, "restore", NULL, err) < 0
                   || rename_for_good (h, dir, used_dir (h, vm), err) < 0
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
    if (rename (used_dir (h, vm), saved_dir (h, vm)) < 0 && errno != ENOENT) {
        hvctl_warn ("%s: what was saved stays in %s: %s", vm, used_dir (h, vm),
                    strerror (errno));
    }
}

void
saved_drop (struct hvctl *h, const char *vm)
{
    saved_remove (h, used_dir (h, vm));
}

void
saved_forget (struct hvctl *h, const char *vm)
{
    const char *memory =
        arena_format (&h->arena, "%s/memory", state_keep_dir (h, vm));
    CLEANUP_CLOSEDIR DIR *d = opendir (memory);
    struct dirent *e;

    while (d && (e = readdir (d))) {
        if (strcmp (e->d_name, ".") && strcmp (e->d_name, "..")) {
            saved_remove (h, inside (h, memory, e->d_name));
        }
    }
    rmdir (memory);
    saved_remove (h, saved_dir (h, vm));
    saved_remove (h, arena_format (&h->arena, "%s.new", saved_dir (h, vm)));
    saved_drop (h, vm);
}
