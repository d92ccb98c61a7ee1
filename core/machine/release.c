/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Cleans up after a VM when its process has exited: by its supervisor, by the
 * command that stopped it, or by the next command that finds it. */
#include "core/machine/release.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/process.h"
#include "core/machine/sweep.h"
#include "core/state/ending.h"
#include "core/state/holders.h"
#include "core/state/journal.h"
#include "core/state/state-kept.h"
#include "core/state/state-lock.h"
#include "core/state/state-run.h"

#define RELEASE_TIMEOUT 20000
#define RECORD_TIMEOUT 1000
#define UNKNOWN_TIMEOUT 5000
#define LONGEST_PAUSE                                                          \
    30 /* The interval between two tries, while it is being                    \
        * started. */

/* For a command that terminates what blocks it: the time for another process to
 * clean up after the VM, and the time for a killed process to exit. */
#define HOLDER_PATIENCE 5000
#define HOLDER_KILL 5000

/* The run directory was lost before the process exited: its ports in networks
 * are unknown, so they are swept. */
static void
forget_lost (struct hvctl *h, const char *name)
{
    struct vm_state s = { .name = name };

    if (!state_kept_process (h, &s) && state_forget_process (h, name)) {
        sweep_again (h);
    }
}

int
release_vm (struct hvctl *h, const char *name, int64_t patience,
            struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct vm_state s;

    if (access (state_dir (h, name), F_OK) < 0 && errno == ENOENT) {
        forget_lost (h, name);
        return 0;
    }
    if (state_lock_within (h, name, patience, &lock, err) < 0) {
        return -err->code;
    }
    state_read (h, name, &s);
    if (journal_undo (h, name, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    ending_keep (h, name, &s);
    state_remove (h, name);
    return 0;
}

/* The supervisor is about to record the exit in the directory, which must not
 * be removed before.  A suspended one will not, and must not write into the
 * directory of the next run. */
static void
await_record (struct hvctl *h, const char *name)
{
    const char *end = arena_format (&h->arena, "%s/end", state_dir (h, name));
    int64_t until = now_ms () + RECORD_TIMEOUT;
    struct error ignored = { 0 };
    struct vm_state s;
    uint64_t start_time;
    int why;
    pid_t pid;

    state_read (h, name, &s);
    if (s.run != RUN_STALE) {
        return;
    }
    while ((pid = state_supervisor (h, name, &why)) > 0
           && access (end, F_OK) < 0 && now_ms () < until) {
        poll (NULL, 0, 1);
    }
    start_time = pid > 0 ? process_start_time (pid) : 0;
    if (process_is_stopped (pid, start_time)) {
        CLEANUP_CLOSE int pidfd = process_open (pid, start_time);

        if (pidfd >= 0 && state_supervisor (h, name, &why) == pid) {
            process_kill (pidfd, HOLDER_KILL, &ignored);
        }
    }
}

/* Is it the run that has ended, or already another?  The run that has ended is
 * not the one that is running. */
static bool
is_next_run (struct hvctl *h, const struct vm_state *was)
{
    struct vm_state s;

    state_read (h, was->name, &s);
    return s.run > RUN_STARTING
           || (s.run > RUN_UNKNOWN && s.pid > 0 && was->pid > 0
               && (s.pid != was->pid || s.start_time != was->start_time));
}

int
release_finish (struct hvctl *h, const struct vm_state *was, bool force,
                struct error *err)
{
    int64_t until = now_ms () + RELEASE_TIMEOUT;
    int64_t patience = force ? HOLDER_PATIENCE : RELEASE_TIMEOUT;
    const char *name = was->name;
    int pause = 1;

    context_stage (h, "cleaning up");
    await_record (h, name);
    while (release_vm (h, name, patience, err) < 0) {
        if (force && err->exit_code == EXIT_TIMEOUT) {
            force = holders_end_run (h, name);
        } else if (err->exit_code != EXIT_RUNNING || now_ms () > until) {
            return -err->code;
        } else if (is_next_run (h, was)) {
            break;
        }
        poll (NULL, 0, pause);
        pause = pause < LONGEST_PAUSE ? 2 * pause : pause;
    }
    *err = (struct error){ 0 };
    return 0;
}

int
release_process (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state left;
    CLEANUP_CLOSE int pidfd = -1;

    state_read_held (h, name, &left);
    if (left.run > RUN_UNKNOWN && left.pid > 0) {
        pidfd = process_open (left.pid, left.start_time);
    }
    return pidfd < 0 ? 0 : process_kill (pidfd, UNKNOWN_TIMEOUT, err);
}
