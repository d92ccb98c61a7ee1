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
#include "core/machine/changing.h"
#include "core/machine/recover.h"
#include "core/machine/unmade.h"
#include "core/state/unfinished.h"

int
make_unmade (struct cli *c, const char *name, const struct vec *unmade,
             struct error *err)
{
    if (file_make_dirs (c->h.host->state_dir, 0755, err) < 0) {
        return -err->code;
    }
    if (make_volumes (c, name, (const struct disk_def *const *)unmade->p,
                      unmade->n, err)
        < 0) {
        recover_failed (&c->h, name);
        return -err->code;
    }
    unfinished_end (&c->h, name);
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
        || unmade_disks (&c->h, def, &unmade, err) < 0
        || make_unmade (c, name, &unmade, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
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
