/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs that were being plugged in when their hvctl was killed.  The
 * hypervisor is asked first: a disk that it has is in use for everybody else.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/hotplug.h"
#include "core/journal.h"
#include "core/layers.h"

/* Does it count for the disk?  Fails only if it does not answer. */
static int
has_disk (struct hvctl *h, struct target *t, const char *name, bool *has,
          struct error *err)
{
    const char *start = arena_format (&h->arena, "disk.%s.", name);
    struct hv_list counters = { 0 };
    int rc = hypervisor_counters (t->plugin, &t->vm, &counters, err);

    *has = false;
    for (size_t i = 0; rc == 0 && i < counters.entries.n; i++) {
        const struct list_entry *e = counters.entries.p[i];

        *has |= !strncmp (e->name, start, strlen (start));
    }
    if (rc < 0 && err->code != ETIMEDOUT) {
        *err = (struct error){ 0 };
        rc = 0;
    }
    return rc;
}

int
change_finish_disk (struct hvctl *h, struct definition *def,
                    const struct disk_def *disk, struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    enum change_way way;
    bool has = false;
    struct target t;
    int rc;

    if (hotplug_target (h, def->name, &t, err)) {
        rc = has_disk (h, &t, disk->name, &has, err);
        if (rc == 0 && !has) {
            /* What is prepared for it has its files open. */
            hypervisor_detach_disk (t.plugin, &t.vm, disk->name, &ignored);
        }
        close_fd (t.pidfd);
    }
    if (!has) {
        return err->code ? -err->code
                         : change_attach_disk (h, def, disk, &way, err);
    }
    if (resolve_disk (h, &plan, disk, &ignored) == 0) {
        layers_note (h, &plan);
    }
    return 0;
}

/* A machine that has the NIC says so before it looks at the descriptors, which
 * are nothing that it could take.  Fails only if it does not answer. */
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
    if (rc < 0 && err->code != ETIMEDOUT) {
        *err = (struct error){ 0 };
        rc = 0;
    }
    return rc;
}

int
change_finish_nic (struct hvctl *h, struct definition *def,
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
    if (has || err->code) {
        return -err->code;
    }
    hotplug_end_helper (h, def->name, nic->name, &ignored);
    return journal_undo_port (h, def->name, nic->name, err) < 0
               ? -err->code
               : fail (err, ENOENT, "it has no nic '%s'", nic->name);
}
