/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* exit() and _exit() are defined here, in place of libc's, since nothing else
 * keeps a plugin from ending hvctl with status 0 in the midst of a start: a
 * handler of atexit() runs too late to go on, and after those of libraries that
 * are needed to undo what was done.  The linker has the program's own functions
 * found first, also by what is loaded later. */
#include "core/provider/guard.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"

/* The time that an interrupted plugin has to return, in milliseconds. */
#define LAST_MOMENT 2000

/* The minimum grace beyond a plugin's time limit: the limit may have been a
 * millisecond, and the CPU busy. */
#define GRACE 150
#define ALT_STACK 65536 /* SIGSTKSZ is no constant any more. */

sigjmp_buf guard_frame;

enum way { RETURNED, EXITED, CRASHED, LATE, INTERRUPTED, REFUSED };

static struct {
    const char *plugin, *op; /* Null: nothing is watched. */
    pid_t pid, thread;
    int64_t limit;
    int held;
    enum way due; /* Once nothing is held. */
    enum way way; /* How the frame was left... */
    int number;   /* ...with this status or signal... */
    const char *why;
    const char *damaged_by; /* ...at some time: hvctl's memory may be
                             * corrupt. */
} guard;

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static _Noreturn void
leave (enum way way)
{
    guard.way = way;
    siglongjmp (guard_frame, 1);
}

/* A child that a plugin or library forked, or vforked, is not our process. */
static bool
is_watched (void)
{
    return guard.plugin && getpid () == guard.pid;
}

static bool
in_its_thread (void)
{
    return (pid_t)syscall (SYS_gettid) == guard.thread;
}

static _Noreturn void
give_up (const char *plugin, const char *what)
{
    err_at_once ((const char *const[]){
        "hvctl: ", plugin, ": ", guard.op ? guard.op : "", ": ", what,
        ": this is a bug in the plugin; the next command that makes a change "
        "cleans up\n",
        NULL });
    syscall (SYS_exit_group, EXIT_ERROR);
    __builtin_unreachable ();
}

static void
on_fault (int number)
{
    guard.number = number;
    if (is_watched () && in_its_thread ()) {
        leave (CRASHED);
    }
    if (is_watched ()) {
        give_up (guard.plugin, "a thread of it crashed");
    }
    if (guard.damaged_by && getpid () == guard.pid) {
        give_up (guard.damaged_by, "after it failed, hvctl crashed");
    }
    signal (number, SIG_DFL);
    raise (number);
}

static void
set_timer (int64_t ms)
{
    struct itimerval t = { .it_value = { .tv_sec = ms / 1000,
                                         .tv_usec = ms % 1000 * 1000 } };

    setitimer (ITIMER_REAL, &t, NULL);
}

static void
leave_when_free (enum way way)
{
    if (!is_watched ()) {
        return;
    }
    if (!in_its_thread ()) {
        syscall (SYS_tgkill, guard.pid, guard.thread, SIGALRM);
    } else if (guard.held) {
        guard.due = way;
    } else {
        leave (way);
    }
}

static void
on_alarm (int number)
{
    (void)number;
    leave_when_free (interrupt_came ? INTERRUPTED : LATE);
}

static void
install (void)
{
    static char stack[ALT_STACK]; /* An alternate stack, for a plugin that has
                                   * overflowed its own. */
    const stack_t alternative = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { .sa_handler = on_fault,
                                .sa_flags = SA_ONSTACK | SA_NODEFER };

    guard.pid = getpid ();
    guard.thread = (pid_t)syscall (SYS_gettid);
    sigaltstack (&alternative, NULL);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        sigaction (faults[i], &action, NULL);
    }
    action.sa_handler = on_alarm;
    sigaction (SIGALRM, &action, NULL);
}

void
guard_enter (const char *plugin, const char *op, int64_t ms)
{
    if (guard.pid != getpid ()) {
        install ();
    }
    guard.op = op;
    guard.limit = ms + (ms / 2 > GRACE ? ms / 2 : GRACE);
    guard.held = 0;
    guard.due = guard.way = RETURNED;
    guard.plugin = plugin;
    set_timer (guard.limit);
}

void
guard_leave (void)
{
    if (guard.plugin && getpid () != guard.pid) {
        give_up (guard.plugin, "it forked, and a child of it returned");
    }
    guard.plugin = NULL;
    set_timer (0);
}

/* A handler that was left by a jump has its signal blocked still. */
static void
unblock (void)
{
    static const int others[] = { SIGALRM, SIGINT, SIGTERM, SIGHUP };
    sigset_t set;

    sigemptyset (&set);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        sigaddset (&set, faults[i]);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        sigaddset (&set, others[i]);
    }
    sigprocmask (SIG_UNBLOCK, &set, NULL);
}

int
guard_escaped (char *text, size_t size)
{
    const char *plugin = guard.plugin;

    guard_leave ();
    unblock ();
    guard.damaged_by = plugin;
    switch (guard.way) {
    case LATE:
        snprintf (text, size, "it did not return within %.1f seconds",
                  (double)guard.limit / 1000);
        return -ETIMEDOUT;
    case INTERRUPTED:
        snprintf (text, size, "it ignored an interruption");
        return -EINTR;
    case EXITED:
        snprintf (text, size, "it called exit (%d)", guard.number);
        break;
    case CRASHED:
        snprintf (text, size, "it crashed (signal %d, %s)", guard.number,
                  strsignal (guard.number));
        break;
    case REFUSED:
    case RETURNED:
        snprintf (text, size, "%s", guard.why);
        break;
    }
    return -EPROTO;
}

void
guard_refuse (const char *why)
{
    guard.why = why;
    if (is_watched ()) {
        leave (REFUSED);
    }
    give_up ("a plugin", why);
}

void
guard_hold (void)
{
    guard.held++;
}

void
guard_release (void)
{
    if (--guard.held == 0 && guard.due && is_watched ()) {
        leave (guard.due);
    }
}

bool
guard_interrupt (bool again)
{
    if (!is_watched ()) {
        return false;
    }
    if (again) {
        leave_when_free (INTERRUPTED);
    }
    set_timer (again ? 1 : LAST_MOMENT);
    return true;
}

/* Visible to loaded libraries, unlike the rest of hvctl. */
#define EXPORTED __attribute__ ((visibility ("default")))

EXPORTED void
exit (int status)
{
    union {
        void *object;
        void (*function) (int);
    } libc;

    if (is_watched () && in_its_thread ()) {
        guard.number = status;
        leave (EXITED);
    }
    if (is_watched ()) {
        give_up (guard.plugin, "a thread of it called exit()");
    }
    libc.object = dlsym (RTLD_NEXT, "exit");
    if (libc.object) {
        libc.function (status);
    }
    _exit (status);
}

EXPORTED void
_exit (int status)
{
    if (is_watched () && in_its_thread ()) {
        guard.number = status;
        leave (EXITED);
    }
    if (is_watched ()) {
        give_up (guard.plugin, "a thread of it called _exit()");
    }
    syscall (SYS_exit_group, status);
    __builtin_unreachable ();
}

EXPORTED void
_Exit (int status)
{
    _exit (status);
}
