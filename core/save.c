/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Writing the state of a running guest, and going on from it. */
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/host.h"
#include "core/lend.h"
#include "core/saved.h"
#include "core/support.h"

/* A machine that has no name to ask for it by need not be asked for. */
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
    return plan_make (h, def, PLAN_FULL, out, err);
}

static int
copy_definition (struct hvctl *h, const struct definition *def, const char *dir,
                 struct error *err)
{
    CLEANUP_FREE char *text = read_small_file (def->file);

    if (!text) {
        return fail (err, errno, "cannot read %s: %m", def->file);
    }
    return write_file (arena_format (&h->arena, "%s/definition", dir), 0600,
                       text, err);
}

static int
write_files (struct hvctl *h, struct target *t, const struct plan *plan,
             const char *dir, struct error *err)
{
    struct error ignored = { 0 };
    int *fds = NULL;
    int rc = saved_open (h, t->plugin, dir, true, &fds, err);

    if (rc == 0) {
        rc = lend_state (h, plan->vm.name, dir,
                         t->plugin->hypervisor.state_files, err);
    }
    if (rc == 0) {
        rc = hypervisor_save (t->plugin, &plan->vm, fds, err);
    }
    unlend_state (h, plan->vm.name, &ignored);
    saved_close (t->plugin, fds);
    return rc == 0 && hvctl_interrupted ? fail (err, EINTR, "interrupted") : rc;
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
    if (make_dirs (new, 0700, err) < 0) {
        return -err->code;
    }
    if (write_files (h, t, plan, new, err) < 0
        || copy_definition (h, plan->def, new, err) < 0
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

int
save_memory (struct hvctl *h, struct definition *def, struct target *t,
             const char *dir, struct plan **plan, struct error *err)
{
    return plan_again (h, def, t, plan, err) < 0
               ? -err->code
               : write_state (h, t, *plan, dir, err);
}

void
unpause_target (struct target *t)
{
    struct error err = { 0 };
    int saved = hvctl_interrupted;

    if (t->state.run == RUN_PAUSED) {
        return;
    }
    hvctl_interrupted = 0;
    if (hypervisor_resume (t->plugin, &t->vm, &err) < 0) {
        hvctl_warn ("%s stays paused: %s", t->vm.name, err.text);
    }
    hvctl_interrupted = saved;
}

int
pause_target (struct target *t, struct error *err)
{
    if (t->state.run != RUN_PAUSED
        && hypervisor_pause (t->plugin, &t->vm, err) < 0) {
        /* It may be paused by now. */
        if (err->code == EINTR) {
            unpause_target (t);
        }
        return -err->code;
    }
    return 0;
}

/* It is too late to give up; who interrupts is heeded after. */
static int
end_saved (struct hvctl *h, const char *name, struct error *err)
{
    enum stop_way way;
    int interrupted = 0, rc;

    do {
        interrupted |= hvctl_interrupted;
        hvctl_interrupted = 0;
        *err = (struct error){ 0 };
        rc = machine_stop (h, name, 0, &way, err);
    } while (rc == -EINTR);
    hvctl_interrupted |= interrupted;
    return rc;
}

int
machine_save (struct hvctl *h, struct definition *def, struct error *err)
{
    const char *dir = saved_dir (h, def->name);
    struct plan *plan;
    struct target t;
    int rc;

    if (find_target (h, def->name, &t, err) < 0) {
        return -err->code;
    }
    rc = pause_target (&t, err);
    if (rc == 0) {
        rc = save_memory (h, def, &t, dir, &plan, err);
        if (rc < 0) {
            unpause_target (&t);
        }
    }
    close_fd (t.pidfd);
    if (rc < 0) {
        return fail_prefix (err, "%s is not saved", def->name);
    }
    if (end_saved (h, def->name, err) < 0) {
        return -err->code;
    }
    /* The images may have been written at the very end. */
    return saved_note (h, dir, plan, err);
}

int
machine_restore (struct hvctl *h, const struct plan *plan, struct error *err)
{
    struct error ignored = { 0 };
    int *fds = NULL;
    int rc = saved_open (h, plan->hypervisor, plan->vm.saved, false, &fds, err);

    if (rc == 0) {
        rc = hypervisor_restore (plan->hypervisor, &plan->vm, fds, err);
        if (rc < 0) {
            /* The guest has not run, and what the hypervisor wrote about an
             * image that it opened keeps nobody from going on. */
            saved_note (h, plan->vm.saved, plan, &ignored);
        }
    }
    if (rc == 0) {
        rc = unlend_state (h, plan->vm.name, err);
    }
    saved_close (plan->hypervisor, fds);
    return rc;
}
