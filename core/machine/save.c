/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/save.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/config/effective.h"
#include "core/base/interrupt.h"
#include "core/machine/changing-volume.h"
#include "core/machine/broker-list.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/seed-file.h"
#include "core/plan/plan-make.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/support.h"
#include "core/state/state.h"

/* How long to wait for a guest that still has to give back memory, and how
 * often it is stopped to check. */
#define SETTLE_TIMEOUT 5000
#define SETTLE_EVERY 200

/* A machine type without a name need not be requested. */
static const char *
nameable (const struct plugin *p, const char *machine)
{
    return support_refuses (p, "machine") ? NULL : machine;
}

/* A plan of the machine as it runs, to see that it could be started again. */
static int
plan_again (struct hvctl *h, struct definition *def, const struct target *t,
            struct plan **out, struct error *err)
{
    def->hypervisor = t->plugin->name;
    def->machine = nameable (t->plugin, t->state.machine);
    def->accelerator = t->state.accelerator;
    return changing_plan (h, def, PLAN_FULL, out, err);
}

static int
copy_definition (struct hvctl *h, const struct definition *def, const char *dir,
                 struct error *err)
{
    return file_write (arena_format (&h->arena, "%s/definition", dir), 0600,
                       effective_guest_text (&h->arena, def), err);
}

static int
write_files (struct hvctl *h, struct target *t, const struct plan *plan,
             const char *dir, struct error *err)
{
    struct error ignored = { 0 };
    int *fds = NULL;
    int rc = saved_open (h, t->plugin, dir, true, &fds, err);

    if (rc == 0) {
        rc = broker_list_add_state (h, plan->vm.name, dir,
                                    t->plugin->hypervisor.state_files, err);
    }
    if (rc == 0) {
        rc = hypervisor_save (t->plugin, &plan->vm, fds, err);
    }
    broker_list_drop_state (h, plan->vm.name, &ignored);
    saved_close (t->plugin, fds);
    return rc == 0 && interrupt_came ? fail (err, EINTR, "interrupted") : rc;
}

/* 'dir' is made, or nothing. */
static int
write_state (struct hvctl *h, struct target *t, const struct plan *plan,
             const char *dir, struct error *err)
{
    const char *new = arena_format (&h->arena, "%s.new", dir);
    struct saved s = {
        .when = time (NULL),
        .hypervisor = t->plugin->name,
        .machine = nameable (t->plugin, plan->choice.machine),
        .accelerator = plan->choice.accelerator,
        .cpu = plan->choice.cpu,
        .paused = t->state.run == RUN_PAUSED,
    };

    saved_remove (h, new); /* Of one that was killed. */
    if (file_make_dirs (new, 0700, err) < 0) {
        return -err->code;
    }
    if (write_files (h, t, plan, new, err) < 0
        || copy_definition (h, plan->def, new, err) < 0
        || seed_file_keep (h, plan, new, err) < 0
        || saved_write (h, new, &s, err) < 0) {
        saved_remove (h, new);
        return -err->code;
    }
    saved_remove (h, dir);
    if (saved_settle (h, new, dir, err) < 0) {
        saved_remove (h, new);
        return -err->code;
    }
    return 0;
}

void
save_leave_stream (struct target *t)
{
    struct error ignored = { 0 };

    if (t->state.run == RUN_PAUSED
        && hypervisor_resume (t->plugin, &t->vm, &ignored) == 0) {
        hypervisor_pause (t->plugin, &t->vm, &ignored);
    }
}

/* A guest that has to give something back (EAGAIN) can do so only while it is
 * running. */
static int
let_it_settle (struct hvctl *h, struct target *t, struct error *err)
{
    target_unpause (h, t);
    poll (NULL, 0, SETTLE_EVERY);
    return target_pause (h, t, err);
}

int
save_memory (struct hvctl *h, struct definition *def, struct target *t,
             const char *dir, struct plan **plan, struct error *err)
{
    int64_t until = now_ms () + SETTLE_TIMEOUT;
    int rc = plan_again (h, def, t, plan, err);

    rc = rc < 0 ? rc : write_state (h, t, *plan, dir, err);
    while (rc == -EAGAIN && t->state.run != RUN_PAUSED && now_ms () < until) {
        *err = (struct error){ 0 };
        rc = let_it_settle (h, t, err);
        rc = rc < 0 ? rc : write_state (h, t, *plan, dir, err);
    }
    return rc;
}

int
save_restore (struct hvctl *h, const struct plan *plan, struct error *err)
{
    struct error ignored = { 0 };
    int *fds = NULL;
    int rc = saved_open (h, plan->hypervisor, plan->vm.saved, false, &fds, err);

    if (rc == 0) {
        rc = hypervisor_restore (plan->hypervisor, &plan->vm, fds, err);
        if (rc < 0) {
            /* The guest has not run, so a warning about an image that the
             * hypervisor opened does not prevent a restore. */
            saved_note (h, plan->vm.saved, plan, &ignored);
        }
    }
    if (rc == 0) {
        rc = broker_list_drop_state (h, plan->vm.name, err);
    }
    saved_close (plan->hypervisor, fds);
    return rc;
}
