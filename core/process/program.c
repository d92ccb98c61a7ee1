/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Helper programs, run to their end: found in a fixed path, with an
 * environment of our own, limits, a timeout that ends the whole process
 * group, and their own last words as the error.  With groups of system calls
 * they run in the jail that hypervisors run in (jail.h). */

#include "core/process/program.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "common/cleanup.h"
#include "core/base/find.h"
#include "core/base/flow.h"
#include "core/base/process.h"
#include "core/process/program-run.h"
#include "core/process/broker.h"
#include "core/sandbox/jail-plan.h"
#include "core/sandbox/jail.h"
#include "core/sandbox/violation.h"

#define CPU_SECONDS 600

/* ------------------------------------------------------------- the child */

struct ends {
    int in[2], out[2], words[2], status[2], asks[2];
};

static _Noreturn void
run_helper (const struct program *p, const char *path, const struct ends *ends)
{
    static char *environment[4];
    struct rlimit no_core = { 0, 0 }, cpu = { CPU_SECONDS, CPU_SECONDS + 5 };
    struct jail_failure failure = { 0 };

    process_forget_signals ();
    setpgid (0, 0);
    /* A program that reads a stream sees its end when we have died, and can
     * undo its work.  (zfs-fuse does not survive the death of 'zfs
     * receive'.) */
    if (!p->input_fd) {
        prctl (PR_SET_PDEATHSIG, SIGKILL);
    }
    setrlimit (RLIMIT_CORE, &no_core);
    if (!p->input_fd && !p->output_fd) {
        setrlimit (RLIMIT_CPU, &cpu);
    }
    environment[0] = xformat ("PATH=%s", find_path);
    environment[1] = "LC_ALL=C";
    environment[2] = "HOME=/";
    if (dup2 (ends->in[0], 0) == 0 && dup2 (ends->out[1], 1) == 1
        && dup2 (ends->words[1], 2) == 2 && chdir ("/") == 0) {
        execve (path, (char *const *)p->argv, environment);
    }
    failure.code = errno;
    snprintf (failure.step, sizeof failure.step, "executing %.40s", path);
    (void)!write (ends->status[1], &failure, sizeof failure);
    _exit (127);
}

static void
close_pair (int fds[2])
{
    close_fd (fds[0]);
    close_fd (fds[1]);
}

/* The standard input is a pipe if there is something to write. */
static int
open_ends (struct ends *ends, bool input, struct error *err)
{
    *ends = (struct ends){
        { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }, { -1, -1 }
    };
    if (!input) {
        ends->in[0] = open ("/dev/null", O_RDONLY | O_CLOEXEC);
    }
    if ((input ? pipe2 (ends->in, O_CLOEXEC) < 0 : ends->in[0] < 0)
        || pipe2 (ends->out, O_CLOEXEC) < 0
        || pipe2 (ends->words, O_CLOEXEC) < 0
        || socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends->status)
               < 0
        || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->asks)
               < 0) {
        fail (err, errno, "cannot create pipes for a program: %m");
        close_pair (ends->in);
        close_pair (ends->out);
        close_pair (ends->words);
        close_pair (ends->status);
        return -err->code;
    }
    return 0;
}

static int
start (const struct program *p, const char *path, bool namespaces,
       struct run *run, struct jail_plan *plan, struct error *err)
{
    struct ends ends;
    struct jail_fd fds[3];
    struct jail jail;
    int pidfd = -1, r = open_ends (&ends, p->input || p->input_fd, err);

