/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs whose hot-plugging was interrupted because hvctl was killed.
 * The hypervisor is asked first: a disk that it has is in use. */
#include "core/machine/hotplug-finish.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/machine/change.h"
#include "core/machine/changing-volume.h"
#include "core/machine/hotplug.h"
#include "core/machine/running.h"
#include "core/machine/target.h"
#include "core/plan/plan-layers.h"
#include "core/plan/plan.h"
#include "core/plan/resolve.h"
#include "core/provider/hypervisor.h"
#include "core/provider/services.h"
#include "core/state/journal.h"

enum presence { IS_NOT, IS_THERE, NOT_KNOWN };

/* A refusal is an answer, too; only silence is not. */
static int
answered (int rc, struct error *err)
{
    if (rc < 0 && err->code != ETIMEDOUT) {
        *err = (struct error){ 0 };
        return 0;
    }
    return rc;
}

/* Is it "disk.NAME.COUNTER"?  A name may have dots, a counter has none. */
static bool
counts_for (const char *counter, const char *name)
{
    size_t len = strlen (name);

    return !strncmp (counter, "disk.", 5) && !strncmp (counter + 5, name, len)
           && strrchr (counter, '.') == counter + 5 + len;
}

/* Does it have counters for the disk?  Fails only if the hypervisor does not
 * answer. */
static int
has_disk (struct target *t, const char *name, enum presence *is,
          struct error *err)
{
    struct hv_list counters = { 0 };
    int rc = hypervisor_counters (t->plugin, &t->vm, &counters, err);

    *is = rc < 0 ? NOT_KNOWN : IS_NOT;
    for (size_t i = 0; rc == 0 && i < counters.entries.n; i++) {
        const struct list_entry *e = counters.entries.p[i];

        *is = counts_for (e->name, name) ? IS_THERE : *is;
    }
    return answered (rc, err);
}

/* Finds out by attaching it without its files: a machine that has it says so
 * before it notices that they are missing. */
static int
is_taken (struct hvctl *h, struct target *t, const struct plan_disk *d,
          enum presence *is, struct error *err)
{
    struct hv_files *files;
    size_t n = 0;
    int rc;

    while (d->disk.layers[n]) {
        n++;
    }
    files = arena_alloc (&h->arena, (n + 1) * sizeof *files);
    for (size_t i = 0; i <= n; i++) {
        files[i] = (struct hv_files){ -1, -1 };
    }
    rc = hypervisor_attach_disk (t->plugin, &t->vm, &d->disk, files, err);
    *is = rc == 0 || err->code == EEXIST ? IS_THERE : IS_NOT;
    return answered (rc, err);
}

/* Without counters: it has the disk, or has its files open for it; or nothing
 * is in the way. */
static int
find_out (struct hvctl *h, struct definition *def, struct target *t,
          const struct disk_def *disk, enum presence *is, struct error *err)
{
    struct plan plan = { .def = def };
    enum change_way way;

    if (hotplug_attach_disk (h, def, disk, &way, err) == 0
        || err->code == EEXIST) {
        *is = IS_THERE;
    } else if (err->code == EBUSY) {
        *err = (struct error){ 0 };
        return changing_resolve_disk (h, &plan, disk, err) < 0
                   ? -err->code
                   : is_taken (h, t, plan.disks.p[0], is, err);
    }
    if (*is == IS_THERE) {
        *err = (struct error){ 0 };
    }
    return -err->code;
}

int
hotplug_finish_disk (struct hvctl *h, struct definition *def,
                     const struct disk_def *disk, struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    enum presence is = IS_NOT;
    enum change_way way;
    struct target t;
    int rc;

    if (hotplug_target (h, def->name, &t, err)) {
        rc = has_disk (&t, disk->name, &is, err);
        if (rc == 0 && is == NOT_KNOWN) {
            rc = find_out (h, def, &t, disk, &is, err);
        }
        if (rc == 0 && is == IS_NOT) {
            /* Objects that were prepared for it have its files open. */
            hypervisor_detach_disk (t.plugin, &t.vm, disk->name, &ignored);
        }
        close_fd (t.pidfd);
    }
    if (is != IS_THERE) {
        return err->code ? -err->code
                         : hotplug_attach_disk (h, def, disk, &way, err);
    }
    if (changing_resolve_disk (h, &plan, disk, &ignored) == 0) {
        running_add_disk (h, def->name, plan.disks.p[0]);
        plan_note_layers (h, &plan);
    }
    return 0;
}

/* A machine that has the NIC says so before it looks at the descriptors, which
 * are invalid.  Fails only if it does not answer. */
static int
has_nic (struct hvctl *h, struct target *t, const struct plan_nic *n, bool *has,
         struct error *err)
{
    CLEANUP_CLOSE int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
    int *fds = arena_alloc (&h->arena, n->port.queues * sizeof *fds);
    int rc;

    for (uint32_t q = 0; q < n->port.queues; q++) {
        fds[q] = null_fd;
    }
    rc = hypervisor_attach_nic (t->plugin, &t->vm, &n->nic, fds, err);
    *has = rc == 0 || err->code == EEXIST;
    return answered (rc, err);
}

int
hotplug_finish_nic (struct hvctl *h, struct definition *def,
                    const struct nic_def *nic, struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    struct plan_nic *n;
    struct target t;
    bool has;

    if (resolve_nic (h, &plan, nic, err) < 0
        || !hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    n = plan.nics.p[0];
    has_nic (h, &t, n, &has, err);
    close_fd (t.pidfd);
    if (has && !err->code) {
        running_add_nic (h, def->name, n);
    }
    if (has || err->code) {
        return -err->code;
    }
    hotplug_end_helper (h, def->name, nic->name, &ignored);
    return journal_undo_port (h, def->name, nic->name, err) < 0
               ? -err->code
               : fail (err, ENOENT, "it has no nic '%s'", nic->name);
}
