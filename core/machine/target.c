/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/target.h"

#include <errno.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/machine/release.h"
#include "core/machine/tend.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loader.h"
#include "core/state/holders.h"
#include "core/state/state-kept.h"
#include "core/state/state-run.h"
#include "core/state/unfinished.h"

#define KILL_TIMEOUT 10000
#define WRITE_PATIENCE 300 /* With who looks after it. */

/* In milliseconds: how long a hypervisor that does not obey any more may take
 * to exit, since its guest has powered off. */
#define POWERING_OFF 500

/* A start that was killed since this command began, perhaps while it waited for
 * a lock: its guest must not be resumed, since half of what it needs may be
 * missing. */
static void
read_target (struct hvctl *h, const char *name, struct vm_state *s)
{
    state_read (h, name, s);
    if (s->run == RUN_STARTING && h->changes
        && !state_is_held (h, name, BUSY_FILE)) {
        tend_vm (h, name, true);
        state_read (h, name, s);
    }
}

int
target_find (struct hvctl *h, const char *name, struct target *t,
             struct error *err)
{
    read_target (h, name, &t->state);
    return target_open (h, t, err);
}

int
target_open (struct hvctl *h, struct target *t, struct error *err)
{
    const char *name = t->state.name;

    t->pidfd = -1;
    if (t->state.run == RUN_STOPPED || t->state.run == RUN_STALE) {
        return fail_exit (err, EXIT_NOT_RUNNING, ESRCH, "%s is not running",
                          name);
    }
    if (t->state.run == RUN_UNKNOWN) {
        return state_unknown (h, &t->state, err);
    }
    /* A VM that is not fully started cannot be asked, or changed. */
    if (t->state.run != RUN_STARTING
        || (!h->changes && !state_is_held (h, name, BUSY_FILE))) {
        t->pidfd = process_open (t->state.pid, t->state.start_time);
    }
    if (t->pidfd < 0) {
        return fail_exit (
            err, EXIT_RUNNING, EBUSY,
            "%s is being started or cleaned up by another hvctl%s: wait for "
            "that, or terminate it with 'hvctl kill %s'",
            name, holders_run_text (h, name), name);
    }
    return target_fill (h, t, err);
}

int
target_fill (struct hvctl *h, struct target *t, struct error *err)
{
    const char *name = t->state.name, *other;

    t->plugin =
        t->state.hypervisor ? loader_find (h, t->state.hypervisor) : NULL;
    other = t->state.hypervisor ? NULL : state_kept_run_dir (h, name);
    if (other) {
        return fail (err, EIO,
                     "%s was started with the run directory %s, and now that "
                     "is %s: set run_dir = \"%s\" in hvctl.conf, or use 'hvctl "
                     "kill %s'",
                     name, other, h->host->run_dir, other, name);
    }
    if (!t->state.hypervisor) {
        return fail (err, EIO,
                     "%s is running, but its state file is lost or damaged: "
                     "only 'hvctl kill %s' can stop it",
                     name, name);
    }
    if (!t->plugin || !t->plugin->has_hypervisor) {
        return fail (err, ENOTSUP,
                     "%s is run by the plugin %s, which is no longer "
                     "installed: install it, or use hvctl kill",
                     name, t->state.hypervisor);
    }
    t->vm.name = name;
    t->vm.uuid = t->state.uuid;
    t->vm.rundir = state_dir (h, name);
    t->vm.program = t->state.program;
    t->vm.arch = t->state.arch;
    t->vm.machine = t->state.machine;
    t->vm.accelerator = t->state.accelerator;
    t->vm.memory = t->state.memory;
    t->vm.cpus = t->state.cpus;
    return 0;
}

bool
target_has_ended (const struct target *t, int64_t ms)
{
    return process_gone_within (t->pidfd, ms);
}

int
target_end (const char *name, int pidfd, struct error *err)
{
    return process_kill (pidfd, KILL_TIMEOUT, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

int
target_kill (struct target *t, struct error *err)
{
    return target_end (t->vm.name, t->pidfd, err);
}

int
target_write (struct hvctl *h, struct target *t, struct error *err)
{
    int64_t until = now_ms () + WRITE_PATIENCE;
    CLEANUP_CLOSE int starter = -1;
    struct error ignored = { 0 }, cause = { 0 };
    struct vm_state s;

    while (!tend_look_again (h, t->vm.name, &s, &starter, &cause)) {
        if (process_gone_within (t->pidfd, 1)) {
            break;
        }
        if (cause.code != EAGAIN) {
            return fail (err, cause.code, "%s", cause.text);
        }
        if (now_ms () >= until) {
            return fail_exit (
                err, EXIT_TIMEOUT, ETIMEDOUT,
                "another hvctl%s has been starting it or cleaning "
                "up after it for too long, so its new state is "
                "not recorded",
                holders_run_text (h, t->vm.name));
        }
    }
    if (process_gone_within (t->pidfd, 0)) {
        close_fd (starter);
        starter = -1;
        release_finish (h, &t->state, false, &ignored);
        return 0;
    }
    t->state.supervisor = s.supervisor;
    t->state.supervisor_start = s.supervisor_start;
    return state_write (h, &t->state, err);
}

/* What 'list' says of one that does not answer. */
static void
note_run (struct hvctl *h, const struct target *t, enum run_state run)
{
    struct target now = *t;
    struct error err = { 0 };

    now.state.run = run;
    if (target_write (h, &now, &err) < 0) {
        hvctl_debug (h, "%s", err.text);
    }
}

bool
target_unpause (struct hvctl *h, struct target *t)
{
    struct error err = { 0 };
    struct undisturbed u;
    int rc;

    if (t->state.run == RUN_PAUSED) {
        return true;
    }
    interrupt_block (&u);
    rc = hypervisor_resume (t->plugin, &t->vm, &err);
    if (rc < 0 && target_has_ended (t, POWERING_OFF)) {
        rc = 0; /* The guest no longer exists. */
    } else if (rc == 0) {
        note_run (h, t, RUN_RUNNING);
    } else {
        hvctl_warn ("%s may be paused, and cannot be resumed: %s (the next "
                    "command that makes a change tries again)",
                    t->vm.name, err.text);
    }
    interrupt_unblock (&u);
    return rc == 0;
}

int
target_pause (struct hvctl *h, struct target *t, struct error *err)
{
    if (t->state.run == RUN_PAUSED) {
        return 0;
    }
    if (hypervisor_can_pause (t->plugin, err) < 0
        || unfinished_add (h, t->vm.name, "pause", NULL, err) < 0) {
        return -err->code;
    }
    note_run (h, t, RUN_PAUSED);
    if (hypervisor_pause (t->plugin, &t->vm, err) < 0) {
        target_unpause (h, t); /* It may be paused by now. */
        return -err->code;
    }
    return 0;
}
