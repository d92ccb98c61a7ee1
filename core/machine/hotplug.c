/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks, NICs and sizes of a running VM. */
#include "core/machine/hotplug.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/process.h"
#include "core/machine/acquire.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/forward.h"
#include "core/machine/helper.h"
#include "core/machine/broker-list.h"
#include "core/machine/running.h"
#include "core/machine/stop.h"
#include "core/machine/taken.h"
#include "core/plan/plan-helper.h"
#include "core/plan/plan-layers.h"
#include "core/plan/plan.h"
#include "core/plan/policy.h"
#include "core/plan/resolve.h"
#include "core/provider/hypervisor.h"
#include "core/provider/network.h"
#include "core/provider/storage.h"
#include "core/provider/support.h"
#include "core/sandbox/jail.h"
#include "core/state/ending.h"
#include "core/state/journal.h"
#include "core/state/unfinished.h"

/* The time in which a guest's driver starts for a new device, and the
 * hypervisor prepares what that needs; in milliseconds. */
#define OUTLIVED 250

bool
hotplug_target (struct hvctl *h, const char *name, struct target *t,
                struct error *err)
{
    if (target_find (h, name, t, err) == 0) {
        return true;
    }
    if (err->exit_code == EXIT_NOT_RUNNING) {
        memset (err, 0, sizeof *err);
    }
    return false;
}

/* A change that the hypervisor cannot make to a running VM waits for its next
 * start. */
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

/* Records such a change, so that it is not tried again. */
static void
note_later (struct hvctl *h, const char *vm, enum change_way way,
            const char *kind, const char *name)
{
    if (way == CHANGED_LATER) {
        running_refuse (h, vm, arena_format (&h->arena, "%s %s", kind, name));
    }
}

/* The definition may have one that is attached at the next start. */
static int
gone_is_done (int rc, struct error *err)
{
    if (rc < 0 && err->code == ENOENT) {
        memset (err, 0, sizeof *err);
        return 0;
    }
    return rc;
}

/* Fails if the VM has stopped, or stops within the time in which its guest
 * handles a change, and tells why. */
static int
check_outlived (struct hvctl *h, struct target *t, int rc, struct error *err)
{
    const char *name = t->vm.name, *how = NULL;
    const char *said = rc < 0 ? arena_dup (&h->arena, err->text) : "";
    struct pollfd p = { .fd = t->pidfd, .events = POLLIN };
    struct error ignored = { 0 };
    enum stop_way way;
    int64_t when = 0;

    if (poll (&p, 1, OUTLIVED) <= 0) {
        return rc;
    }
    if (stop_vm (h, name, 0, &way, &ignored) == 0) {
        how = ending_last (h, name, &when);
    }
    *err = (struct error){ 0 };
    return fail (err, EPIPE, "%s stopped while it was being changed (%s)%s%s",
                 name, how ? how : "why is unknown", *said ? ": " : "", said);
}

int
hotplug_end (struct hvctl *h, struct target *t, enum change_way way, int rc,
             struct error *err)
{
    if (way == CHANGED_ONLINE) {
        rc = check_outlived (h, t, rc, err);
    }
    close_fd (t->pidfd);
    return rc;
}

/* A hypervisor that did not confirm may have attached it all the same: nothing
 * is taken from a guest that may have it. */
static bool
may_be_plugged (struct hvctl *h, const struct target *t, const char *op,
                const char *name, const struct error *err)
{
    struct error ignored = { 0 };

    return (err->code == EINTR || err->code == ETIMEDOUT || t->plugin->unsure)
           && unfinished_is (h, t->vm.name)
           && unfinished_add (h, t->vm.name, op, name, &ignored) == 0;
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
    if (descriptors_open_layers (h, t->vm.name, &d->disk, &files, err) < 0) {
        return -err->code;
    }
    rc = broker_list_add_disk (h, t->vm.name, &d->disk, err);
    if (rc == 0) {
        rc = hypervisor_attach_disk (t->plugin, &t->vm, &d->disk, files, err);
    }
    if (rc < 0 && !may_be_plugged (h, t, "plugged-disk", d->disk.name, err)) {
        broker_list_drop_disk (h, t->vm.name, &d->disk, &undo);
    }
    descriptors_close_layers (&d->disk, files);
    return rc;
}

