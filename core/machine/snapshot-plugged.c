/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/snapshot-plugged.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/json.h"
#include "core/base/vec.h"
#include "core/machine/counters.h"
#include "core/machine/descriptors.h"
#include "core/provider/hypervisor.h"
#include "core/provider/services.h"
#include "core/state/state.h"

bool
snapshot_is_used (struct hvctl *h, const char *vm, const struct hv_layer *layer)
{
    struct error err = { 0 };
    int fd = layer ? descriptors_open (h, vm, layer->path, HV_RDWR, &err) : -1;

    close_fd (fd);
    return fd < 0;
}

/* Was it read-only when the VM was started? */
static bool
was_readonly (struct hvctl *h, const char *vm, const char *disk)
{
    struct json_object *plan =
        json_read (arena_format (&h->arena, "%s/plan", state_dir (h, vm)));
    struct json_object *all = json_member (plan, "disks", json_type_array);
    size_t n = all ? json_object_array_length (all) : 0;
    bool readonly = false;

    for (size_t i = 0; i < n; i++) {
        struct json_object *d = json_object_array_get_idx (all, i);

        readonly |= !strcmp (json_member_text (d, "name"), disk)
                    && json_member_flag (d, "readonly");
    }
    json_object_put (plan);
    return readonly;
}

/* A hypervisor that has released a disk, but not its files, would neither
 * switch to the new ones, nor let the snapshot be rolled back. */
static int
check_files (struct hvctl *h, const struct plan *plan, const struct vec *names,
             struct error *err)
{
    const char *vm = plan->def->name;

    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];

        if (!vec_has (names, d->def->name)
            && snapshot_is_used (h, vm, d->disk.layers[0])) {
            return fail_exit (
                err, EXIT_RUNNING, EBUSY,
                "disk %s is not attached to the running guest, but its file is "
                "in use: detach it (hvctl detach-disk %s %s), or stop %s first",
                d->def->name, vm, d->def->name, vm);
        }
    }
    return 0;
}

int
snapshot_check_plugged (struct hvctl *h, const struct plan *plan,
                        const struct target *t, struct error *err)
{
    const struct definition *def = plan->def;
    struct hv_list counters = { 0 };
    struct vec names = { 0 };

    if (hypervisor_counters (t->plugin, &t->vm, &counters, err) < 0) {
        if (err->code == ETIMEDOUT || err->code == EINTR) {
            return -err->code;
        }
        *err = (struct error){ 0 }; /* It cannot tell. */
        return 0;
    }
    counters_disks (&h->arena, &counters, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *name = names.p[i];

        if (!definition_disk (def, name)
            && !was_readonly (h, def->name, name)) {
            return fail_exit (err, EXIT_RUNNING, EBUSY,
                              "disk '%s' is no longer in the definition, but "
                              "the guest still uses it, and a snapshot would "
                              "lack it: stop %s first (hvctl stop %s)",
                              name, def->name, def->name);
        }
    }
    return names.n ? check_files (h, plan, &names, err) : 0;
}
