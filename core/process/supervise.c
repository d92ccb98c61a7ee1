/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Executes the supervisor (supervisor/supervisor.c, which explains its
 * arguments): in the process that spawn.c forks for it, for a process that
 * has lost its own, and in hvctl's place in the foreground. */

#include "core/process/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/cleanup.h"
#include "core/base/process.h"

#define EXECUTION_TIMEOUT 30000

#define MAX_ARGUMENTS 64

/* The supervisor's command line, and room for its numbers. */
struct command {
    char *argv[MAX_ARGUMENTS];
    size_t n;
    char text[20][4128];
    size_t n_text;
};

/* -------------------------------------------- the supervisor's arguments */

static void
add_argument (struct command *cmd, const char *text)
{
    if (cmd->n < MAX_ARGUMENTS - 1) {
        cmd->argv[cmd->n++] = (char *)text;
    }
}

static void ERROR_PRINTF (2, 3)
    add_setting (struct command *cmd, const char *fmt, ...)
{
    char *text = cmd->text[cmd->n_text++];
    va_list args;

    va_start (args, fmt);
    vsnprintf (text, sizeof *cmd->text, fmt, args);
    va_end (args);
    add_argument (cmd, text);
}

static void
add_list (struct command *cmd, const char *const *list)
{
    for (; list && *list; list++) {
        add_argument (cmd, *list);
    }
}

static void
begin_command (struct command *cmd, const struct supervision *sup, pid_t pid,
               uint64_t start_time)
{
    cmd->n = cmd->n_text = 0;
    add_argument (cmd, sup->supervisor);
    add_setting (cmd, "pid=%d", (int)pid);
    add_setting (cmd, "start=%" PRIu64, start_time);
    if (sup->end_file) {
        add_setting (cmd, "end=%s", sup->end_file);
    }
    if (sup->logs) {
        add_setting (cmd, "logs=%s", sup->logs);
    }
    if (sup->serial) {
        add_setting (cmd, "serial=%s", sup->serial);
    }
}

/* The lock is of the kind that tells the number of its owner, so the process
 * that takes it owns it, and keeps it through execve().  '*fd' is -1 if there
 * is no lock to take.  Returns false if another process has it. */