int
hotplug_attach_disk (struct hvctl *h, struct definition *def,
                     const struct disk_def *disk, enum change_way *way,
                     struct error *err)
{
    struct plan plan = { .def = def };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (changing_resolve_disk (h, &plan, disk, err) < 0
        || plan_check_layers (h, &plan, err) < 0) {
        return -err->code;
    }
    if (!hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = support_check (h, def, t.plugin, err);
    if (rc == 0) {
        rc = later_if_unsupported (plug_disk (h, &t, plan.disks.p[0], err), way,
                                   err);
    }
    rc = hotplug_end (h, &t, *way, rc, err);
    if (rc == 0 && *way == CHANGED_ONLINE) {
        running_add_disk (h, def->name, plan.disks.p[0]);
        plan_note_layers (h, &plan);
    }
    note_later (h, def->name, *way, "disk", disk->name);
    return rc;
}

int
hotplug_detach_disk (struct hvctl *h, struct definition *def,
                     const struct disk_def *disk, enum change_way *way,
                     struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = gone_is_done (
        hypervisor_detach_disk (t.plugin, &t.vm, disk->name, err), err);
    rc = later_if_unsupported (rc, way, err);
    rc = hotplug_end (h, &t, *way, rc, err);
    if (rc == 0 && *way == CHANGED_ONLINE) {
        running_drop (h, def->name, "disks", disk->name);
    }
    if (rc == 0 && *way == CHANGED_ONLINE
        && changing_resolve_disk (h, &plan, disk, &ignored) == 0) {
        const struct plan_disk *d = plan.disks.p[0];

        rc = broker_list_drop_disk (h, def->name, &d->disk, err);
    }
    note_later (h, def->name, *way, "disk", disk->name);
    return rc;
}

/* The warning at the start was about the VM's own jail; this one is about
 * another. */
static void
warn_of_weakness (const struct target *t, const struct helper *p)
{
    if (p->weaker && !t->state.weaker) {
        hvctl_warn ("%s: nic %s: the sandbox of its process is degraded: %.*s",
                    t->vm.name, p->nic->def->name,
                    (int)strcspn (p->weaker, "\n"), p->weaker);
    }
}

static int
plug_nic (struct hvctl *h, struct target *t, const struct plan_nic *n,
          struct error *err)
{
    struct helper helper = { .nic = n };
    int *fds = arena_alloc (&h->arena, n->port.queues * sizeof *fds);
    struct error undo = { 0 };
    bool asked = false;
    int rc;

