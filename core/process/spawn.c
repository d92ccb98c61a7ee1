/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts hypervisors.  Three processes take part:
 *
 *   hvctl ──vfork─► M ──clone──► Q        M: setsid, then the supervisor
 *     │             │            │        Q: the jail, then the program
 *     └── status ───┴────────────┘        closed by both executions
 *     └── control ──┘                     '1', 'e', 'a'; see supervisor.c
 *                   └── listener ┘        brings the seccomp descriptor
 *
 * so that Q is the supervisor's child, which is how it learns the exit
 * status.  In the foreground Q is hvctl's own child, since hvctl becomes the
 * supervisor; M only attends the start then. */

#include "core/process/spawn.h"

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
#include "common/pass.h"
#include "core/base/process.h"
#include "core/sandbox/jail-check.h"
#include "core/sandbox/jail-plan.h"

/* A start that takes longer than this is stuck in the kernel. */
#define START_TIMEOUT 30000
#define SEAL_TIMEOUT 5000
#define ABORT_TIMEOUT 5000

/* The message of M to hvctl, sent with a pidfd. */
struct started {
    pid_t pid;
    uint64_t start_time;
};

/* The ends of the three sockets: [0] is hvctl's, or M's of the listener. */
struct channels {
    int status[2], control[2], listener[2];
};

/* -------------------------------------------------------------- channels */

static void
close_both (int fds[2])
{
    close_fd (fds[0]);
    close_fd (fds[1]);
    fds[0] = fds[1] = -1;
}

static void
close_channels (struct channels *ch)
{
    close_both (ch->status);
    close_both (ch->control);
    close_both (ch->listener);
}

static int
open_channels (struct channels *ch, struct error *err)
{
    *ch = (struct channels){ { -1, -1 }, { -1, -1 }, { -1, -1 } };
    if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ch->status) < 0
        || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ch->control) < 0
        || socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ch->listener)
               < 0) {
        fail (err, errno, "cannot create a socket pair for a process: %m");
        close_channels (ch);
        return -err->code;
    }
    return 0;
}

/* ------------------------------------------------------ M, and its child */

/* Clones Q.  Returns its pid, or -1 with errno set. */
static pid_t
start_jailed (const struct jail_plan *plan, struct channels *ch, int *pidfd)
{
    pid_t pid = jail_clone (plan, pidfd);

    if (pid == 0) {
        jail_enter (plan, ch->status[1], ch->listener[1]);
    }
    return pid;
}

static int
send_started (int status, pid_t pid, int pidfd)
{
    struct started message = { pid, process_start_time (pid) };

    return pass_send (status, &message, sizeof message, &pidfd, 1) < 0 ? -1 : 0;
}

static void
report_creation (int status, bool namespaces)
{
    supervise_report (status, "creating the process", errno, "", namespaces);
}

static _Noreturn void
run_middle (const struct jail_plan *plan, const struct supervision *sup,
            struct channels *ch, pid_t pid, int pidfd)
{
    process_forget_signals ();
    setsid ();
    if (!sup->foreground) {
        pid = start_jailed (plan, ch, &pidfd);
        if (pid < 0 || send_started (ch->status[1], pid, pidfd) < 0) {
            report_creation (ch->status[1], pid < 0);
            _exit (127);
        }
    }
    supervise_become (sup,
                      &(struct watch){ .pid = pid,
                                       .start_time = process_start_time (pid),
                                       .pidfd = pidfd,
                                       .control = ch->control[1],
                                       .notify = ch->listener[0],
                                       .status = ch->status[1] });
}

/* Makes M, which shares our memory until it has executed the supervisor: it
 * writes to nothing of it that we read afterwards, and until then there is
 * nothing for us to do.  A copy of our memory would cost more than the rest. */
static pid_t
start_middle (const struct jail_plan *plan, const struct supervision *sup,
              struct channels *ch, const struct process *p)
{
    pid_t pid = vfork ();

    if (pid == 0) {
        close_fd (ch->status[0]);
        close_fd (ch->control[0]);
        run_middle (plan, sup, ch, p->pid, p->pidfd);
    }
    return pid;
}

/* ---------------------------------------------------------- hvctl's side */

/* Reads the messages of M and Q until both have executed their programs or
 * died. */
static int
await_execution (int status, struct process *out, struct jail_failure *failure)
{
    for (;;) {
        union {
            struct started started;
            struct jail_failure failure;
        } message;
        struct pollfd fd = { .fd = status, .events = POLLIN };
        int ready = poll (&fd, 1, START_TIMEOUT);
        ssize_t n;
        int passed;

        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready == 0) {
            *failure =
                (struct jail_failure){ .code = ETIMEDOUT,
                                       .step = "waiting for the program" };
            return -1;
        }
        n = pass_receive (status, &message, sizeof message, &passed);
        if (n == sizeof message.started) {
            out->pid = message.started.pid;
            out->start_time = message.started.start_time;
            out->pidfd = passed;
        } else if (n == sizeof message.failure && !failure->code) {
            *failure = message.failure;
        } else if (n <= 0) {
            break;
        }
    }
    if (!failure->code && !out->pid) {
        *failure = (struct jail_failure){ .code = ECHILD,
                                          .step = "creating the process" };
    }
    return failure->code ? -1 : 0;
}

