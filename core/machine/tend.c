/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Completes, at the next command that makes a change, the work that a crash or
 * a kill left behind.  A problem of one VM must not affect others: a command
 * that is not about this VM does not wait for it. */
#include "core/machine/tend.h"

#include <fnmatch.h>
#include <poll.h>

#include "common/cleanup.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/machine/release.h"
#include "core/machine/target.h"
#include "core/machine/settle.h"
#include "core/process/supervise.h"
#include "core/provider/hypervisor.h"
#include "core/state/command.h"
#include "core/state/others.h"
#include "core/state/state-lock.h"
#include "core/state/state-run.h"

#define PATIENCE 5000
#define KILL_PATIENCE 10000
#define OTHERS_PATIENCE 300

/* Locks out starters and supervisors of this VM, and reads its state again,
 * which may have changed.  Returns false if somebody else holds the lock. */
bool
tend_look_again (struct hvctl *h, const char *name, struct vm_state *s,
                 int *starter, struct error *err)
{
    if (state_lock_starter (h, name, starter, err) < 0) {
        close_fd (*starter);
        *starter = -1;
        return false;
    }
    state_read_held (h, name, s);
    return true;
}

static int
release_stale (struct hvctl *h, const char *name, bool mine, struct error *err)
{
    return release_vm (h, name, mine ? PATIENCE : 0, err);
}

/* A start that was killed after it had resumed the guest, and before it had
 * recorded that: only hvctl resumes guests, so it was sealed. */
static bool
has_gone (struct hvctl *h, const struct vm_state *s)
{
    struct target t = { .state = *s, .pidfd = -1 };
    struct hv_status status = { 0 };
    struct error ignored = { 0 };

    if (s->run != RUN_STARTING || target_fill (h, &t, &ignored) < 0
        || hypervisor_status (t.plugin, &t.vm, &status, &ignored) < 0
        || status.state != HV_RUNNING) {
        return false;
    }
    t.state.run = RUN_RUNNING;
    return state_write (h, &t.state, &ignored) == 0;
}

/* A start that was killed half-way: nobody will resume the guest.  The
 * attendant of a start ends it, too, but may have been killed as well. */
static int
end_half_start (struct hvctl *h, const char *name, bool mine, struct error *err)
{
    CLEANUP_CLOSE int pidfd = -1;
    struct vm_state s;
    struct error ignored = { 0 };
    int starter = -1, rc;

    if (!tend_look_again (h, name, &s, &starter, &ignored)) {
        return 0;
    }
    if (has_gone (h, &s)) {
        close_fd (starter);
        return 0;
    }
    if (s.run == RUN_STARTING) {
        pidfd = process_open (s.pid, s.start_time);
    }
    rc = pidfd < 0
             ? 0
             : process_kill (
                 pidfd, mine ? KILL_PATIENCE : others_left (h, OTHERS_PATIENCE),
                 err);
    close_fd (starter);
    if (rc < 0) {
        return fail_prefix (err, "%s", name);
    }
    return pidfd < 0 ? 0
           : mine    ? release_finish (h, &s, false, err)
                     : release_vm (h, name, 0, err);
}

/* A VM whose supervisor cannot be determined is not given another. */
bool
tend_lacks_supervisor (struct hvctl *h, const struct vm_state *s)
{
    int why;

    return s->run > RUN_STARTING && state_supervisor (h, s->name, &why) == 0
           && !why && !process_is_alive (s->supervisor, s->supervisor_start);
}

static int
give_supervisor (struct hvctl *h, const char *name, bool mine,
                 struct error *err)
{
    struct supervision sup = {
        .supervisor = h->host->supervisor,
        .lock = arena_format (&h->arena, "%s/" SUPERVISOR_FILE,
                              state_dir (h, name)),
        .end_file = arena_format (&h->arena, "%s/end", state_dir (h, name)),
        .release = command_own (h, "release", name),
        .logs = state_log_dir (h, name),
        .serial = state_serial_dir (h, name),
        .patience = mine ? 0 : others_left (h, OTHERS_LIMIT),
    };
    CLEANUP_CLOSE int starter = -1;
    struct error ignored = { 0 };
    struct vm_state s;

    if (!tend_look_again (h, name, &s, &starter, &ignored)
        || !tend_lacks_supervisor (h, &s)) {
        return 0;
    }
    settle_read (h, name, &sup);
    if (supervise_start (&sup, s.pid, s.start_time, &s.supervisor, err) < 0) {
        return fail_prefix (err, "%s has no supervisor", name);
    }
    s.supervisor_start = process_start_time (s.supervisor);
    state_write (h, &s, &ignored);
    return 0;
}

void
tend_vm (struct hvctl *h, const char *name, bool mine)
{
    const char *mark =
        arena_format (&h->arena, "%s/" LATE_FILE, state_dir (h, name));
    int (*fn) (struct hvctl *, const char *, bool, struct error *) = NULL;
    struct error err = { 0 };
    struct vm_state s;
    bool late;

    state_read (h, name, &s);
    if (s.run == RUN_STALE) {
        fn = release_stale;
    } else if (s.run == RUN_STARTING
               && !state_is_held (h, name, STARTER_FILE)) {
        fn = end_half_start;
    } else if (tend_lacks_supervisor (h, &s)) {
        fn = give_supervisor;
    }
    if (!fn || !others_begin (h, mine, mark)) {
        return;
    }
    fn (h, name, mine, &err);
    late = others_late (h, &err);
    others_end (h, mark, late);
    /* A command that names the VM reports it, and has to wait for it. */
    if (err.code && !late && err.exit_code != EXIT_RUNNING
        && err.exit_code != EXIT_TIMEOUT) {
        hvctl_warn ("%s", err.text);
    }
}
