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
#include "core/command.h"
#include "core/host.h"
#include "core/journal.h"
#include "core/saved.h"
#include "core/sweep.h"
#include "core/watch.h"

#define ACPI_EVERY 5000 /* A guest that is booting misses the first. */
#define QUIT_TIMEOUT 5000
#define KILL_TIMEOUT 10000
#define RELEASE_TIMEOUT 20000
#define RECORD_TIMEOUT 1000

static const char *
last_path (struct hvctl *h, const char *name)
{
    return arena_format (&h->arena, "%s/last", state_keep_dir (h, name));
}

/* The hypervisor was killed in mid-sentence: its log says why. */
static void
log_violation (struct hvctl *h, const char *name, const char *line)
{
    const char *path =
        arena_format (&h->arena, "%s/hypervisor.log", state_log_dir (h, name));
    int fd = open (path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

    if (fd >= 0) {
        dprintf (fd, "hvctl: %s: %s\n", name, describe_end (h, line));
        close (fd);
    }
}

/* Keeps how the run ended beyond the run directory. */
static void
keep_end (struct hvctl *h, const char *name, pid_t pid)
{
    const char *line = state_read_line (
        h, arena_format (&h->arena, "%s/end", state_dir (h, name)));
    struct error ignored = { 0 };

    if (line && make_dirs (state_keep_dir (h, name), 0700, &ignored) == 0) {
        line = watched_end (h, name, complete_end (h, line, pid));
        if (!strncmp (line, "signal 31 ", 10)) {
            log_violation (h, name, line);
        }
        write_file (last_path (h, name), 0600,
                    arena_format (&h->arena, "%s\n", line), &ignored);
    }
}

int
machine_release (struct hvctl *h, const char *name, struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct vm_state s;

    if (access (state_dir (h, name), F_OK) < 0) {
        return 0;
    }
    state_read (h, name, &s);
    if (state_lock (h, name, &lock, err) < 0) {
        return -err->code;
    }
    if (journal_undo (h, name, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    keep_end (h, name, s.pid);
    state_remove (h, name);
    return 0;
}

/* Opens the process that the state file names; -1 if it is another by now. */
static int
open_process (pid_t pid, uint64_t start_time)
{
    int fd = pid > 0 ? (int)syscall (SYS_pidfd_open, pid, 0) : -1;

    if (fd >= 0 && process_start_time (pid) != start_time) {
        close (fd);
        fd = -1;
    }
    return fd;
}

static bool
gone_within (int pidfd, int64_t ms)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };
    int64_t until = now_ms () + ms;

    do {
        int64_t left = until - now_ms ();

        if (poll (&p, 1, left > 0 ? (int)left : 0) > 0) {
            return true;
        }
    } while (now_ms () < until && !hvctl_interrupted);
    return false;
}

int
find_target (struct hvctl *h, const char *name, struct target *t,
             struct error *err)
{
    state_read (h, name, &t->state);
    t->pidfd = -1;
    if (t->state.run == RUN_STOPPED || t->state.run == RUN_STALE) {
        return fail_exit (err, EXIT_NOT_RUNNING, ESRCH, "%s is not running",
                          name);
    }
    t->pidfd = open_process (t->state.pid, t->state.start_time);
    if (t->pidfd < 0) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is being started or released by another hvctl",
                          name);
    }
    t->plugin =
        t->state.hypervisor ? loader_find (h, t->state.hypervisor) : NULL;
    if (!t->plugin || !t->plugin->has_hypervisor) {
        return fail (err, ENOTSUP,
                     "%s runs on the plugin %s, which is no longer "
                     "installed: install it, or use hvctl kill",
                     name, t->state.hypervisor ? t->state.hypervisor : "?");
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

/* The supervisor is about to write how the process ended: into a directory
 * that must not go before. */
static void
await_record (struct hvctl *h, const char *name)
{
    const char *end = arena_format (&h->arena, "%s/end", state_dir (h, name));
    int64_t until = now_ms () + RECORD_TIMEOUT;
    struct vm_state s;

    state_read (h, name, &s);
    while (s.run == RUN_STALE && access (end, F_OK) < 0 && now_ms () < until
           && process_is_alive (s.supervisor, s.supervisor_start)) {
        poll (NULL, 0, 1);
    }
}

/* Waits until the supervisor's release is through, or does it. */
static int
finish (struct hvctl *h, const char *name, struct error *err)
{
    int64_t until = now_ms () + RELEASE_TIMEOUT;

    await_record (h, name);
    while (machine_release (h, name, err) < 0) {
        if (err->exit_code != EXIT_RUNNING || now_ms () > until) {
            return -err->code;
        }
        poll (NULL, 0, 5);
    }
    return 0;
}

static int
kill_and_wait (const char *name, int pidfd, enum stop_way *way,
               struct error *err)
{
    *way = STOP_KILL;
    if (syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) < 0
        && errno != ESRCH) {
        return fail (err, errno, "%s: cannot kill its process: %m", name);
    }
    if (!gone_within (pidfd, KILL_TIMEOUT)) {
        return fail (err, ETIMEDOUT,
                     "%s: its process does not end although it was killed: "
                     "the kernel holds it (a disk that does not answer, "
                     "perhaps)",
                     name);
    }
    return 0;
}

int
kill_target (struct target *t, struct error *err)
{
    enum stop_way way;

    return kill_and_wait (t->vm.name, t->pidfd, &way, err);
}

/* The gentle ways; returns true when the process is gone. */
static bool
ask_to_end (struct hvctl *h, struct target *t, int64_t timeout,
            enum stop_way *way)
{
    int64_t until = now_ms () + timeout;
    struct error ignored = { 0 };
    struct hv_status status = { 0 };