static int
tell (const struct process *p, char word)
{
    return send (p->control, &word, 1, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

void
spawn_abort (struct process *p)
{
    if (p->control >= 0) {
        tell (p, 'a');
    }
    if (p->pidfd >= 0) {
        process_signal (p->pidfd, SIGKILL);
    }
    /* A supervisor that has seen the process exit cleans up, and waits for us
     * to do so. */
    if (p->attendant > 0 && p->pidfd >= 0
        && process_gone_within (p->pidfd, ABORT_TIMEOUT)) {
        kill (p->attendant, SIGKILL);
    }
    /* A stopped process is killed: it is our child. */
    if (p->attendant > 0 && !process_reap (p->attendant, NULL)) {
        kill (p->attendant, SIGKILL);
        process_reap (p->attendant, NULL);
    }
    if (p->supervisor == 0 && p->pid > 0) {
        process_reap (p->pid, NULL); /* Else it was the supervisor's. */
    }
    close_fd (p->control);
    close_fd (p->pidfd);
    *p = (struct process){ .pidfd = -1, .control = -1 };
}

/* One try, with or without namespaces, as 'plan' says. */
static int
attempt (const struct jail_plan *plan, const struct supervision *sup,
         struct process *out, struct jail_failure *failure, struct error *err)
{
    struct channels ch;
    int pidfd = -1, r = open_channels (&ch, err);

    if (r < 0) {
        return r;
    }
    *out = (struct process){
        .pidfd = -1,
        .control = ch.control[0],
        .own_root = plan->namespaces,
        .attended = sup->lent || sup->diagnosis || sup->watch || sup->serial,
        .names_stay = plan->names_stay,
        .uid = plan->root ? plan->uid : 0,
    };
    if (sup->foreground) {
        out->pid = start_jailed (plan, &ch, &pidfd);
        if (out->pid < 0) {
            report_creation (ch.status[1], true);
            out->pid = 0;
        } else {
            out->pidfd = pidfd;
            out->start_time = process_start_time (out->pid);
        }
    }
    if (!sup->foreground || out->pid) {
        out->attendant = start_middle (plan, sup, &ch, out);
        if (out->attendant < 0) {
            report_creation (ch.status[1], false);
            out->attendant = 0;
        }
    }
    out->supervisor = sup->foreground ? 0 : out->attendant;
    ch.control[0] = -1;
    close_both (ch.listener);
    close_fd (ch.control[1]);
    close_fd (ch.status[1]);
    r = await_execution (ch.status[0], out, failure);
    close_fd (ch.status[0]);
    if (r == 0 && tell (out, '1') < 0) {
        *failure = (struct jail_failure){ .code = ECHILD,
                                          .step = "executing the supervisor" };
        r = -1;
    }
    if (r < 0) {
        spawn_abort (out);
        return jail_error (failure, plan, err);
    }
    return 0;
}

int
spawn_jailed (const struct jail *jail, const struct supervision *sup,
              struct process *out, char **weaker, struct error *err)
{
    bool namespaces = true, notify = true;

    *weaker = NULL;
    for (;;) {
        struct jail_failure failure = { 0 };
        struct jail_plan plan;
        bool less, deaf;
        int r = jail_prepare (jail, notify, namespaces, &plan, err);

        if (r < 0) {
            return r;
        }
        r = attempt (&plan, sup, out, &failure, err);
        less = r < 0 && jail_needs_less (&failure, &plan);
        deaf = r < 0 && jail_lacks_listener (&failure, &plan);
        if (r == 0) {
            *weaker = jail_weaker (&plan);
        }
        jail_free (&plan);
        if (!less && !deaf) {
            return r;
        }
        namespaces = namespaces && !less;
        notify = notify && !deaf;
    }
}

static int
not_emptied (const char *why, struct error *err)
{
    return fail (err, EPERM,
                 "the process's root directory cannot be emptied: %s; is hvctl "
                 "itself confined, by a container's seccomp profile or a "
                 "security module?",
                 why);
}

/* Waits until the attendant has emptied the root directory and closed the
 * listener, so that no system call of start-up is allowed any more. */
static int
seal (struct process *p, struct error *err)
{
    struct pollfd fd = { .fd = p->control, .events = POLLIN };
    char word = !p->own_root ? 's' : p->names_stay ? 'k' : 'e', answer[512];
    ssize_t n;

    if (tell (p, word) < 0 || poll (&fd, 1, SEAL_TIMEOUT) != 1
        || (n = recv (p->control, answer, sizeof answer - 1, 0)) < 1) {
        return fail (err, ECHILD,
                     "the supervisor exited before the process was sealed");
    }
    answer[n] = '\0';
    if (*answer != 's') {
        return not_emptied (answer + 1, err);
    }
    close_fd (p->control);
    p->control = -1;
    if (!p->supervisor && !p->attended) {
        process_reap (p->attendant, NULL); /* Its work is done. */
        p->attendant = 0;
    }
    return 0;
}

int
spawn_seal (struct process *p, struct error *err)
{
    return seal (p, err) < 0 ? -err->code : jail_check (p, err);
}