static bool
lock_supervisor (const struct supervision *sup, int *fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    *fd = -1;
    if (!sup->lock) {
        return true;
    }
    *fd = open (sup->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return *fd >= 0 && fcntl (*fd, F_SETLK, &lock) == 0;
}

static int
count (const char *const *list)
{
    int n = 0;

    while (list && list[n]) {
        n++;
    }
    return n;
}

static void
add_watch (struct command *cmd, const struct supervision *sup)
{
    if (sup->watch) {
        add_setting (cmd, "watch=%s", sup->watch);
        add_setting (cmd, "word=%s", sup->word);
        add_setting (cmd, "look=%d", count (sup->look));
    }
}

static void
end_command (struct command *cmd, const struct supervision *sup)
{
    add_argument (cmd, "--");
    if (sup->watch) {
        add_list (cmd, sup->look);
    }
    add_list (cmd, sup->release);
}

/* Executes it with the given descriptors open; returns only on failure. */
static void
execute_command (struct command *cmd, const struct supervision *sup,
                 const int *keep, size_t n_keep)
{
    for (size_t i = 0; i < n_keep; i++) {
        if (keep[i] >= 0) {
            fcntl (keep[i], F_SETFD, 0);
        }
    }
    cmd->argv[cmd->n] = NULL;
    execv (sup->supervisor, cmd->argv);
}

/* ------------------------------------------------------------- executing */

void
supervise_report (int status, const char *step, int code, const char *detail,
                  bool namespaces)
{
    struct jail_failure failure = { .code = code, .namespaces = namespaces };

    snprintf (failure.step, sizeof failure.step, "%s", step);
    snprintf (failure.detail, sizeof failure.detail, "%s", detail);
    (void)!write (status, &failure, sizeof failure);
}

void
supervise_become (const struct supervision *sup, const struct watch *w)
{
    static struct command cmd;
    int lock = -1;
    bool locked = sup->foreground || lock_supervisor (sup, &lock);
    const int keep[] = { w->pidfd, w->control, w->notify, lock };

    begin_command (&cmd, sup, w->pid, w->start_time);
    add_setting (&cmd, "lock=%d", lock);
    add_setting (&cmd, "pidfd=%d", w->pidfd);
    add_setting (&cmd, "control=%d", w->control);
    add_setting (&cmd, "notify=%d", w->notify);
    add_argument (&cmd, sup->foreground ? "answer=1" : "child=1");
    if (sup->diagnosis) {
        add_setting (&cmd, "diagnosis=%s", sup->diagnosis);
    }
    if (sup->lent) {
        add_setting (&cmd, "lent=%s", sup->lent);
    }
    if (sup->binds) {
        add_setting (&cmd, "binds=%s", sup->binds);
    }
    add_watch (&cmd, sup);
    end_command (&cmd, sup);
    if (locked) {
        execute_command (&cmd, sup, keep, ARRAY_SIZE (keep));
    }
    supervise_report (w->status,
                      locked ? "executing the supervisor"
                             : "locking the process file",
                      errno, locked ? sup->supervisor : sup->lock, false);
    process_signal (w->pidfd, SIGKILL);
    _exit (127);
}

/* Waits for the execution, which closes the other end. */
static int
await_supervisor (int status, int64_t ms, struct error *err)
{
    struct pollfd fd = { .fd = status, .events = POLLIN };
    struct jail_failure failure;
    ssize_t n;

    if (poll (&fd, 1, (int)(ms ? ms : EXECUTION_TIMEOUT)) != 1) {
        return fail (err, ETIMEDOUT, "the supervisor did not start");
    }
    n = recv (status, &failure, sizeof failure, 0);
    return n != sizeof failure
               ? 0
               : fail (err, failure.code, "%s (%s): %s", failure.step,
                       failure.detail, strerror (failure.code));
}

int
supervise_start (const struct supervision *sup, pid_t pid, uint64_t start_time,
                 pid_t *supervisor, struct error *err)
{
    static struct command cmd;
    int status[2], r;

    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, status) < 0) {
        return fail (err, errno,
                     "cannot create a socket pair for a process: %m");
    }
    *supervisor = fork ();
    if (*supervisor == 0) {
        int lock;

        process_forget_signals ();
        setsid ();
        if (!lock_supervisor (sup, &lock)) {
            supervise_report (status[1], "locking the process file", errno,
                              sup->lock, false);
            _exit (127);
        }
        begin_command (&cmd, sup, pid, start_time);
        add_setting (&cmd, "lock=%d", lock);
        add_watch (&cmd, sup);
        end_command (&cmd, sup);
        execute_command (&cmd, sup, &lock, 1);
        supervise_report (status[1], "executing the supervisor", errno,
                          sup->supervisor, false);
        _exit (127);
    }
    close_fd (status[1]);
    r = *supervisor < 0 ? fail (err, errno, "cannot create a process: fork: %m")
                        : await_supervisor (status[0], sup->patience, err);
    close_fd (status[0]);
    if (r < 0 && *supervisor > 0) {
        kill (*supervisor, SIGKILL); /* It has failed, perhaps without
                                      * noticing. */
        process_reap (*supervisor, NULL);
    }
    return r;
}

int
supervise_here (const struct supervision *sup, const struct process *p,
                const char *const *stop, struct error *err)
{
    static struct command cmd;
    int lock;

    if (!lock_supervisor (sup, &lock)) {
        return fail (err, errno, "cannot lock %s: %m", sup->lock);
    }
    begin_command (&cmd, sup, p->pid, p->start_time);
    add_setting (&cmd, "lock=%d", lock);
    add_setting (&cmd, "pidfd=%d", p->pidfd);
    add_argument (&cmd, "child=1");
    add_argument (&cmd, "foreground=1");
    add_setting (&cmd, "attendant=%d", (int)p->attendant);
    add_setting (&cmd, "stop=%d", count (stop));
    add_argument (&cmd, "--");
    add_list (&cmd, stop);
    add_list (&cmd, sup->release);
    execute_command (&cmd, sup, (const int[]){ p->pidfd, lock }, 2);
    return fail (err, errno, "the supervisor cannot be executed: %s: %m",
                 sup->supervisor);
}
