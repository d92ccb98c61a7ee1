/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

#define REAP_TIME 5000

/* Reads /proc/PID/stat; stores the state and field 22.  See proc(5). */
static bool
read_stat (pid_t pid, char *state, uint64_t *start_time)
{
    char path[64], text[1024], *p;

    snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
    if (file_read_kernel (path, text, sizeof text) <= 0) {
        return false;
    }
    /* The name, field 2, may hold anything: count from its end. */
    p = strrchr (text, ')');
    if (!p || p[1] != ' ') {
        return false;
    }
    *state = p[2];
    for (int field = 2; p && field < 22; field++) {
        p = strchr (p + 1, ' ');
    }
    *start_time = p ? strtoull (p + 1, NULL, 10) : 0;
    return p != NULL;
}

uint64_t
process_start_time (pid_t pid)
{
    uint64_t start_time;
    char state;

    return read_stat (pid, &state, &start_time) ? start_time : 0;
}

/* A process whose first thread alone has ended is called a zombie, too, and can
 * go on for as long as it likes: its descriptor tells.  The threads of one that
 * was killed end within a moment. */
#define THREADS_END 30 /* ms */

bool
process_is_alive (pid_t pid, uint64_t start_time)
{
    uint64_t found;
    char state;
    CLEANUP_CLOSE int fd = -1;

    if (pid <= 0 || !read_stat (pid, &state, &found) || found != start_time) {
        return false;
    }
    if (state != 'Z' && state != 'X') {
        return true;
    }
    fd = process_open (pid, start_time);
    return fd >= 0
           && poll (&(struct pollfd){ .fd = fd, .events = POLLIN }, 1,
                    THREADS_END)
                  == 0;
}

bool
process_is_stopped (pid_t pid, uint64_t start_time)
{
    uint64_t found;
    char state;

    return pid > 0 && read_stat (pid, &state, &found) && found == start_time
           && (state == 'T' || state == 't');
}

int
process_open (pid_t pid, uint64_t start_time)
{
    int fd = pid > 0 ? (int)syscall (SYS_pidfd_open, pid, 0) : -1;

    if (fd >= 0 && process_start_time (pid) != start_time) {
        close (fd);
        fd = -1;
    }
    return fd;
}

int
process_signal (int pidfd, int signal)
{
    return (int)syscall (SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int
process_forget_signals (void)
{
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++) {
        signal (sig, SIG_DFL);
    }
    sigemptyset (&none);
    return sigprocmask (SIG_SETMASK, &none, NULL);
}

bool
process_gone_within (int pidfd, int64_t ms)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };
    int64_t until = now_ms () + ms;

    do {
        int64_t left = until - now_ms ();

        if (poll (&p, 1, left > 0 ? (int)left : 0) > 0) {
            return true;
        }
    } while (now_ms () < until && !interrupt_came);
    return false;
}

int
process_kill (int pidfd, int64_t ms, struct error *err)
{
    if (process_signal (pidfd, SIGKILL) < 0 && errno != ESRCH) {
        return fail (err, errno, "cannot kill its process: %m");
    }
    /* After a signal it is waited for a moment longer: most need no more. */
    if (process_gone_within (pidfd, ms)
        || (interrupt_came && process_gone_within (pidfd, AFTER_SIGNAL))) {
        return 0;
    }
    if (interrupt_came) {
        return fail (err, EINTR,
                     "its process was killed; interrupted before it had "
                     "exited");
    }
    return fail (err, ETIMEDOUT,
                 "its process was killed but does not exit: it is blocked "
                 "in the kernel (perhaps by a disk that does not respond)");
}

/* proc_ns.h of the kernel: the same numbers since 3.8. */
bool
process_in_first (const char *kind)
{
    ino_t number = !strcmp (kind, "pid") ? 0xEFFFFFFC : 0xEFFFFFFD;
    char path[64];
    struct stat st;

    snprintf (path, sizeof path, "/proc/self/ns/%s", kind);
    return stat (path, &st) == 0 && st.st_ino == number;
}

bool
process_reap (pid_t pid, int *status)
{
    int64_t until = now_ms () + REAP_TIME;
    pid_t r;

    while ((r = waitpid (pid, status, WNOHANG)) == 0
           || (r < 0 && errno == EINTR)) {
        if (now_ms () >= until) {
            return false;
        }
        poll (NULL, 0, 1);
    }
    return true;
}

/* Waits until the process has exited; by its number, if the kernel has no
 * pidfd. */
static bool
await_end (int pidfd, pid_t pid, uint64_t start_time, int64_t ms)
{
    int64_t until = now_ms () + ms;
    struct pollfd p = { .fd = pidfd, .events = POLLIN };

    if (pidfd >= 0) {
        return poll (&p, 1, (int)ms) > 0;
    }
    while (process_is_alive (pid, start_time) && now_ms () < until) {
        poll (NULL, 0, 5);
    }
    return !process_is_alive (pid, start_time);
}

int
process_end (pid_t pid, uint64_t start_time, int64_t ms, struct error *err)
{
    CLEANUP_CLOSE int pidfd =
        pid > 0 ? (int)syscall (SYS_pidfd_open, pid, 0) : -1;

    if (pid <= 0 || (pidfd < 0 && errno != ENOSYS)
        || process_start_time (pid) != start_time) {
        return 0; /* It has exited, or its number belongs to another process
                   * now. */
    }
    if ((pidfd >= 0 ? process_signal (pidfd, SIGKILL) : kill (pid, SIGKILL)) < 0
        && errno != ESRCH) {
        return fail (err, errno, "cannot kill process %d: %m", (int)pid);
    }
    return await_end (pidfd, pid, start_time, ms)
               ? 0
               : fail (err, ETIMEDOUT,
                       "process %d was killed but does not exit", (int)pid);
}

uint64_t
process_resident (pid_t pid)
{
    char path[64], text[128];
    CLEANUP_CLOSE int fd = -1;
    unsigned long pages;
    ssize_t n;

    snprintf (path, sizeof path, "/proc/%d/statm", (int)pid);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read (fd, text, sizeof text - 1);
    text[n > 0 ? n : 0] = '\0';
    return sscanf (text, "%*u %lu", &pages) == 1
               ? (uint64_t)pages * (uint64_t)sysconf (_SC_PAGESIZE)
               : 0;
}
