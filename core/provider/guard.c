/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* exit() and _exit() are defined here, in place of libc's, since nothing else
 * keeps a plugin from ending hvctl with status 0 in the midst of a start: a
 * handler of atexit() runs too late to go on, and after those of libraries that
 * are needed to undo what was done.  So are the functions by which one could
 * keep the timer or a signal from ending it.  The linker has the program's own
 * functions found first, also by what is loaded later. */
#include "core/provider/guard.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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
    bool masked;  /* It has changed the umask... */
    mode_t mask;  /* ...which was this. */
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

/* Not setitimer(), which is the one below: it would ask who calls. */
static void
set_timer (int64_t ms)
{
    struct itimerval t = { .it_value = { .tv_sec = ms / 1000,
                                         .tv_usec = ms % 1000 * 1000 } };

    syscall (SYS_setitimer, ITIMER_REAL, &t, NULL);
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
    if (guard.masked) {
        guard.masked = false;
        umask (guard.mask);
    }
}

/* Without these, nobody could end a plugin. */
static const int needed[] = { SIGALRM, SIGINT, SIGTERM, SIGHUP };

/* A handler that was left by a jump has its signal blocked still. */
static void
unblock (void)
{
    sigset_t set;

    sigemptyset (&set);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        sigaddset (&set, faults[i]);
    }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        sigaddset (&set, needed[i]);
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

/* Is it hvctl's own code that called, such as a service for a plugin? */
static bool
is_ours (const void *caller)
{
    extern const char __executable_start, etext;
    uintptr_t at = (uintptr_t)caller;

    return at >= (uintptr_t)&__executable_start && at < (uintptr_t)&etext;
}

static bool
is_plugins (const void *caller)
{
    return is_watched () && in_its_thread () && !is_ours (caller);
}

/* The kernel's set has 64 signals.  The first two real-time ones are libc's:
 * it leaves them out, too. */
static int
change_mask (int how, const sigset_t *set, sigset_t *before, const void *caller)
{
    uint64_t mask = 0;
    const uint64_t libcs = UINT64_C (3) << 31;

    if (set) {
        memcpy (&mask, set, sizeof mask);
        mask &= how == SIG_UNBLOCK ? ~UINT64_C (0) : ~libcs;
    }
    if (how != SIG_UNBLOCK && is_plugins (caller)) {
        for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
            mask &= ~(UINT64_C (1) << (needed[i] - 1));
        }
    }
    return (int)syscall (SYS_rt_sigprocmask, how, set ? &mask : NULL, before,
                         sizeof mask);
}

EXPORTED int
sigprocmask (int how, const sigset_t *set, sigset_t *before)
{
    return change_mask (how, set, before, __builtin_return_address (0));
}

EXPORTED int
pthread_sigmask (int how, const sigset_t *set, sigset_t *before)
{
    int was = errno;
    int rc = change_mask (how, set, before, __builtin_return_address (0));
    int error = errno;

    errno = was;
    return rc < 0 ? error : 0;
}

static const char timer[] = "it used the process's timer, which hvctl needs";

EXPORTED unsigned
alarm (unsigned seconds)
{
    struct itimerval t = { .it_value = { .tv_sec = seconds } }, before;

    if (is_plugins (__builtin_return_address (0))) {
        guard_refuse (timer);
    }
    syscall (SYS_setitimer, ITIMER_REAL, &t, &before);
    return (unsigned)before.it_value.tv_sec
           + (before.it_value.tv_usec > 0 ? 1 : 0);
}

/* setitimer(), whose first parameter is an enum for some of libc's headers. */
int guard_setitimer (int which, const struct itimerval *set,
                     struct itimerval *before) __asm__("setitimer");

EXPORTED int
guard_setitimer (int which, const struct itimerval *set,
                 struct itimerval *before)
{
    if (which == ITIMER_REAL && is_plugins (__builtin_return_address (0))) {
        guard_refuse (timer);
    }
    return (int)syscall (SYS_setitimer, which, set, before);
}

EXPORTED mode_t
umask (mode_t mask)
{
    mode_t before = (mode_t)syscall (SYS_umask, mask);

    if (is_plugins (__builtin_return_address (0)) && !guard.masked) {
        guard.masked = true;
        guard.mask = before;
    }
    return before;
}
