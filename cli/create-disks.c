/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* create-disks: the disks of definitions that were written by hand. */
#include <errno.h>
#include <json-c/json.h>

#include "cli/spec.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/machine/changing.h"
#include "core/machine/recover.h"
#include "core/plan/resolve.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

/* Finds the disks whose volumes do not exist. */
static int
find_unmade (struct cli *c, const struct definition *def, struct vec *out,
             struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct hv_volume vol;
        struct plugin *p;
        bool found;

        if (d->image) {
            continue;
        }
        if (resolve_volume (&c->h, d, &vol, err) < 0) {
            return -err->code;
        }
        p = resolve_storage (&c->h, &vol, NULL, err);
        if (!p) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (storage_find (p, &vol, &found, err) < 0) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (found) {
            continue;
        }
        if (!d->size && !d->backing) {
            return fail_exit (err, EXIT_CONFIG, EINVAL,
                              "%s: disk %s has neither 'size' nor "
                              "'backing': set one of them",
                              settings_where (&c->h.arena, d->section, NULL),
                              d->name);
        }
        vec_add (&c->h.arena, out, d);
    }
    return 0;
}

static int
each_create_disks (struct cli *c, const char *name, struct json_object *result,
                   struct error *err)
{
    struct json_object *all = json_object_new_array ();
    struct vec unmade = { 0 };
    CLEANUP_CLOSE int lock = -1;
    struct definition *def;

    json_object_object_add (result, "made", all);
    if (changing_lock (&c->h, name, true, &lock, err) < 0
        || definition_load (&c->h, name, &def, err) < 0
        || find_unmade (c, def, &unmade, err) < 0
        || file_make_dirs (c->h.host->state_dir, 0755, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    if (make_volumes (c, name, (const struct disk_def *const *)unmade.p,
                      unmade.n, err)
        < 0) {
        recover_failed (&c->h, name);
        return fail_prefix (err, "%s", name);
    }
    unfinished_end (&c->h, name);
    for (size_t i = 0; i < unmade.n; i++) {
        const struct disk_def *d = unmade.p[i];

        json_object_array_add (all, json_object_new_string (d->name));
        if (!c->json) {
            out ("%s: disk %s is created (volume %s/%s)\n", name, d->name,
                 d->pool, d->volume);
        }
    }
    if (!unmade.n && !c->json) {
        out ("%s: all disks exist\n", name);
    }
    return 0;
}

int
cmd_create_disks (struct cli *c)
{
    return for_each_vm (c, each_create_disks);
}