    if (r < 0) {
        return r;
    }
    free (run->files);
    run->files = broker_files (p->reads, p->writes, &run->n_files);
    if (p->groups) {
        fds[0] = (struct jail_fd){ ends.in[0], 0 };
        fds[1] = (struct jail_fd){ ends.out[1], 1 };
        fds[2] = (struct jail_fd){ ends.words[1], 2 };
        jail = (struct jail){ .program = path,
                              .argv = p->argv,
                              .fds = fds,
                              .n_fds = 3,
                              .groups = p->groups,
                              .files = run->files,
                              .n_files = run->n_files,
                              .uid = p->uid,
                              .helper = true,
                              .kvm = p->kvm };
        r = jail_prepare (&jail, run->n_files > 0, namespaces, plan, err);
    }
    if (r == 0) {
        run->pid = p->groups ? jail_clone (plan, &pidfd) : fork ();
        if (run->pid == 0) {
            if (p->groups) {
                jail_enter (plan, ends.status[1],
                            plan->notify ? ends.asks[1] : -1);
            }
            run_helper (p, path, &ends);
        }
        if (run->pid < 0) {
            run->failure = (struct jail_failure){ errno, p->groups != NULL,
                                                  "creating the process", "" };
            r = fail (err, errno, "cannot start %s: %m", path);
        }
    }
    plan->jail = NULL; /* It was ours. */
    close_fd (pidfd);
    close_fd (ends.in[0]);
    close_fd (ends.out[1]);
    close_fd (ends.words[1]);
    close_fd (ends.status[1]);
    close_fd (ends.asks[1]);
    run->asks = ends.asks[0];
    run->in = ends.in[1];
    run->out = ends.out[0];
    run->words = ends.words[0];
    run->status = ends.status[0];
    return r;
}

/* ------------------------------------------------------------ the parent */

static void
finish (struct run *run, int *status)
{
    if (run->pid > 0) {
        kill (-run->pid, SIGKILL);
        kill (run->pid, SIGKILL);
        run->hangs = !process_reap (run->pid, status);
    }
    program_close_end (&run->in);
    program_close_end (&run->out);
    program_close_end (&run->words);
    program_close_end (&run->status);
    program_close_end (&run->asks);
    program_close_end (&run->listener);
}

/* The last lines of standard error, as one line. */
static const char *
last_words (struct run *run)
{
    char *text = run->words_text, *start;
    size_t len = run->words_size;

    while (len && strchr (" \t\r\n", text[len - 1])) {
        len--;
    }
    text[len] = '\0';
    start = len > 600 ? text + len - 600 : text;
    if (start != text && strchr (start, '\n')) {
        start = strchr (start, '\n') + 1;
    }
    for (char *p = start; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f) {
            *p = *p == '\n' ? ';' : ' ';
        }
    }
    return start;
}

/* Describes how the program exited. */
static int
judge_end (const char *name, const struct program *p, const struct run *run,
           int status, const char *colon, const char *words, struct error *err)
{
    if (WIFSIGNALED (status) && WTERMSIG (status) == SIGSYS) {
        struct victim v = { run->was, p->uid, time (NULL) };
        CLEANUP_FREE char *call = violation_find (&v, NULL);

        return fail (err, EIO,
                     "%s was killed by signal %d (%s), which the sandbox sends "
                     "for a forbidden system call%s%s%s%s",
                     name, SIGSYS, strsignal (SIGSYS), call ? ": " : "",
                     call ? call : "", colon, words);
    }
    if (WIFSIGNALED (status)) {
        return fail (err, EIO, "%s was killed by signal %d (%s)%s%s", name,
                     WTERMSIG (status), strsignal (WTERMSIG (status)), colon,
                     words);
    }
    if (WEXITSTATUS (status) != 0 && run->unable) {
        return fail (
            err, ENOTSUP,
            "this kernel cannot add a file descriptor to another process "
            "(SECCOMP_IOCTL_NOTIF_ADDFD, Linux 5.9), which sandboxed programs "
            "get their files by: use a newer kernel");
    }
    if (WEXITSTATUS (status) != 0) {
        return fail (err, EIO, "%s failed with status %d%s%s", name,
                     WEXITSTATUS (status), colon, words);
    }
    return 0;
}

