/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The order of a start; see the diagram in hvctl/plugin.h.  On any failure
 * roll_back() undoes what was done, without further messages. */
#include "core/machine/start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/json.h"
#include "core/base/process.h"
#include "core/config/definition.h"
#include "core/config/host.h"
#include "core/machine/acquire.h"
#include "core/machine/agent-freeze.h"
#include "core/machine/descriptors.h"
#include "core/machine/helper.h"
#include "core/machine/launch.h"
#include "core/machine/broker-list.h"
#include "core/machine/preflight.h"
#include "core/machine/release.h"
#include "core/machine/save.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/scope.h"
#include "core/machine/seed-file.h"
#include "core/machine/sockets.h"
#include "core/machine/sweep.h"
#include "core/machine/settle.h"
#include "core/machine/taken.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-layers.h"
#include "core/plan/plan-make.h"
#include "core/plan/weaker.h"
#include "core/process/spawn.h"
#include "core/process/supervise.h"
#include "core/provider/hypervisor.h"
#include "core/provider/network.h"
#include "core/sandbox/jail.h"
#include "core/state/command.h"
#include "core/state/ending-text.h"
#include "core/state/ending.h"
#include "core/state/journal.h"
#include "core/state/state-kept.h"
#include "core/state/state-lock.h"
#include "core/state/state-uid.h"
#include "core/state/state-run.h"
#include "core/state/unfinished.h"

/* A hypervisor on a busy host, loading a large initrd. */
#define READY_TIMEOUT 60000

struct start {
    struct hvctl *h;
    struct plan *plan;
    const char *name;
    const struct start_wish *wish;
    /* Descriptors, or -1. */
    int lock, starter, uid_lock, uid_fd, process_fd, log;
    uint64_t uid;
    struct supervision supervision;
    struct process process; /* pid 0: not yet. */
    struct acquired got;
    struct vm_state state;
    bool died;        /* The hypervisor, by itself. */
    bool taken, went; /* The saved state; its guest may have run. */
};

/* The log of the hypervisor's output. */
static const char *
words_path (struct start *s)
{
    return arena_format (&s->h->arena, "%s/hypervisor.log",
                         state_log_dir (s->h, s->name));
}

static int
take_lock (struct start *s, struct error *err)
{
    if (state_lock (s->h, s->name, &s->lock, err) < 0) {
        return -err->code;
    }
    /* This directory was left by a run that was not cleaned up. */
    if (journal_undo (s->h, s->name, err) < 0) {
        return fail_prefix (err, "cannot clean up after the last run");
    }
    unlink (arena_format (&s->h->arena, "%s/end", s->plan->vm.rundir));
    unlink (arena_format (&s->h->arena, "%s/state", s->plan->vm.rundir));
    descriptors_unlink (&s->h->arena, s->plan->vm.rundir, &s->plan->launch);
    return 0;
}

static int
write_plan (struct start *s, struct error *err)
{
    return json_write (
        arena_format (&s->h->arena, "%s/plan", s->plan->vm.rundir),
        plan_json (s->h, s->plan), err);
}

static void
fill_state (struct start *s)
{
    const struct definition *def = s->plan->def;

    s->state = (struct vm_state){
        .name = s->name,
        .run = RUN_STARTING,
        .started = time (NULL),
        .uuid = def->uuid,
        .hypervisor = s->plan->hypervisor->name,
        .arch = def->arch,
        .program = s->plan->program,
        .machine = s->plan->choice.machine,
        .accelerator = s->plan->choice.accelerator,
        .accelerator_why = s->plan->choice.accelerator_why,
        .memory = def->memory,
        .cpus = def->cpus,
        .uid = s->uid,
        .file = def->file,
    };
}

