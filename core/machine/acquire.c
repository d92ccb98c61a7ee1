/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/acquire.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/machine/forward.h"
#include "core/machine/launch.h"
#include "core/plan/plan-helper.h"
#include "core/provider/network.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/journal.h"
#include "core/state/state.h"

void
acquire_nothing (struct hvctl *h, const struct plan *plan, struct acquired *got)
{
    size_t n = plan->nics.n;

    *got = (struct acquired){
        .fds = launch_fds (&h->arena, &plan->launch),
        .helpers = arena_alloc (&h->arena, (n + 1) * sizeof *got->helpers),
    };
    for (size_t i = 0; i < n; i++) {
        got->helpers[i].nic = plan->nics.p[i];
    }
}

static void
hold (struct hvctl *h, struct acquired *got, const char *nic, uint32_t queue,
      int fd)
{
    struct held_fd *f = arena_alloc (&h->arena, sizeof *f);

    *f = (struct held_fd){ nic, queue, fd };
    vec_add (&h->arena, &got->held, f);
}

static int
place_port (struct hvctl *h, const struct plan *plan, struct acquired *got,
            const struct plan_nic *n, const int fds[], struct error *err)
{
    for (uint32_t q = 0; q < n->port.queues; q++) {
        bool wanted = false;

        for (size_t i = 0; i < plan->launch.fds.n; i++) {
            const struct launch_fd *f = plan->launch.fds.p[i];

            if (f->kind == FD_PORT && f->flags == q && got->fds[i] < 0
                && !strcmp (f->name, n->def->name)) {
                got->fds[i] = fds[q];
                wanted = true;
                break;
            }
        }
        if (!wanted) {
            hold (h, got, n->def->name, q, fds[q]);
        }
        if (wanted && fds[q] < 0) {
            return fail (err, EIO,
                         "nic %s: plugin %s gave no descriptor for "
                         "queue %u",
                         n->def->name, n->plugin->name, q);
        }
    }
    return 0;
}

int
acquire_port (struct hvctl *h, const char *vm, const struct plan_nic *n,
              int fds[], struct error *err)
{
    struct error undo = { 0 };

    if (journal_port (h, vm, n->plugin, &n->port, err) < 0) {
        return -err->code;
    }
    if (network_attach (n->plugin, &n->port, &n->nic, fds, err) == 0) {
        return 0;
    }
    /* The port may exist although the answer was lost; but an interface that is
     * in its way is not ours.  One that cannot be removed now stays in the
     * journal. */
    if ((err->code == EEXIST && !n->plugin->unsure)
        || network_detach (n->plugin, &n->port, &undo) == 0) {
        journal_cancel (h, vm, &undo);
    }
    return -err->code;
}

static int
cancelled (struct hvctl *h, const struct plan *plan, const struct error *err)
{
    struct error ignored = { 0 };

    /* If even this cannot be written, the step will be undone without need. */
    journal_cancel (h, plan->def->name, &ignored);
    return -err->code;
}

int
acquire_ports (struct hvctl *h, struct plan *plan, struct acquired *got,
               struct error *err)
{
    plan->hypervisor->held = &got->held;
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];
        int *fds = arena_alloc (&h->arena, n->port.queues * sizeof *fds);

        for (uint32_t q = 0; q < n->port.queues; q++) {
            fds[q] = -1;
        }
        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if (forward_check (n, err) < 0) {
            return -err->code;
        }
        if (acquire_port (h, plan->def->name, n, fds, err) < 0) {
            return -err->code;
        }
        if (plan_has_helper (n)
            && helper_connect (&got->helpers[i], fds, err) < 0) {
            return -err->code;
        }
        if (place_port (h, plan, got, n, fds, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
acquire_volumes (struct hvctl *h, struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        struct plan_disk *d = plan->disks.p[i];

        if (!storage_has_activate (d->plugin)) {
            continue;
        }
        if (journal_volume (h, plan->def->name, d->plugin, &d->volume, err)
            < 0) {
            return -err->code;
        }
        if (storage_activate (d->plugin, &d->volume, err) < 0) {
            return d->plugin->unsure ? -err->code : cancelled (h, plan, err);
        }
    }
    return 0;
}

int
acquire_variables (struct hvctl *h, struct plan *plan, struct error *err)
{
    const struct hv_firmware_image *image = &plan->image;
    const char *temporary;

    if (!image->vars || access (image->vars, F_OK) == 0) {
        return 0;
    }
    temporary = arena_format (&h->arena, "%s.new", image->vars);
    if (file_make_dirs (state_keep_dir (h, plan->def->name), 0700, err) < 0
        || journal_file (h, plan->def->name, temporary, err) < 0
        || file_copy (image->vars_template, temporary, err) < 0) {
        unlink (temporary);
        return fail_prefix (err, "firmware variables");
    }
    if (rename (temporary, image->vars) < 0) {
        return fail (err, errno, "cannot write %s: %m", image->vars);
    }
    return 0;
}

void
acquire_close_held (const struct plan *plan, struct acquired *got)
{
    plan->hypervisor->held = NULL;
    for (size_t i = 0; i < got->held.n; i++) {
        close_fd (((struct held_fd *)got->held.p[i])->fd);
    }
    got->held.n = 0;
}
