/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/grow.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/hotplug.h"
#include "core/machine/target.h"
#include "core/plan/growth.h"
#include "core/plan/plan.h"
#include "core/provider/hypervisor.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

/* Resizes it with its storage plugin; an image has one, too, by its format. */
static int
resize_storage (struct plan_disk *d, uint64_t size, struct error *err)
{
    d->volume.size = size;
    return storage_resize (d->plugin, &d->volume, err);
}

/* It may be another VM's disk as well. */
static int
resize_offline (struct hvctl *h, struct plan_disk *d, uint64_t size,
                struct error *err)
{
    if (descriptors_check_idle (h, d->plugin, &d->volume, err) < 0
        && err->exit_code == EXIT_RUNNING) {
        return -err->code;
    }
    *err = (struct error){ 0 };
    return resize_storage (d, size, err);
}

/* Is it a volume in a pool whose size the hypervisor cannot change? */
static bool
is_device (const struct plan_disk *d)
{
    struct stat st;

    return d->volume.pool && stat (d->disk.layers[0]->path, &st) == 0
           && S_ISBLK (st.st_mode);
}

/* Tells the guest of a device that has grown. */
static int
resize_device (struct target *t, struct plan_disk *d, uint64_t size,
               enum change_way *way, struct error *err)
{
    int rc = resize_storage (d, size, err);

    if (rc == 0
        && hypervisor_resize_disk (t->plugin, &t->vm, d->def->name, size, err)
               < 0) {
        hvctl_warn ("the volume is resized, but the guest sees that only after "
                    "its next start: %s",
                    err->text);
        memset (err, 0, sizeof *err);
        *way = CHANGED_LATER;
    }
    return rc;
}

int
grow_check (struct hvctl *h, struct definition *def,
            const struct disk_def *disk, uint64_t size, struct error *err)
{
    struct plan plan = { .def = def };

    return changing_resolve_disk (h, &plan, disk, err) < 0
               ? -err->code
               : growth_check (plan.disks.p[0], size, err);
}

bool
grow_waits (struct hvctl *h, const char *vm, const struct plan_disk *d,
            struct error *err)
{
    struct target t;
    bool waits;

    if (is_device (d) || !hotplug_target (h, vm, &t, err)) {
        *err = (struct error){ 0 };
        return false;
    }
    waits = hypervisor_can_resize_disk (t.plugin, err) < 0;
    close_fd (t.pidfd);
    if (waits) {
        fail (err, ENOTSUP, "%s: stop the VM, then apply this",
              arena_dup (&h->arena, err->text));
    }
    return waits;
}

int
grow_note (struct hvctl *h, const char *vm, const char *disk, uint64_t size,
           struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", "grow");
    json_put_text (o, "name", disk);
    json_put_number (o, "size", (int64_t)size);
    return unfinished_entry (h, vm, o, err);
}

/* A running hypervisor enlarges a file itself, through its descriptor, since
 * the storage's tools could not take the lock.  A device can only be enlarged
 * by its storage. */
int
grow_disk (struct hvctl *h, struct definition *def, const struct disk_def *disk,
           uint64_t size, enum change_way *way, struct error *err)
{
    struct plan plan = { .def = def };
    struct plan_disk *d;
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (changing_resolve_disk (h, &plan, disk, err) < 0) {
        return -err->code;
    }
    d = plan.disks.p[0];
    if (growth_check (d, size, err) < 0) {
        return -err->code;
    }
    if (!hotplug_target (h, def->name, &t, err)) {
        return err->code ? -err->code : resize_offline (h, d, size, err);
    }
    *way = CHANGED_ONLINE;
    if (is_device (d)) {
        rc = resize_device (&t, d, size, way, err);
        return hotplug_end (h, &t, *way, rc, err);
    }
    rc = hypervisor_resize_disk (t.plugin, &t.vm, disk->name, size, err);
    /* It may be attached only at the next start. */
    if (rc < 0 && err->code == ENOENT) {
        memset (err, 0, sizeof *err);
        *way = CHANGED_LATER;
        rc = resize_offline (h, d, size, err);
    }
    return hotplug_end (h, &t, *way, rc, err);
}