static int
prepare (struct start *s, struct error *err)
{
    if (state_lock_starter (s->h, s->name, &s->starter, err) < 0
        || state_open_process (s->h, s->name, &s->process_fd, err) < 0
        || file_make_dirs (state_log_dir (s->h, s->name), 0700, err) < 0) {
        return -err->code;
    }
    if (s->h->host->root
        && state_take_uid (s->h, s->name, &s->uid, &s->uid_lock, &s->uid_fd,
                           err)
               < 0) {
        return -err->code;
    }
    s->log = descriptors_open_log (s->h, s->name, "hypervisor", err);
    if (s->log < 0) {
        return -err->code;
    }
    fill_state (s);
    /* Of two that start at once, one sees the other's plan.  'plan' does not
     * look, since it must not cost more the more VMs run. */
    return write_plan (s, err) < 0 || taken_check (s->h, s->plan, err) < 0
               ? -err->code
               : 0;
}

static int
acquire (struct start *s, struct error *err)
{
    if (saved_check_disks (s->h, s->plan, err) < 0
        || acquire_variables (s->h, s->plan, err) < 0
        || seed_file_write (s->h, s->plan, err) < 0
        || acquire_volumes (s->h, s->plan, err) < 0
        || descriptors_open_all (s->h, s->name, s->plan->vm.rundir,
                                 &s->plan->launch, s->got.fds, err)
               < 0) {
        return -err->code;
    }
    if ((s->plan->launch.watch && settle_write (s->h, s->plan, err) < 0)
        || (s->plan->launch.lent.n
            && broker_list_write (s->h, s->plan, err) < 0)
        || (sockets_are (s->plan) && sockets_write (s->h, s->plan, err) < 0)) {
        return -err->code;
    }
    return acquire_ports (s->h, s->plan, &s->got, err);
}

static int
launch (struct start *s, struct error *err)
{
    const struct hv_launch *l = &s->plan->launch;
    struct arena *a = &s->h->arena;
    CLEANUP_CLOSE int null_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
    const int streams[] = { null_fd, s->log, s->log };
    const int kept[] = { s->process_fd, s->uid_fd, -1 };
    const struct launch_given given = { streams, s->got.fds, kept };
    struct jail jail =
        launch_jail_of (s->plan, (uid_t)s->uid, s->wish->sandbox);
    CLEANUP_FREE char *weaker = NULL;

    launch_jail (s->h, s->plan->hypervisor, l, &given, &jail);
    launch_supervision (s->h, s->plan, &jail, s->wish->foreground,
                        &s->supervision);
    if (spawn_jailed (&jail, &s->supervision, &s->process, &weaker, err) < 0) {
        s->process.pid = 0;
        return -err->code;
    }
    /* From here on the hypervisor is what is waited for. */
    file_settle ();
    launch_close (&s->plan->launch, s->got.fds);
    s->state.pid = s->process.pid;
    s->state.start_time = s->process.start_time;
    /* In the foreground we become the supervisor, by exec. */
    s->state.supervisor =
        s->wish->foreground ? getpid () : s->process.supervisor;
    s->state.supervisor_start = process_start_time (s->state.supervisor);
    s->state.weaker = weaker_text (a, s->plan, weaker);
    s->state.sandbox = jail.mode == SANDBOX_LOG        ? "log"
                       : jail.mode >= SANDBOX_DIAGNOSE ? "diagnose"
                       : s->state.weaker               ? "weaker"
                                                       : "full";
    state_keep_process (s->h, &s->state);
    return state_write (s->h, &s->state, err);
}

/* The hypervisor's exit explains more than its broken connection. */
static int
explain_death (struct start *s, struct error *err)
{
    struct pollfd p = { .fd = s->process.pidfd, .events = POLLIN };
    int64_t until = now_ms () + 1000;
    const char *words, *how = NULL;

    if (err->code == EINTR || poll (&p, 1, 300) <= 0) {
        return -err->code;
    }
    while (!s->wish->foreground && !how && now_ms () < until) {
        how = state_read_line (s->h, s->supervision.end_file);
        if (!how) {
            poll (NULL, 0, 2);
        }
    }
    how = how ? ending_complete (s->h, how, s->process.pid, s->uid) : NULL;
    words = ending_last_words (s->h, words_path (s));
    s->died = true;
    return fail (
        err, err->code, "%s exited before the guest could run (%s): %s",
        s->plan->program, how ? ending_describe (s->h, how) : "how is unknown",
        words ? words
              : "it printed nothing; its log is in the VM's directory in "
                "log_dir");
}

