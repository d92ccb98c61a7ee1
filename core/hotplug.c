/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks, NICs and sizes of a running VM. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "core/acquire.h"
#include "core/change.h"
#include "core/helper.h"
#include "core/journal.h"
#include "core/lend.h"
#include "core/policy.h"
#include "core/support.h"

const char *
change_way_text (enum change_way way)
{
    static const char *const texts[] = { "offline", "online", "next start" };

    return texts[way];
}

/* Is there a process?  False and no error if not. */
static bool
is_running (struct hvctl *h, const char *name, struct target *t,
            struct error *err)
{
    if (find_target (h, name, t, err) == 0) {
        return true;
    }
    if (err->exit_code == EXIT_NOT_RUNNING) {
        memset (err, 0, sizeof *err);
    }
    return false;
}

/* What the hypervisor cannot do to a running VM waits for its next start. */
static int
later_if_unsupported (int rc, enum change_way *way, struct error *err)
{
    if (rc < 0 && err->code == ENOTSUP) {
        hvctl_warn ("%s", err->text);
        memset (err, 0, sizeof *err);
        *way = CHANGED_LATER;
        return 0;
    }
    return rc;
}

/* The definition may have one that waits for the next start. */
static int
gone_is_done (int rc, struct error *err)
{
    if (rc < 0 && err->code == ENOENT) {
        memset (err, 0, sizeof *err);
        return 0;
    }
    return rc;
}

int
open_layers (struct hvctl *h, const char *vm, const struct hv_disk *disk,
             struct hv_files **files, struct error *err)
{
    size_t n = 0;

    while (disk->layers[n]) {
        n++;
    }
    *files = arena_alloc (&h->arena, (n + 1) * sizeof **files);
    for (size_t i = 0; i < n; i++) {
        (*files)[i] = (struct hv_files){ -1, -1 };
    }
    for (size_t i = 0; i < n; i++) {
        const char *path = disk->layers[i]->path;

        (*files)[i].ro = acquire_file (h, vm, path, HV_RDONLY, err);
        if ((*files)[i].ro >= 0 && i == 0 && !disk->readonly) {
            (*files)[i].rw = acquire_file (h, vm, path, HV_RDWR, err);
        }
        if ((*files)[i].ro < 0
            || (i == 0 && !disk->readonly && (*files)[i].rw < 0)) {
            close_layers (disk, *files);
            return -err->code;
        }
    }
    return 0;
}

void
close_layers (const struct hv_disk *disk, struct hv_files *files)
{
    for (size_t i = 0; disk->layers[i]; i++) {
        close_fd (files[i].rw);
        close_fd (files[i].ro);
    }
}

static int
plug_disk (struct hvctl *h, struct target *t, const struct plan_disk *d,
           struct error *err)
{
    struct error undo = { 0 };
    struct hv_files *files;
    int rc;

    if (storage_has_activate (d->plugin)
        && (journal_volume (h, t->vm.name, d->plugin, &d->volume, err) < 0
            || storage_activate (d->plugin, &d->volume, err) < 0)) {
        return -err->code;
    }
    if (open_layers (h, t->vm.name, &d->disk, &files, err) < 0) {
        return -err->code;
    }
    rc = lend_disk (h, t->vm.name, &d->disk, err);
    if (rc == 0) {
        rc = hypervisor_attach_disk (t->plugin, &t->vm, &d->disk, files, err);
    }
    if (rc < 0) {
        unlend_disk (h, t->vm.name, &d->disk, &undo);
    }
    close_layers (&d->disk, files);
    return rc;
}