    for (uint32_t q = 0; q < n->port.queues; q++) {
        fds[q] = -1;
    }
    if (policy_check_nic (h, n, err) < 0
        || taken_claim_nic (h, t->vm.name, n, err) < 0
        || forward_check (n, err) < 0
        || acquire_port (h, t->vm.name, n, fds, err) < 0) {
        return -err->code;
    }
    rc = plan_has_helper (n) ? helper_connect (&helper, fds, err) : 0;
    if (rc == 0) {
        rc = helper_start (h, t->vm.name, SANDBOX_KILL, &helper, err);
    }
    if (rc == 0) {
        rc = network_ready (n->plugin, &n->port, err);
    }
    if (rc == 0) {
        rc = helper_settle (h, t->vm.name, &helper, err);
    }
    if (rc == 0) {
        asked = true;
        rc = hypervisor_attach_nic (t->plugin, &t->vm, &n->nic, fds, err);
    }
    for (uint32_t q = 0; q < n->port.queues; q++) {
        close_fd (fds[q]);
    }
    if (rc == 0) {
        warn_of_weakness (t, &helper);
        helper_let_go (&helper);
        return 0;
    }
    if (asked && may_be_plugged (h, t, "plugged-nic", n->def->name, err)) {
        helper_let_go (&helper);
        return rc;
    }
    if (helper.started) {
        helper_abort (&helper);
        journal_helper (h, t->vm.name, n->def->name, 0, 0, &undo);
    }
    helper_abort (&helper);
    if (journal_undo_port (h, t->vm.name, n->def->name, &undo) < 0) {
        hvctl_warn ("%s: %s", t->vm.name, undo.text);
    }
    return rc;
}

int
hotplug_attach_nic (struct hvctl *h, struct definition *def,
                    const struct nic_def *nic, enum change_way *way,
                    struct error *err)
{
    struct plan plan = { .def = def };
    struct error ignored = { 0 };
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (resolve_nic (h, &plan, nic, err) < 0) {
        return -err->code;
    }
    if (!hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = support_check (h, def, t.plugin, err);
    if (rc == 0) {
        rc = later_if_unsupported (plug_nic (h, &t, plan.nics.p[0], err), way,
                                   err);
    }
    rc = hotplug_end (h, &t, *way, rc, err);
    if (rc == 0 && *way == CHANGED_ONLINE) {
        running_add_nic (h, def->name, plan.nics.p[0]);
    } else {
        running_claim_nic (h, def->name, NULL, &ignored);
    }
    note_later (h, def->name, *way, "nic", nic->name);
    return rc;
}

int
hotplug_end_helper (struct hvctl *h, const char *vm, const char *nic,
                    struct error *err)
{
    struct vec helpers = { 0 };

    journal_helpers (h, vm, &helpers);
    for (size_t i = 0; i < helpers.n; i++) {
        const struct helper_entry *e = helpers.p[i];

        if (!strcmp (e->nic, nic) && e->pid
            && (process_end (e->pid, e->start_time, PROCESS_END, err) < 0
                || journal_helper (h, vm, nic, 0, 0, err) < 0)) {
            return -err->code;
        }
    }
    return 0;
}

int
hotplug_detach_nic (struct hvctl *h, struct definition *def,
                    const struct nic_def *nic, enum change_way *way,
                    struct error *err)
{
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = gone_is_done (hypervisor_detach_nic (t.plugin, &t.vm, nic->name, err),
                       err);
    rc = later_if_unsupported (rc, way, err);
    rc = hotplug_end (h, &t, *way, rc, err);
    /* The journal still names the port: to detach it twice succeeds. */
    if (rc == 0 && *way == CHANGED_ONLINE) {
        rc = journal_undo_port (h, def->name, nic->name, err);
    }
    if (rc == 0 && *way == CHANGED_ONLINE) {
        running_drop (h, def->name, "nics", nic->name);
        rc = hotplug_end_helper (h, def->name, nic->name, err);
    }
    note_later (h, def->name, *way, "nic", nic->name);
    return rc;
}

int
hotplug_note_size (struct hvctl *h, const char *vm, uint32_t cpus,
                   uint64_t memory, struct error *err)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "op", "resize");
    json_put_number (o, "cpus", cpus);
    json_put_number (o, "memory", (int64_t)memory);
    return unfinished_entry (h, vm, o, err);
}

int
hotplug_size (struct hvctl *h, struct definition *def, uint32_t cpus,
              uint64_t memory, enum change_way *way, struct error *err)
{
    struct target t;
    int rc;

    *way = CHANGED_OFFLINE;
    if (!hotplug_target (h, def->name, &t, err)) {
        return -err->code;
    }
    *way = CHANGED_ONLINE;
    rc = later_if_unsupported (
        hypervisor_resize (t.plugin, &t.vm, cpus, memory, err), way, err);
    if (rc == 0 && *way == CHANGED_ONLINE) {
        t.state.cpus = cpus ? cpus : t.state.cpus;
        t.state.memory = memory ? memory : t.state.memory;
        rc = target_write (h, &t, err);
    }
    /* Of both it is not known which. */
    if (!cpus || !memory) {
        note_later (h, def->name, *way, cpus ? "cpus" : "memory",
                    arena_format (&h->arena, "%" PRIu64,
                                  cpus ? (uint64_t)cpus : memory));
    }
    return hotplug_end (h, &t, *way, rc, err);
}
