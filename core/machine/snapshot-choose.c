/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/snapshot-choose.h"

#include <errno.h>
#include <json-c/json.h>

#include "common/member.h"
#include "core/base/vec.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

bool
snapshot_has_volume (const struct disk_def *d)
{
    return !d->readonly && !d->image && !d->left_out;
}

static void
leave_out_others (const struct definition *def, const struct vec *names)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        struct disk_def *d = def->disks.p[i];

        d->left_out = names->n && !vec_has (names, d->name);
    }
}

int
snapshot_choose (const struct definition *def, const struct vec *names,
                 struct error *err)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->p[i];
        const struct disk_def *d = definition_disk (def, name);

        if (!d) {
            return definition_no_such (def, "disk", name, err);
        }
        if (d->image || d->readonly) {
            return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                              "disk %s is %s, and cannot have snapshots", name,
                              d->image ? "an image outside of any pool"
                                       : "read-only");
        }
    }
    leave_out_others (def, names);
    return 0;
}

int
snapshot_begin (struct hvctl *h, const struct definition *def, const char *op,
                const char *name, struct error *err)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *names = json_object_new_array ();
    bool all = true;

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        all = all && !d->left_out;
        if (!d->left_out) {
            json_object_array_add (names, json_object_new_string (d->name));
        }
    }
    json_put_text (o, "op", op);
    json_put_text (o, "name", name);
    if (all) {
        json_object_put (names);
    } else {
        json_object_object_add (o, "disks", names);
    }
    return unfinished_entry (h, def->name, o, err);
}

void
snapshot_choose_again (struct hvctl *h, struct json_object *entry,
                       const struct definition *def)
{
    struct json_object *list = json_member (entry, "disks", json_type_array);
    struct vec names = { 0 };

    for (size_t i = 0; list && i < json_object_array_length (list); i++) {
        vec_add (
            &h->arena, &names,
            arena_dup (&h->arena, json_object_get_string (
                                      json_object_array_get_idx (list, i))));
    }
    leave_out_others (def, &names);
}

const char *
snapshot_able (struct hvctl *h, const struct plan *plan)
{
    const char *text = "";

    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];
        struct hv_list list = { 0 };
        struct error ignored = { 0 };

        if (storage_snapshots (d->plugin, &d->volume, &list, &ignored) == 0) {
            text = arena_format (&h->arena, "%s --disk %s", text, d->def->name);
        }
    }
    return text;
}
