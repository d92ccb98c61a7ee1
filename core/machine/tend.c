/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a crash or a kill left of VMs that run, or ran, is finished by the next
 * command that changes something.  The trouble of one VM is not to be that of
 * another: who does not come for this VM does not wait for it. */
#include <fnmatch.h>
#include <poll.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/machine/change.h"
#include "core/machine/machine.h"
#include "core/machine/recover.h"
#include "core/machine/sweep.h"
#include "core/machine/watch.h"
#include "core/process/spawn.h"
#include "core/state/command.h"
#include "core/state/holders.h"
#include "core/state/others.h"
#include "core/state/state.h"

#define PATIENCE 5000
#define KILL_PATIENCE 10000
#define OTHERS_PATIENCE 300

/* Keeps those out who start, or look after, this VM, and reads its state again:
 * what was seen before may have ended meanwhile.  False: somebody is at it. */
static bool
look_again (struct hvctl *h, const char *name, struct vm_state *s, int *starter)
{
    struct error ignored = { 0 };

    if (state_lock_starter (h, name, starter, &ignored) < 0) {
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
    return machine_release (h, name, mine ? PATIENCE : 0, err);
}

/* A start that was killed half-way: nobody will let the guest run.  What
 * attends a start ends it, too, but may have been killed as well. */
static int
end_half_start (struct hvctl *h, const char *name, bool mine, struct error *err)
{
    CLEANUP_CLOSE int pidfd = -1;
    struct vm_state s;
    int starter = -1, rc;

    if (!look_again (h, name, &s, &starter)) {
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
           : mine    ? machine_finish (h, &s, false, err)
                     : machine_release (h, name, 0, err);
}

/* Whose supervisor cannot be told is not given another. */
bool
machine_lacks_supervisor (struct hvctl *h, const struct vm_state *s)
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
        .release = own_command (h, "release", name),
        .logs = state_log_dir (h, name),
        .serial = serial_dir (h, name),
        .patience = mine ? 0 : others_left (h, OTHERS_LIMIT),
    };
    CLEANUP_CLOSE int starter = -1;
    struct error ignored = { 0 };
    struct vm_state s;

    if (!look_again (h, name, &s, &starter)
        || !machine_lacks_supervisor (h, &s)) {
        return 0;
    }
    watch_read (h, name, &sup);
    if (spawn_supervisor (&sup, s.pid, s.start_time, &s.supervisor, err) < 0) {
        return fail_prefix (err, "%s has no supervisor", name);
    }
    s.supervisor_start = process_start_time (s.supervisor);
    state_write (h, &s, &ignored);
    return 0;
}

static void
tend (struct hvctl *h, const char *name, bool mine)
{
    const char *mark =
        arena_format (&h->arena, "%s/" LATE_FILE, state_dir (h, name));
    int (*fn) (struct hvctl *, const char *, bool, struct error *) = NULL;
    struct error err = { 0 };
    struct vm_state s;
    bool late;

    state_read (h, name, &s);
    sweep_spare (h, &s);
    if (s.run == RUN_STALE) {
        fn = release_stale;
    } else if (s.run == RUN_STARTING
               && !state_is_held (h, name, STARTER_FILE)) {
        fn = end_half_start;
    } else if (machine_lacks_supervisor (h, &s)) {
        fn = give_supervisor;
    }
    if (!fn || !others_begin (h, mine, mark)) {
        return;
    }
    fn (h, name, mine, &err);
    late = others_late (h, &err);
    others_end (h, mark, late);
    /* Who comes for it is told, and has it to wait for. */
    if (err.code && !late && err.exit_code != EXIT_RUNNING
        && err.exit_code != EXIT_TIMEOUT) {
        hvctl_warn ("%s", err.text);
    }
}

void
machine_tend (struct hvctl *h, const char *name)
{
    tend (h, name, true);
}

bool
is_named (const struct vec *names, const char *name)
{
    for (size_t i = 0; names && i < names->n; i++) {
        if (fnmatch (names->p[i], name, 0) == 0) {
            return true;
        }
    }
    return false;
}

void
machine_sweep (struct hvctl *h, const struct vec *mine)
{
    struct vec names = { 0 };

    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        tend (h, names.p[i], is_named (mine, names.p[i]));
    }
    recover_all (h, mine);
    sweep_once (h);
}

int
write_target (struct hvctl *h, struct target *t, struct error *err)
{
    int64_t until = now_ms () + OTHERS_PATIENCE;
    CLEANUP_CLOSE int starter = -1;
    struct error ignored = { 0 };
    struct vm_state s;

    while (!look_again (h, t->vm.name, &s, &starter)) {
        if (process_gone_within (t->pidfd, 1)) {
            break;
        }
        if (now_ms () >= until) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "another hvctl%s looks after it for too long: "
                              "what it is now is not written down",
                              holders_run_text (h, t->vm.name));
        }
    }
    if (process_gone_within (t->pidfd, 0)) {
        close_fd (starter);
        starter = -1;
        machine_finish (h, &t->state, false, &ignored);
        return 0;
    }
    t->state.supervisor = s.supervisor;
    t->state.supervisor_start = s.supervisor_start;
    return state_write (h, &t->state, err);
}