static int
judge (const struct program *p, const struct jail_plan *plan, struct run *run,
       bool in_time, int status, struct error *err)
{
    const char *name = p->argv[0], *words = last_words (run);
    const char *colon = *words ? ": " : "";

    if (run->hangs) {
        return fail (err, ETIMEDOUT,
                     "%s was killed but does not exit, blocked in the kernel: "
                     "does its storage not respond?%s%s",
                     name, colon, words);
    }
    if (run->failure.code) {
        return p->groups
                   ? jail_error (&run->failure, plan, err)
                   : fail (err, run->failure.code, "%s: %s", run->failure.step,
                           strerror (run->failure.code));
    }
    if (run->interrupted) {
        return fail (err, EINTR, "interrupted");
    }
    if (run->drain.error || (run->feed.error && run->feed.reading)) {
        errno = run->drain.error ? run->drain.error : run->feed.error;
        return fail (err, errno,
                     run->drain.error && !run->drain.reading
                         ? "cannot write the output of %s: %m"
                         : "cannot read the input for %s: %m",
                     name);
    }
    if (run->too_much) {
        return fail (err, EFBIG, "%s printed more than %d MiB", name,
                     RUN_OUTPUT >> 20);
    }
    if (!in_time) {
        return fail (
            err, ETIMEDOUT,
            run->streams
                ? "%s made no progress for %.1f seconds and was killed%s%s"
                : "%s did not finish within %.1f seconds and was killed%s%s",
            name, (double)p->timeout / 1000, colon, words);
    }
    return judge_end (name, p, run, status, colon, words, err);
}

static void
open_flows (const struct program *p, struct run *run)
{
    size_t len = !p->input       ? 0
                 : p->input_size ? p->input_size
                                 : strlen (p->input);

    if (run->in >= 0) {
        fcntl (run->in, F_SETFL, O_NONBLOCK);
    }
    if (!len && !p->input_fd) {
        program_close_end (&run->in);
    }
    run->feed = (struct flow){ .from = p->input_fd ? *p->input_fd : -1,
                               .to = run->in,
                               .text = p->input,
                               .text_left = len };
    run->drain = (struct flow){ .from = run->out,
                                .to = p->output_fd ? *p->output_fd : -1 };
}

static int
try_program (const struct program *p, const char *path, bool namespaces,
             bool *again, char **out, struct error *err)
{
    struct run *run = xalloc (sizeof *run);
    struct jail_plan plan = { 0 };
    bool in_time = false;
    int status = 0, r;

    *run = (struct run){ .in = -1,
                         .out = -1,
                         .words = -1,
                         .status = -1,
                         .asks = -1,
                         .listener = -1,
                         .streams = p->input_fd || p->output_fd,
                         .draining = p->output_fd != NULL };
    r = start (p, path, namespaces, run, &plan, err);
    if (r == 0) {
        open_flows (p, run);
        in_time = program_attend (run, p, &status);
    }
    finish (run, &status);
    if (r == 0) {
        r = judge (p, &plan, run, in_time, status, err);
    }
    *again = r < 0 && p->groups && jail_needs_less (&run->failure, &plan);
    if (r == 0 && out) {
        *out = run->output ? steal (&run->output) : xstrdup ("");
        (*out)[run->output_size] = '\0';
    }
    free (run->output);
    free (run->files);
    free (run);
    jail_free (&plan);
    return r;
}

int
program_run (const struct program *p, char **out, struct error *err)
{
    struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
    CLEANUP_FREE char *path = NULL;
    bool again = false;
    int r = find_program (p->argv[0], &path, err);

    if (out) {
        *out = NULL;
    }
    if (r < 0) {
        return r;
    }
    /* A program that does not read all of its input must not kill us by
     * SIGPIPE. */
    sigaction (SIGPIPE, &ignore, &before);
    r = try_program (p, path, true, &again, out, err);
    if (again) {
        r = try_program (p, path, false, &again, out, err);
    }
    sigaction (SIGPIPE, &before, NULL);
    return r;
}
