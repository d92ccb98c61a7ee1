/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The way down, and everything else that is done to a VM that is there. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/machine/machine.h"
#include "core/machine/saved.h"
#include "core/provider/loader.h"
#include "core/provider/provider.h"
#include "core/state/ending.h"
#include "core/state/holders.h"
#include "core/state/state.h"

/* A guest that is booting misses what comes before it knows of ACPI: it is
 * asked again soon, and then ever more seldom. */
#define ACPI_AGAIN 200
#define ACPI_EVERY 5000
#define CHANGE_WAIT 20 /* Between two looks whether a change is over. */
#define QUIT_TIMEOUT 5000
#define KILL_TIMEOUT 10000

/* A start that was killed since this command began, as while it waited for a
 * lock: its guest must not be let go, as half of what it needs may be missing.
 */
static void
read_target (struct hvctl *h, const char *name, struct vm_state *s)
{
    state_read (h, name, s);
    if (s->run == RUN_STARTING && h->changes
        && !state_is_held (h, name, BUSY_FILE)) {
        machine_tend (h, name);
        state_read (h, name, s);
    }
}

int
find_target (struct hvctl *h, const char *name, struct target *t,
             struct error *err)
{
    read_target (h, name, &t->state);
    t->pidfd = -1;
    if (t->state.run == RUN_STOPPED || t->state.run == RUN_STALE) {
        return fail_exit (err, EXIT_NOT_RUNNING, ESRCH, "%s is not running",
                          name);
    }
    if (t->state.run == RUN_UNKNOWN) {
        return state_unknown (h, &t->state, err);
    }
    /* What is half made is nothing to ask, or to change. */
    if (t->state.run != RUN_STARTING
        || (!h->changes && !state_is_held (h, name, BUSY_FILE))) {
        t->pidfd = process_open (t->state.pid, t->state.start_time);
    }
    if (t->pidfd < 0) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is being started or released by another "
                          "hvctl%s: wait for that, or end it by 'hvctl kill "
                          "%s'",
                          name, holders_run_text (h, name), name);
    }
    t->plugin =
        t->state.hypervisor ? loader_find (h, t->state.hypervisor) : NULL;
    if (!t->state.hypervisor) {
        return fail (
            err, EIO,
            "%s runs, but what it was started with has been lost: only "
            "'hvctl kill %s' is left",
            name, name);
    }
    if (!t->plugin || !t->plugin->has_hypervisor) {
        return fail (err, ENOTSUP,
                     "%s runs on the plugin %s, which is no longer "
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

static int
kill_and_wait (const char *name, int pidfd, enum stop_way *way,
               struct error *err)
{
    *way = STOP_KILL;
    return process_kill (pidfd, KILL_TIMEOUT, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

int
kill_target (struct target *t, struct error *err)
{
    enum stop_way way;

    return kill_and_wait (t->vm.name, t->pidfd, &way, err);
}

/* A guest whose processors are stopped cannot react: one that is paused goes on
 * for it, unless there is a reason why it is. */
static bool
can_react (struct hvctl *h, struct target *t)
{
    struct hv_status status = { 0 };
    struct error ignored = { 0 };

    if (hypervisor_status (t->plugin, &t->vm, &status, &ignored) < 0
        || status.state == HV_RUNNING) {
        return true;
    }
    if (status.state != HV_PAUSED || status.detail
        || hypervisor_resume (t->plugin, &t->vm, &ignored) < 0) {
        return false;
    }
    t->state.run = RUN_RUNNING;
    write_target (h, t, &ignored);
    return true;
}

/* While somebody changes the VM it is not for us to let its guest go on: the
 * disks of a snapshot, or what is saved, would not belong together.  Returns
 * true if whoever changes it has ended it; '*reacts': does its guest react? */
static bool
await_reaction (struct hvctl *h, struct target *t, int64_t until, bool *reacts)
{
    const char *name = t->vm.name;
    struct hv_status status = { 0 };
    struct error err = { 0 };
    int64_t left;
    int lock = -1;
    int rc = hypervisor_status (t->plugin, &t->vm, &status, &err);

    *reacts =
        rc < 0 ? !state_is_changing (h, name) : status.state == HV_RUNNING;
    while (!*reacts && state_try_changes (h, name, &lock, &err) < 0
           && err.code == EBUSY) {
        left = until - now_ms ();
        if (left <= 0 || interrupt_came) {
            return false;
        }
        err = (struct error){ 0 };
        left = left < CHANGE_WAIT ? left : CHANGE_WAIT;
        if (process_gone_within (t->pidfd, left)) {
            return true;
        }
    }
    *reacts = *reacts || can_react (h, t);
    close_fd (lock);
    return false;
}

/* The gentle ways; returns true when the process is gone. */
static bool
ask_to_end (struct hvctl *h, struct target *t, int64_t timeout,
            const char *ender, enum stop_way *way)
{
    int64_t until = now_ms () + timeout, again = ACPI_AGAIN;
    struct error ignored = { 0 };
    bool reacts = false;

    *way = STOP_ACPI;
    if (timeout > 0 && await_reaction (h, t, until, &reacts)) {
        return true;
    }
    until = reacts ? until : 0;
    if (now_ms () < until) {
        ending_note (h, t->vm.name, ENDER_ASKED);
        ender = ENDER_HVCTL;
    }
    while (now_ms () < until && !interrupt_came) {
        int64_t left = until - now_ms ();

        hypervisor_powerdown (t->plugin, &t->vm, &ignored);
        if (process_gone_within (t->pidfd, left < again ? left : again)) {
            return true;
        }
        again = 2 * again < ACPI_EVERY ? 2 * again : ACPI_EVERY;
    }
    if (interrupt_came) {
        return false;
    }
    *way = STOP_QUIT;
    ending_note (h, t->vm.name, ender);
    return hypervisor_quit (t->plugin, &t->vm, &ignored) == 0
           && process_gone_within (t->pidfd, QUIT_TIMEOUT);
}

/* 'ender': who ends it if its guest is not asked. */
static int
end (struct hvctl *h, const char *name, int64_t timeout, const char *ender,
     enum stop_way *way, struct error *err)
{
    struct target t = { .pidfd = -1 };
    int rc;

    *way = STOP_NOTHING;
    if (find_target (h, name, &t, err) < 0) {
        return err->exit_code == EXIT_NOT_RUNNING
                   ? machine_finish (h, &t.state, false, err)
                   : -err->code;
    }
    rc = ask_to_end (h, &t, timeout, ender, way) ? 0 : 1;
    if (rc && interrupt_came) {
        rc = fail (err, EINTR,
                   "%s: interrupted while it was being stopped; "
                   "it goes on",
                   name);
    } else if (rc) {
        rc = kill_and_wait (name, t.pidfd, way, err);
    }
    close_fd (t.pidfd);
    return rc < 0 ? rc : machine_finish (h, &t.state, false, err);
}

int
machine_stop (struct hvctl *h, const char *name, int64_t timeout,
              enum stop_way *way, struct error *err)
{
    return end (h, name, timeout, ENDER_QUIT, way, err);
}

int
machine_end_saved (struct hvctl *h, const char *name, struct error *err)
{
    enum stop_way way;

    return end (h, name, 0, ENDER_SAVED, &way, err);
}

int
machine_kill (struct hvctl *h, const char *name, enum stop_way *way,
              struct error *err)
{
    struct vm_state s;
    struct vec changing = { 0 };
    struct error stuck = { 0 };
    CLEANUP_CLOSE int pidfd = -1;
    int rc;

    *way = STOP_NOTHING;
    h->kills = true;
    /* Who comes later is not in the way: it goes on from what is left. */
    holders_of_changes (h, name, &changing);
    state_read (h, name, &s);
    if (s.run == RUN_STARTING && state_is_held (h, name, BUSY_FILE)) {
        *way = STOP_KILL;
        if (!holders_end (h, name, BUSY_FILE)) {
            return fail_exit (err, EXIT_RUNNING, EBUSY,
                              "%s is being started by another hvctl, which "
                              "cannot be ended",
                              name);
        }
        state_read (h, name, &s);
    }
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (h, &s, err);
    }
    if (s.run > RUN_STALE && s.pid > 0) {
        pidfd = process_open (s.pid, s.start_time);
        ending_note (h, name, ENDER_HVCTL);
        if (pidfd >= 0 && kill_and_wait (name, pidfd, way, err) < 0) {
            return -err->code;
        }
    }
    rc = machine_finish (h, &s, true, err);
    /* One that works fails by now, as the hypervisor has gone, or is done. */
    if (holders_end_changes (h, name, &changing, &stuck) < 0 && rc == 0) {
        *err = stuck;
    }
    return -err->code;
}

bool
has_ended (const struct target *t, int64_t ms)
{
    return process_gone_within (t->pidfd, ms);
}

int
machine_pause (struct hvctl *h, const char *name, bool resume,
               struct error *err)
{
    struct target t = { .pidfd = -1 };
    int rc = find_target (h, name, &t, err);

    if (rc < 0) {
        return rc;
    }
    if (resume) {
        /* A save that was killed at its end: its disks will be others. */
        saved_remove (h, saved_dir (h, name));
    }
    rc = resume ? hypervisor_resume (t.plugin, &t.vm, err)
                : hypervisor_pause (t.plugin, &t.vm, err);
    if (rc < 0) {
        fail_prefix (err, "%s", name);
    } else {
        t.state.run = resume ? RUN_RUNNING : RUN_PAUSED;
        rc = write_target (h, &t, err);
    }
    close_fd (t.pidfd);
    return rc;
}

static const char *
saved_detail (struct hvctl *h, const char *name)
{
    struct error err = { 0 };
    struct definition *def;

    return definition_load (h, name, &def, &err) == 0
                   && saved_check (h, def, &err) < 0
               ? arena_dup (&h->arena, err.text)
               : "the next start goes on from there";
}

void
machine_status (struct hvctl *h, const char *name, struct vm_state *s,
                const char **text, const char **detail)
{
    static const char *const texts[] = { "stopped", "starting", "running",
                                         "paused", "failed" };
    struct target t = { .pidfd = -1 };
    struct hv_status status = { 0 };
    struct error err = { 0 };

    *detail = NULL;
    if (find_target (h, name, &t, &err) < 0) {
        *s = t.state;
        *text = run_state_text (s->run);
        if (s->run == RUN_UNKNOWN || !s->hypervisor) {
            *detail =
                s->run > RUN_STALE ? arena_dup (&h->arena, err.text) : NULL;
        }
        if (s->run == RUN_STALE) {
            *detail = "not released yet: the next command that changes "
                      "something does it";
        } else if (s->run == RUN_STOPPED
                   && saved_read (h, saved_dir (h, name), NULL)) {
            *text = "saved";
            *detail = saved_detail (h, name);
        }
        return;
    }
    *s = t.state;
    *text = run_state_text (s->run);
    if (s->run != RUN_STARTING
        && hypervisor_status (t.plugin, &t.vm, &status, &err) == 0) {
        *text = texts[status.state];
        *detail = status.detail;
    } else if (s->run != RUN_STARTING) {
        *detail = arena_format (&h->arena,
                                "its hypervisor does not answer: "
                                "%s",
                                err.text);
    }
    close_fd (t.pidfd);
}