/* Restores the saved state, or discards it.  It is removed before the guest
 * runs: after that its disks change. */
static int
restore (struct start *s, struct error *err)
{
    const struct plan *plan = s->plan;

    if (plan->vm.saved) {
        context_stage (s->h, "restoring the memory");
    }
    if (plan->vm.saved && save_restore (s->h, plan, err) < 0) {
        explain_death (s, err);
        return err->code == EINTR
                   ? -EINTR
                   : fail (err, err->code,
                           "its saved state cannot be restored, and is kept "
                           "(start --fresh discards it): %s",
                           err->text);
    }
    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    return saved_take (s->h, s->name, &s->taken, err);
}

/* Lets the guest run, unless it had been paused when it was saved. */
static int
go (struct start *s, struct error *err)
{
    const struct plan *plan = s->plan;

    if (s->taken
        && (saved_doubt_disks (s->h, saved_used_dir (s->h, s->name), plan, err)
                < 0
            || unfinished_add (s->h, s->name, "go", NULL, err) < 0)) {
        return -err->code;
    }
    ending_forget (s->h, s->name);
    s->state.run = plan->def->saved_paused ? RUN_PAUSED : RUN_RUNNING;
    /* The guest will compete for the processor. */
    if (state_prepare (s->h, &s->state, err) < 0) {
        return -err->code;
    }
    if (!plan->def->saved_paused
        && hypervisor_go (plan->hypervisor, &plan->vm, err) < 0) {
        return explain_death (s, err);
    }
    s->went = true;
    if (state_commit (s->h, &s->state, err) < 0) {
        return -err->code;
    }
    if (s->taken && !plan->def->saved_paused) {
        agent_freeze_set_clock (s->h, s->name);
    }
    return 0;
}