    *way = STOP_ACPI;
    /* A guest whose processors are stopped cannot react. */
    if (t->state.run == RUN_PAUSED
        || (hypervisor_status (t->plugin, &t->vm, &status, &ignored) == 0
            && status.state != HV_RUNNING)) {
        until = 0;
    }
    while (now_ms () < until && !hvctl_interrupted) {
        int64_t left = until - now_ms ();

        hypervisor_powerdown (t->plugin, &t->vm, &ignored);
        if (gone_within (t->pidfd, left < ACPI_EVERY ? left : ACPI_EVERY)) {
            return true;
        }
    }
    if (hvctl_interrupted) {
        return false;
    }
    *way = STOP_QUIT;
    note_quit (h, t->vm.name);
    return hypervisor_quit (t->plugin, &t->vm, &ignored) == 0
           && gone_within (t->pidfd, QUIT_TIMEOUT);
}

int
machine_stop (struct hvctl *h, const char *name, int64_t timeout,
              enum stop_way *way, struct error *err)
{
    struct target t = { .pidfd = -1 };
    int rc;

    *way = STOP_NOTHING;
    if (find_target (h, name, &t, err) < 0) {
        return err->exit_code == EXIT_NOT_RUNNING ? finish (h, name, err)
                                                  : -err->code;
    }
    rc = ask_to_end (h, &t, timeout, way) ? 0 : 1;
    if (rc && hvctl_interrupted) {
        rc = fail (err, EINTR,
                   "%s: interrupted while it was being stopped; "
                   "it goes on",
                   name);
    } else if (rc) {
        rc = kill_and_wait (name, t.pidfd, way, err);
    }
    close_fd (t.pidfd);
    return rc < 0 ? rc : finish (h, name, err);
}

int
machine_kill (struct hvctl *h, const char *name, enum stop_way *way,
              struct error *err)
{
    struct vm_state s;
    CLEANUP_CLOSE int pidfd = -1;

    *way = STOP_NOTHING;
    state_read (h, name, &s);
    if (s.run != RUN_STOPPED && s.run != RUN_STALE) {
        pidfd = open_process (s.pid, s.start_time);
        if (pidfd < 0) {
            return fail_exit (err, EXIT_RUNNING, EBUSY,
                              "%s is being started or released by another "
                              "hvctl",
                              name);
        }
        if (kill_and_wait (name, pidfd, way, err) < 0) {
            return -err->code;
        }
    }
    return finish (h, name, err);
}

int
write_target (struct hvctl *h, struct target *t, struct error *err)
{
    struct error ignored = { 0 };
    int rc = state_write (h, &t->state, err);

    if (!gone_within (t->pidfd, 0)) {
        return rc;
    }
    finish (h, t->vm.name, &ignored);
    *err = (struct error){ 0 };
    return 0;
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
        if (s->run == RUN_STALE) {
            *detail = "not released yet: the next command that changes "
                      "something does it";
        } else if (s->run == RUN_STOPPED
                   && saved_read (h, saved_dir (h, name), NULL)) {
            *text = "saved";
            *detail = "the next start goes on from there";
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

const char *
machine_last_end (struct hvctl *h, const char *name, int64_t *when)
{
    const char *line = state_read_line (h, last_path (h, name));
    long long seconds = 0;

    if (!line) {
        return NULL;
    }
    if (sscanf (line, "%*s %*d %lld", &seconds) != 1) {
        sscanf (line, "%*s %lld", &seconds); /* "unknown" has no number. */
    }
    *when = seconds;
    return describe_end (h, line);
}

/* A start that was killed half-way: nobody will let the guest run.  What
 * attends a start ends it, too, but may have been killed as well. */
static void
end_half_start (struct hvctl *h, const struct vm_state *s)
{
    struct error err = { 0 };
    enum stop_way way;
    CLEANUP_CLOSE int pidfd = open_process (s->pid, s->start_time);

    if (pidfd >= 0
        && (kill_and_wait (s->name, pidfd, &way, &err) < 0
            || finish (h, s->name, &err) < 0)) {
        hvctl_warn ("%s", err.text);
    }
}

static void
give_supervisor (struct hvctl *h, struct vm_state *s)
{
    struct supervision sup = {
        .supervisor = h->host->supervisor,
        .end_file = arena_format (&h->arena, "%s/end", state_dir (h, s->name)),
        .release = own_command (h, "release", s->name),
        .logs = state_log_dir (h, s->name),
    };
    struct error err = { 0 };

    watch_read (h, s->name, &sup);
    if (spawn_supervisor (&sup, s->pid, s->start_time, &s->supervisor, &err)
        < 0) {
        hvctl_warn ("%s has no supervisor: %s", s->name, err.text);
        return;
    }
    s->supervisor_start = process_start_time (s->supervisor);
    state_write (h, s, &err);
}

void
machine_sweep (struct hvctl *h)
{
    struct vec names = { 0 };

    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct error err = { 0 };
        struct vm_state s;

        state_read (h, names.p[i], &s);
        sweep_spare (h, &s);
        if (s.run == RUN_STALE) {
            if (machine_release (h, s.name, &err) < 0
                && err.exit_code != EXIT_RUNNING) {
                hvctl_warn ("%s", err.text);
            }
        } else if (s.run == RUN_STARTING) {
            if (!state_has_starter (h, s.name)) {
                end_half_start (h, &s);
            }
        } else if (s.run != RUN_STOPPED
                   && !process_is_alive (s.supervisor, s.supervisor_start)) {
            give_supervisor (h, &s);
        }
    }
    sweep_once (h);
}