int
change_attach_disk (struct hvctl *h, struct definition *def,
                    const struct disk_def *disk, enum change_way *way,
                    struct error *err)
{
    struct plan plan = { .def = def };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (resolve_disk (h, &plan, disk, err) < 0) {
        return -err->code;
    }
    if (!is_running (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = support_check (h, def, t.plugin, err);
    if (rc == 0) {
        rc = later_if_unsupported (plug_disk (h, &t, plan.disks.p[0], err), way,
                                   err);
    }
    close_fd (t.pidfd);
    return rc;
}

int
change_detach_disk (struct hvctl *h, struct definition *def,
                    const struct disk_def *disk, enum change_way *way,
                    struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!is_running (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = gone_is_done (
        hypervisor_detach_disk (t.plugin, &t.vm, disk->name, err), err);
    rc = later_if_unsupported (rc, way, err);
    close_fd (t.pidfd);
    if (rc == 0 && *way == CHANGED_ONLINE
        && resolve_disk (h, &plan, disk, &ignored) == 0) {
        const struct plan_disk *d = plan.disks.p[0];

        rc = unlend_disk (h, def->name, &d->disk, err);
    }
    return rc;
}

/* The VM was said to be weaker in what its jail lacks; this is another's. */
static void
warn_of_weakness (const struct target *t, const struct plan_nic *n)
{
    if (n->weaker && !t->state.weaker) {
        hvctl_warn ("%s: nic %s: the sandbox of its process is weaker than the "
                    "best: %.*s",
                    t->vm.name, n->def->name, (int)strcspn (n->weaker, "\n"),
                    n->weaker);
    }
}

static int
plug_nic (struct hvctl *h, struct target *t, struct plan_nic *n,
          struct error *err)
{
    int *fds = arena_alloc (&h->arena, n->port.queues * sizeof *fds);
    struct error undo = { 0 };
    int rc;

    for (uint32_t q = 0; q < n->port.queues; q++) {
        fds[q] = -1;
    }
    if (policy_check_nic (h, n, err) < 0
        || journal_port (h, t->vm.name, n->plugin, &n->port, err) < 0) {
        return -err->code;
    }
    if (network_attach (n->plugin, &n->port, fds, err) < 0) {
        journal_cancel (h, t->vm.name, &undo);
        return -err->code;
    }
    rc = has_helper (n) ? helper_connect (n, fds, err) : 0;
    if (rc == 0) {
        rc = helper_start (h, t->vm.name, SANDBOX_KILL, n, err);
    }
    if (rc == 0) {
        rc = network_ready (n->plugin, &n->port, err);
    }
    if (rc == 0) {
        rc = helper_settle (h, t->vm.name, n, err);
    }
    if (rc == 0) {
        rc = hypervisor_attach_nic (t->plugin, &t->vm, &n->nic, fds, err);
    }
    for (uint32_t q = 0; q < n->port.queues; q++) {
        close_fd (fds[q]);
    }
    if (rc == 0) {
        warn_of_weakness (t, n);
        helper_let_go (n);
        return 0;
    }
    helper_abort (n);
    if (network_detach (n->plugin, &n->port, &undo) < 0) {
        hvctl_warn ("%s: %s", t->vm.name, undo.text);
    }
    return rc;
}

int
change_attach_nic (struct hvctl *h, struct definition *def,
                   const struct nic_def *nic, enum change_way *way,
                   struct error *err)
{
    struct plan plan = { .def = def };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (resolve_nic (h, &plan, nic, err) < 0) {
        return -err->code;
    }
    if (!is_running (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = support_check (h, def, t.plugin, err);
    if (rc == 0) {
        rc = later_if_unsupported (plug_nic (h, &t, plan.nics.p[0], err), way,
                                   err);
    }
    close_fd (t.pidfd);
    return rc;
}

/* Ends the process that serves a NIC, if there is one. */
static int
end_helper (struct hvctl *h, const char *vm, const char *nic, struct error *err)
{
    struct vec helpers = { 0 };

    journal_helpers (h, vm, &helpers);
    for (size_t i = 0; i < helpers.n; i++) {
        const struct helper_entry *e = helpers.p[i];

        if (!strcmp (e->nic, nic) && e->pid
            && (helper_end (e->pid, e->start_time, err) < 0
                || journal_helper (h, vm, nic, 0, 0, err) < 0)) {
            return -err->code;
        }
    }
    return 0;
}

int
change_detach_nic (struct hvctl *h, struct definition *def,
                   const struct nic_def *nic, enum change_way *way,
                   struct error *err)
{
    struct plan plan = { .def = def };
    struct plan_nic *n;
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!is_running (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = gone_is_done (hypervisor_detach_nic (t.plugin, &t.vm, nic->name, err),
                       err);
    rc = later_if_unsupported (rc, way, err);
    close_fd (t.pidfd);
    /* The journal still names the port: to detach it twice succeeds. */
    if (rc == 0 && *way == CHANGED_ONLINE
        && (rc = resolve_nic (h, &plan, nic, err)) == 0) {
        n = plan.nics.p[0];
        rc = network_detach (n->plugin, &n->port, err);
    }
    if (rc == 0 && *way == CHANGED_ONLINE) {
        rc = end_helper (h, def->name, nic->name, err);
    }
    return rc;
}

int
change_size (struct hvctl *h, struct definition *def, uint32_t cpus,
             uint64_t memory, enum change_way *way, struct error *err)
{
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!is_running (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = later_if_unsupported (
        hypervisor_resize (t.plugin, &t.vm, cpus, memory, err), way, err);
    if (rc == 0 && *way == CHANGED_ONLINE) {
        t.state.cpus = cpus ? cpus : t.state.cpus;
        t.state.memory = memory ? memory : t.state.memory;
        rc = write_target (h, &t, err);
    }
    close_fd (t.pidfd);
    return rc;
}

int
machine_counters (struct hvctl *h, const char *name, struct hv_list *out,
                  struct error *err)
{
    struct target t;
    int rc = find_target (h, name, &t, err);

    if (rc < 0) {
        return rc;
    }
    rc = hypervisor_counters (t.plugin, &t.vm, out, err);
    close_fd (t.pidfd);
    return rc < 0 ? fail_prefix (err, "%s", name) : 0;
}

static int
resize_offline (struct plan_disk *d, uint64_t size, struct error *err)
{
    if (!d->volume.pool) {
        return fail (err, ENOTSUP,
                     "disk %s is an image outside of any pool: resize the "
                     "file itself",
                     d->def->name);
    }
    d->volume.size = size;
    return storage_resize (d->plugin, &d->volume, err);
}

/* Is it one of a pool, of which the hypervisor cannot change the size? */
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
    int rc = resize_offline (d, size, err);

    if (rc == 0
        && hypervisor_resize_disk (t->plugin, &t->vm, d->def->name, size, err)
               < 0) {
        hvctl_warn ("the volume has grown, but the guest does not see it "
                    "before its next start: %s",
                    err->text);
        memset (err, 0, sizeof *err);
        *way = CHANGED_LATER;
    }
    return rc;
}

static int
check_growth (const struct plan_disk *d, uint64_t size, struct error *err)
{
    return size < d->info.size
               ? fail (err, EINVAL,
                       "disk %s has %llu bytes and can only grow: what is "
                       "behind the new end would be lost",
                       d->def->name, (unsigned long long)d->info.size)
               : 0;
}

int
change_check_growth (struct hvctl *h, struct definition *def,
                     const struct disk_def *disk, uint64_t size,
                     struct error *err)
{
    struct plan plan = { .def = def };

    return resolve_disk (h, &plan, disk, err) < 0
               ? -err->code
               : check_growth (plan.disks.p[0], size, err);
}

/* A running hypervisor enlarges a file itself, through its descriptor: the
 * storage's own tool could not take the lock.  What is a device, only its
 * storage can enlarge. */
int
change_disk_size (struct hvctl *h, struct definition *def,
                  const struct disk_def *disk, uint64_t size,
                  enum change_way *way, struct error *err)
{
    struct plan plan = { .def = def };
    struct plan_disk *d;
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (resolve_disk (h, &plan, disk, err) < 0) {
        return -err->code;
    }
    d = plan.disks.p[0];
    if (check_growth (d, size, err) < 0) {
        return -err->code;
    }
    if (!is_running (h, def->name, &t, err)) {
        return err->code ? -err->code : resize_offline (d, size, err);
    }
    *way = CHANGED_ONLINE;
    if (is_device (d)) {
        rc = resize_device (&t, d, size, way, err);
        close_fd (t.pidfd);
        return rc;
    }
    rc = hypervisor_resize_disk (t.plugin, &t.vm, disk->name, size, err);
    /* It may wait for the next start to be plugged in. */
    if (rc < 0 && err->code == ENOENT) {
        memset (err, 0, sizeof *err);
        *way = CHANGED_LATER;
        rc = resize_offline (d, size, err);
    }
    close_fd (t.pidfd);
    return rc;
}
