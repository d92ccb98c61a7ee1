/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/definition-find.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/config/definition-load.h"
#include "core/config/fleet.h"
#include "core/config/host.h"

int
definition_missing (struct hvctl *h, const char *name, struct error *err)
{
    const char *file = definition_path (h, name);
    uint64_t index;
    const struct fleet *f = fleet_beside (h, name, &index);
    struct vec names = { 0 };
    struct error ignored = { 0 };

    if (!f) {
        definition_names (h, &names, &ignored);
    }
    return f ? fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                          "there is no VM '%s': fleet %s has %s (count in %s)",
                          name, f->name, fleet_range (&h->arena, f),
                          fleet_where (&h->arena, f, "count"))
             : fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                          "there is no VM '%s': %s does not exist (hvctl list "
                          "shows all VMs, hvctl create makes one)%s",
                          name, file,
                          name_suggest_of (&h->arena, name, &names));
}

/* Asked only when it could not be loaded: a thousand definitions are listed in
 * 20 ms. */
static int
say_missing (struct hvctl *h, const char *name, const char *file,
             struct error *err)
{
    uint64_t index;

    if (access (file, F_OK) == 0 || errno != ENOENT
        || definition_fleet (h, name, &index)) {
        return -err->code;
    }
    return file_is_there (file)
               ? fail_exit (err, EXIT_CONFIG, ENOENT,
                            "%s: is a symbolic link to a file that does not "
                            "exist: create that file, or remove the link",
                            file)
               : definition_missing (h, name, err);
}

int
definition_load (struct hvctl *h, const char *name, struct definition **out,
                 struct error *err)
{
    const char *file;

    file = definition_path (h, name);
    if (name_validate ("VM", name, err) < 0) {
        return file_is_there (file) ? fail_prefix (err, "%s", file)
                                    : -err->code;
    }
    if (definition_load_file (h, name, file, out, err) == 0) {
        return 0;
    }
    return say_missing (h, name, file, err);
}

static int
look_at (struct hvctl *h, const char *name, bool anyhow,
         definition_look_fn *look, void *data, struct error *err)
{
    struct arena own = { 0 };
    struct definition *def = NULL;
    int rc;

    arena_swap (&h->arena, &own);
    rc = definition_load (h, name, &def, err);
    arena_swap (&h->arena, &own);
    if (rc == 0 || (anyhow && def)) {
        look (data, def);
    }
    arena_free (&own);
    return rc;
}

bool
definition_exists (struct hvctl *h, const char *name)
{
    struct error ignored = { 0 };
    uint64_t index;

    return (name_validate ("VM", name, &ignored) == 0
            && definition_fleet (h, name, &index))
           || file_is_there (definition_path (h, name));
}

int
definition_look (struct hvctl *h, const char *name, definition_look_fn *look,
                 void *data, struct error *err)
{
    return look_at (h, name, false, look, data, err);
}

int
definition_look_anyhow (struct hvctl *h, const char *name,
                        definition_look_fn *look, void *data, struct error *err)
{
    return look_at (h, name, true, look, data, err);
}

int
definition_files (struct hvctl *h, struct vec *names, struct error *err)
{
    struct vec all = { 0 };
    int r = file_names (&h->arena, h->host->vm_dir, &all);

    if (r < 0) {
        return r == -ENOENT ? 0
                            : fail (err, -r, "cannot read %s: %s",
                                    h->host->vm_dir, strerror (-r));
    }
    for (size_t i = 0; i < all.n; i++) {
        const char *name = all.p[i];
        size_t len = strlen (name);

        if (len > 5 && !strcmp (name + len - 5, ".conf")) {
            vec_add (&h->arena, names, arena_dup_n (&h->arena, name, len - 5));
        }
    }
    vec_sort (names);
    return 0;
}

/* Adds the VMs of one file; returns whether they are those of a fleet. */
static bool
add_names (struct hvctl *h, int dir, const char *name, struct vec *names)
{
    char file[NAME_MAX + 1];
    const struct fleet *f;

    snprintf (file, sizeof file, "%s.conf", name);
    f = fleet_scan (h, dir, file, name);
    if (f && f->valid) {
        fleet_members (&h->arena, f, names);
        return true;
    }
    vec_add (&h->arena, names, name);
    return false;
}

int
definition_names (struct hvctl *h, struct vec *names, struct error *err)
{
    CLEANUP_CLOSE int dir =
        open (h->host->vm_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct vec files = { 0 };
    bool fleets = false;

    if (definition_files (h, &files, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < files.n; i++) {
        fleets |= add_names (h, dir, files.p[i], names);
    }
    /* Some of their VMs have files of their own. */
    if (fleets) {
        vec_sort (names);
        vec_drop_doubles (&h->arena, names);
    }
    return 0;
}

static const struct disk_def *
disk_of_volume (const struct definition *def, const struct hv_volume *vol)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!d->image && !d->broken && !strcmp (d->volume, vol->name)
            && !strcmp (d->pool, vol->pool)) {
            return d;
        }
    }
    return NULL;
}

/* Looks at one definition, and frees it unless it has the volume. */
static int
search (struct hvctl *h, const char *name, const struct hv_volume *vol,
        struct definition **def, const struct disk_def **disk,
        struct error *err)
{
    struct arena own = { 0 };
    int rc;

    arena_swap (&h->arena, &own);
    rc = definition_find_volume (h, name, vol, def, disk, err);
    arena_swap (&h->arena, &own);
    arena_free (&own);
    return *disk ? definition_find_volume (h, name, vol, def, disk, err) : rc;
}

int
definition_of_volume (struct hvctl *h, const struct hv_volume *vol,
                      const char *but, struct definition **def,
                      const struct disk_def **disk, struct error *err)
{
    struct error unknown = { 0 };
    struct vec names = { 0 };

    *disk = NULL;
    if (definition_names (h, &names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < names.n && !*disk; i++) {
        struct error one = { 0 }, ignored;

        if ((but && !strcmp (names.p[i], but))
            || name_validate ("VM", names.p[i], &ignored) < 0) {
            continue; /* A file of another name is no VM's. */
        }
        if (search (h, names.p[i], vol, def, disk, &one) < 0) {
            unknown = unknown.code ? unknown : one;
        }
    }
    *err = *disk ? *err : unknown;
    return -err->code;
}

int
definition_find_volume (struct hvctl *h, const char *name,
                        const struct hv_volume *vol, struct definition **def,
                        const struct disk_def **disk, struct error *err)
{
    struct definition *read = NULL;
    struct error why = { 0 };
    int rc = definition_load (h, name, &read, &why);

    *disk = read ? disk_of_volume (read, vol) : NULL;
    if (*disk) {
        *def = read;
        return 0;
    }
    if (rc == 0 || why.exit_code == EXIT_NOT_FOUND
        || (read && definition_knows_disks (read))) {
        return 0;
    }
    *err = why;
    return fail_prefix (err,
                        "it cannot be determined whether %s has volume %s/%s, "
                        "since its definition is not valid",
                        name, vol->pool, vol->name);
}