/* Waits for the ports that use vhost-user, or for the others. */
static int
ports_ready (const struct plan *plan, bool vhost_user, struct error *err)
{
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if ((n->nic.kind == HV_NIC_VHOST_USER) == vhost_user
            && network_ready (n->plugin, &n->port, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

static int
bring_up (struct start *s, struct error *err)
{
    struct plan *plan = s->plan;

    for (size_t i = 0; i < plan->nics.n; i++) {
        struct helper *p = &s->got.helpers[i];

        if (helper_start (s->h, s->name, s->wish->sandbox, p, err) < 0) {
            return -err->code;
        }
        weaker_nic (&s->h->arena, &s->state, p->nic->def->name, p->weaker);
    }
    /* The hypervisor does not continue before the other side has connected. */
    if (ports_ready (plan, true, err) < 0) {
        return -err->code;
    }
    if (hypervisor_ready (plan->hypervisor, &plan->vm, READY_TIMEOUT, err)
        < 0) {
        sockets_explain (plan, err);
        return explain_death (s, err);
    }
    if (ports_ready (plan, false, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->nics.n; i++) {
        if (helper_settle (s->h, s->name, &s->got.helpers[i], err) < 0) {
            return -err->code;
        }
    }
    if (spawn_seal (&s->process, err) < 0) {
        return explain_death (s, err);
    }
    return restore (s, err) < 0 || go (s, err) < 0 ? -err->code : 0;
}

static void
roll_back (struct start *s)
{
    struct error err = { 0 };
    struct undisturbed u;

    if (s->process.pid) {
        spawn_abort (&s->process);
    }
    for (size_t i = 0; i < s->plan->nics.n; i++) {
        helper_abort (&s->got.helpers[i]);
    }
    launch_close (&s->plan->launch, s->got.fds);
    file_settle ();
    if (s->lock < 0) {
        return;
    }
    interrupt_block (&u);
    if (s->taken) {
        saved_end (s->h, s->name, s->went);
    }
    if (release_process (s->h, s->name, &err) < 0
        || journal_undo (s->h, s->name, &err) < 0) {
        hvctl_warn ("%s: %s (the next command that makes a change tries again)",
                    s->name, err.text);
    } else {
        state_remove (s->h, s->name);
    }
    interrupt_unblock (&u);
}

/* Reports the failure, and whether the saved state is left. */
static void
explain_failure (const struct start *s, struct error *err)
{
    /* The signal may have ended a process of ours, too. */
    if (interrupt_came && err->code != EINTR) {
        fail (err, EINTR, "interrupted (%s)", err->text);
    }
    if (err->code == EINTR && s->plan->vm.saved && !s->went) {
        fail (err, EINTR,
              "%s: the saved state is kept, and the next start restores it",
              err->text);
    }
    fail_prefix (err, "%s", s->name);
}

/* A VM that runs in the background is kept while the host shuts down, until its
 * guest was asked to. */
static void
enter_scope (const struct start *s)
{
    const struct plan *plan = s->plan;
    pid_t *pids = arena_alloc (&s->h->arena, (2 + plan->nics.n) * sizeof *pids);
    struct error err = { 0 };
    size_t n = 0;

    pids[n++] = s->process.pid;
    if (s->process.supervisor) {
        pids[n++] = s->process.supervisor;
    }
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct helper *p = &s->got.helpers[i];

        if (p->started) {
            pids[n++] = p->process.pid;
        }
    }
    if (scope_enter (s->name, pids, n, &err) < 0) {
        hvctl_warn ("%s will not be shut down cleanly with the host, since "
                    "systemd gave it no scope of its own: %s",
                    s->name, err.text);
    }
}

static int
start_once (struct hvctl *h, struct plan *plan, const struct start_wish *wish,
            bool *died, struct vm_state *out, struct error *err)
{
    struct start s = { .h = h,
                       .plan = plan,
                       .name = plan->def->name,
                       .wish = wish,
                       .lock = -1,
                       .starter = -1,
                       .uid_lock = -1,
                       .uid_fd = -1,
                       .process_fd = -1,
                       .log = -1,
                       .process = { .pidfd = -1 } };
    int rc = 0;

    acquire_nothing (h, plan, &s.got);
    if (preflight (h, plan, wish->sandbox, err) < 0 || take_lock (&s, err) < 0
        || prepare (&s, err) < 0 || acquire (&s, err) < 0
        || launch (&s, err) < 0 || bring_up (&s, err) < 0) {
        rc = -err->code;
        roll_back (&s);
        explain_failure (&s, err);
    } else {
        if (s.taken) {
            saved_end (h, s.name, true);
        }
        if (!wish->quiet) {
            weaker_tell (h, plan, &s.state);
        }
        if (!wish->foreground) {
            enter_scope (&s);
        }
        sweep_used (h, plan);
        plan_note_layers (h, plan);
        *out = s.state;
    }
    acquire_close_held (plan, &s.got);
    close_fd (s.lock);
    close_fd (s.starter);
    close_fd (s.uid_lock);
    close_fd (s.uid_fd);
    close_fd (s.process_fd);
    close_fd (s.log);
    *died = s.died;
    if (rc == 0 && wish->foreground) {
        rc = supervise_here (&s.supervision, &s.process,
                             command_own (h, "stop", s.name), err);
    }
    close_fd (s.process.pidfd);
    for (size_t i = 0; i < plan->nics.n; i++) {
        helper_let_go (&s.got.helpers[i]);
    }
    return rc;
}

int
start_vm (struct hvctl *h, struct plan *plan, const struct start_wish *wish,
          struct vm_state *out, struct error *err)
{
    bool died = false;
    int rc = start_once (h, plan, wish, &died, out, err);

    if (rc < 0 && died && plan_anew (h, &plan, err)) {
        *err = (struct error){ 0 };
        rc = start_once (h, plan, wish, &died, out, err);
    }
    return rc < 0 ? -err->code : 0;
}
