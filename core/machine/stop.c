/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/stop.h"

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
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/machine/agent.h"
#include "core/machine/release.h"
#include "core/machine/target.h"
#include "core/provider/hypervisor.h"
#include "core/state/ending.h"
#include "core/state/holders.h"
#include "core/state/state-changes.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* A booting guest misses requests before it has initialised ACPI: it is asked
 * again soon, and then ever less often. */
#define ACPI_AGAIN 200
#define ACPI_EVERY 5000
#define AGENT_WAIT 3000 /* One in a loaded guest takes its time. */
#define CHANGE_WAIT                                                            \
    20 /* The interval between two checks whether a change is                  \
        * over. */
#define QUIT_TIMEOUT 5000

/* A guest whose vCPUs are stopped cannot react: a paused one is resumed for it,
 * unless it is paused for a reason. */
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
    target_write (h, t, &ignored);
    return true;
}

/* While the VM is being changed its guest must not be resumed here: the disks
 * of a snapshot, or a saved state, would be inconsistent.  Returns true if the
 * change has stopped the VM; '*reacts': does its guest react? */
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

/* By ACPI, and for guests that do not heed it by their agent, until that does
 * as it is told; returns true when the process has exited. */
static bool
ask_guest (struct hvctl *h, struct target *t, int64_t until)
{
    int64_t again = ACPI_AGAIN, left;
    struct error ignored = { 0 };
    bool told = false;

    while ((left = until - now_ms ()) > 0 && !interrupt_came) {
        hypervisor_powerdown (t->plugin, &t->vm, &ignored);
        if (interrupt_came) {
            break;
        }
        if (process_gone_within (t->pidfd, left < again ? left : again)) {
            return true;
        }
        left = until - now_ms ();
        ignored = (struct error){ 0 };
        told = told
               || agent_powerdown (
                      h, t->vm.name,
                      now_ms () + (left < AGENT_WAIT ? left : AGENT_WAIT),
                      &ignored)
                      == 0;
        again = 2 * again < ACPI_EVERY ? 2 * again : ACPI_EVERY;
    }
    return false;
}

/* Tries the gentle ways; returns true when the process has exited. */
static bool
ask_to_end (struct hvctl *h, struct target *t, int64_t timeout,
            const char *ender, enum stop_way *way)
{
    int64_t until = now_ms () + timeout;
    struct error ignored = { 0 };
    bool reacts = false;

    *way = STOP_ACPI;
    if (timeout > 0 && await_reaction (h, t, until, &reacts)) {
        return true;
    }
    until = reacts ? until : 0;
    if (now_ms () < until) {
        context_stage (h, "waiting for the guest");
        ending_note (h, t->vm.name, ENDER_ASKED);
        ender = ENDER_HVCTL;
    }
    if (ask_guest (h, t, until)) {
        return true;
    }
    if (interrupt_came) {
        return false;
    }
    *way = STOP_QUIT;
    context_stage (h, "waiting for the hypervisor");
    ending_note (h, t->vm.name, ender);
    return hypervisor_quit (t->plugin, &t->vm, &ignored) == 0
           && process_gone_within (t->pidfd, QUIT_TIMEOUT);
}

/* 'ender': recorded as the cause of the exit if its guest is not asked. */
static int
end (struct hvctl *h, const char *name, int64_t timeout, const char *ender,
     enum stop_way *way, struct error *err)
{
    struct target t = { .pidfd = -1 };
    int rc;

    *way = STOP_NOTHING;
    if (target_find (h, name, &t, err) < 0) {
        return err->exit_code == EXIT_NOT_RUNNING
                   ? release_finish (h, &t.state, false, err)
                   : -err->code;
    }
    rc = ask_to_end (h, &t, timeout, ender, way) ? 0 : 1;
    if (rc && interrupt_came) {
        rc = fail (err, EINTR,
                   *way == STOP_QUIT
                       ? "%s: interrupted after its hypervisor was asked to "
                         "quit"
                       : "%s: interrupted while it was being stopped; it is "
                         "still running",
                   name);
    } else if (rc) {
        *way = STOP_KILL;
        rc = target_end (name, t.pidfd, err);
    }
    close_fd (t.pidfd);
    rc = rc < 0 ? rc : release_finish (h, &t.state, false, err);
    if (*way == STOP_ACPI && ending_by_signal (h, name)) {
        *way = STOP_OTHER;
    }
    return rc;
}

int
stop_vm (struct hvctl *h, const char *name, int64_t timeout, enum stop_way *way,
         struct error *err)
{
    return end (h, name, timeout, ENDER_QUIT, way, err);
}

int
stop_saved (struct hvctl *h, const char *name, struct error *err)
{
    enum stop_way way;

    return end (h, name, 0, ENDER_SAVED, &way, err);
}

int
stop_kill (struct hvctl *h, const char *name, enum stop_way *way,
           struct error *err)
{
    struct vm_state s;
    struct vec changing = { 0 };
    struct error stuck = { 0 };
    CLEANUP_CLOSE int pidfd = -1;
    int rc;

    *way = STOP_NOTHING;
    h->kills = true;
    /* A command that comes later is not in the way: it starts from the current
     * state. */
    holders_of_changes (h, name, &changing);
    state_read (h, name, &s);
    if (s.run == RUN_STARTING && state_is_held (h, name, BUSY_FILE)) {
        *way = STOP_KILL;
        if (!holders_end (h, name, BUSY_FILE)) {
            return fail_exit (err, EXIT_RUNNING, EBUSY,
                              "%s is being started by another hvctl, which "
                              "cannot be terminated",
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
        *way = pidfd >= 0 ? STOP_KILL : *way;
        if (pidfd >= 0 && target_end (name, pidfd, err) < 0) {
            return -err->code;
        }
    }
    rc = release_finish (h, &s, true, err);
    /* A running change fails by now, since the hypervisor has exited, or is
     * done. */
    if (holders_end_changes (h, name, &changing, &stuck) < 0 && rc == 0) {
        *err = stuck;
    }
    return -err->code;
}
