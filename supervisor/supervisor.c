/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl-supervisor: waits for one hypervisor, records how it ended, and runs
 * hvctl to release what it held.  One per VM, so it is small: libc only, and
 * nothing of stdio.  core/process/spawn.c starts it; people do not.
 *
 *   hvctl-supervisor [KEY=VALUE]… -- [STOP ARGV…] [LOOK ARGV…] RELEASE ARGV…
 *
 *   pid, start  the process, and field 22 of its /proc/PID/stat
 *   pidfd       a descriptor of it
 *   child=1     it is our child
 *   lock        a descriptor whose file is locked by us, which says that there
 *               is a supervisor, and who: it closes no other of that file
 *   end         the file that gets "exit N TIME", "signal N TIME" or
 *               "unknown TIME"
 *   control     a socket to hvctl, while it starts the VM:
 *                 '1' the program runs
 *                 's' seal its calls; 'e' empty its root directory before, 'k'
 *                     except for resolv.conf.  Answered by 's', or by 'x' and
 *                     why not
 *                 'a' it failed: end it, and end without another word
 *               Its end before that means that hvctl died: the VM, which is
 *               half made, is ended, and released.
 *   notify      a socket that brings the seccomp listener.  Until the seal
 *               each call that asks is told to continue; afterwards nobody
 *               listens, and the kernel lets such calls fail.
 *   diagnosis   a file: every call that asks is written there and told to
 *               continue, before the seal and after it.  A line is
 *                 start|run NUMBER THREAD ARGUMENT×6 [PATH]
 *               with the thread's name, arguments in hexadecimal, and, after
 *               the seal, the path of a call that opens or looks at a file
 *   lent        the list of files that the process may open while it runs;
 *               brokered.c has its format
 *   binds       the same, but only the sockets in it, and until the seal
 *   answer=1    calls only, until the seal (or, if there are brokered files or
 *               diagnosed, the end): somebody else supervises
 *   attendant   our child that answers calls meanwhile
 *   foreground=1  stop at SIGTERM, SIGINT; the service manager's protocol
 *   stop=N      N arguments are the command that stops the VM
 *   logs        the directory of logs that must not grow without end: logs.c
 *   serial      the directory of the VM that runs, whose "serial.sock" is the
 *               hypervisor's serial port: logged there, and served as
 *               "console.sock"; console.c
 *   watch, word  a log file, and what must appear in it to execute
 *   look=N      the command of N arguments that looks what is the matter */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

/* PIDFD_GET_INFO with PIDFD_INFO_EXIT, Linux 6.15. */
struct exit_info {
    uint64_t mask, cgroup;
    uint32_t ids[11];
    int32_t status;
};
#define GET_EXIT_INFO _IOWR (0xff, 11, struct exit_info)
#define INFO_EXIT (1 << 3)

struct supervisor s = {
    .pidfd = -1,
    .control = -1,
    .notify = -1,
    .listener = -1,
    .lock = -1,
    .log = -1,
};

/* ----------------------------------------------------------- small things */

static uint64_t
number (const char *text)
{
    return strtoull (text, NULL, 10);
}

char *
append (char *to, const char *text)
{
    size_t len = strlen (text);

    memcpy (to, text, len + 1);
    return to + len;
}

char *
append_number (char *to, uint64_t n)
{
    char digits[24];
    size_t i = sizeof digits;

    digits[--i] = '\0';
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    return append (to, digits + i);
}

void
close_if (int *fd)
{
    if (*fd >= 0) {
        close (*fd);
    }
    *fd = -1;
}

/* Field 22; the name in field 2 may hold anything, so from its end on. */
/* Returns where field 'field' (3 or later) of /proc/PID/stat begins in 'text',
 * or null. */
static const char *
stat_field (pid_t pid, int field, char text[1024])
{
    char path[64], *p;
    ssize_t n;
    int fd;

    append (append_number (append (path, "/proc/"), (uint64_t)pid), "/stat");
    fd = open (path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read (fd, text, 1023);
    close_if (&fd);
    if (n <= 0) {
        return NULL;
    }
    text[n] = '\0';
    /* The name, field 2, may hold anything. */
    p = strrchr (text, ')');
    for (int at = 2; p && at < field; at++) {
        p = strchr (p + 1, ' ');
    }
    return p ? p + 1 : NULL;
}

static uint64_t
start_time (pid_t pid)
{
    char text[1024];
    const char *p = stat_field (pid, 22, text);

    return p ? number (p) : 0;
}

/* A process that its parent has not waited for yet shows its status in field
 * 52, to who may trace it (proc(5)); who may not sees 0. */
static int
zombie_status (int *status)
{
    char text[1024];
    const char *p = stat_field (s.pid, 3, text);

    if (!p || *p != 'Z' || start_time (s.pid) != s.start
        || !(p = stat_field (s.pid, 52, text))) {
        return -1;
    }
    *status = (int)number (p);
    return *status || geteuid () == 0 ? 0 : -1;
}

void
kill_it (void)
{
    if (s.pidfd >= 0) {
        s.killed = 1;
        syscall (SYS_pidfd_send_signal, s.pidfd, SIGKILL, NULL, 0);
    }
}

/* ------------------------------------------------------------- beginning */

static void
read_argument (const char *key, size_t len, char *value)
{
    static const struct {
        const char *key;
        int *where;
    } ints[] = {
        { "pidfd", &s.pidfd },   { "control", &s.control },
        { "notify", &s.notify }, { "child", &s.child },
        { "answer", &s.answer }, { "foreground", &s.foreground },
        { "stop", &s.n_stop },   { "pid", &s.pid },
        { "look", &s.n_look },   { "attendant", &s.attendant },
        { "lock", &s.lock },
    };

    for (size_t i = 0; i < sizeof ints / sizeof *ints; i++) {
        if (strlen (ints[i].key) == len && !memcmp (ints[i].key, key, len)) {
            *ints[i].where = (int)number (value);
        }
    }
    if (len == 5 && !memcmp (key, "start", 5)) {
        s.start = number (value);
    } else if (len == 3 && !memcmp (key, "end", 3)) {
        s.end = value;
    } else if (len == 9 && !memcmp (key, "diagnosis", 9)) {
        s.diagnosis = value;
    } else if (len == 4 && !memcmp (key, "lent", 4)) {
        s.lent = value;
    } else if (len == 5 && !memcmp (key, "binds", 5)) {
        s.lent = value;
        s.until_seal = 1;
    } else if (len == 5 && !memcmp (key, "watch", 5)) {
        s.watch = value;
    } else if (len == 4 && !memcmp (key, "logs", 4)) {
        s.logs = value;
    } else if (len == 4 && !memcmp (key, "word", 4)) {
        s.word = value;
    } else if (len == 6 && !memcmp (key, "serial", 6)) {
        s.serial = value;
    }
}

static int
read_arguments (char **argv)
{
    for (argv++; *argv && strcmp (*argv, "--"); argv++) {
        char *equals = strchr (*argv, '=');

        if (!equals) {
            return -1;
        }
        read_argument (*argv, (size_t)(equals - *argv), equals + 1);
    }
    if (!*argv || s.pid <= 0) {
        return -1;
    }
    s.stop = argv + 1;
    s.release = s.stop;
    for (int i = 0; i < s.n_stop + s.n_look && *s.release; i++) {
        s.look = i < s.n_stop ? NULL : s.look ? s.look : s.release;
        s.release++;
    }
    return 0;
}

/* Keeps the four descriptors that it was given, and in the foreground the
 * standard ones. */
static void
close_others (void)
{
    int keep[] = { s.pidfd, s.control, s.notify, s.lock };
    int n = sizeof keep / sizeof *keep;
    unsigned next = 3;

    if (!s.foreground) {
        int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

        for (int fd = 0; null >= 0 && fd < 3; fd++) {
            dup2 (null, fd);
        }
    }
    for (;;) {
        unsigned nearest = ~0U;

        for (int i = 0; i < n; i++) {
            if (keep[i] >= (int)next && (unsigned)keep[i] < nearest) {
                nearest = (unsigned)keep[i];
            }
        }
        if (nearest > next) {
            syscall (SYS_close_range, next, nearest - 1, 0);
        }
        if (nearest == ~0U) {
            break;
        }
        next = nearest + 1;
    }
    for (int i = 0; i < n; i++) {
        if (keep[i] >= 0) {
            fcntl (keep[i], F_SETFD, FD_CLOEXEC);
        }
    }
}

/* The process may have gone and its number been given to another. */
static void
find_process (void)
{
    if (s.pidfd < 0) {
        s.pidfd = (int)syscall (SYS_pidfd_open, s.pid, 0);
        if (s.pidfd >= 0 && start_time (s.pid) != s.start) {
            close_if (&s.pidfd);
        }
    }
}

/* ---------------------------------------------------------------- the end */

/* Pages of our code are the file's, and come again if they must.  A supervisor
 * waits for weeks. */
void
shrink (void)
{
    const ElfW (Phdr) *head = (const void *)getauxval (AT_PHDR);
    size_t n = getauxval (AT_PHNUM), page = getauxval (AT_PAGESZ);
    uintptr_t base = 0;

    for (size_t i = 0; i < n; i++) {
        if (head[i].p_type == PT_PHDR) {
            base = (uintptr_t)head - head[i].p_vaddr;
        }
    }
    for (size_t i = 0; i < n; i++) {
        uintptr_t from = base + head[i].p_vaddr, to = from + head[i].p_memsz;

        if (head[i].p_type == PT_LOAD && !(head[i].p_flags & PF_W)) {
            from &= ~(uintptr_t)(page - 1);
            madvise ((void *)from, to - from, MADV_DONTNEED);
        }
    }
}

/* The status of a process that is not our child: the kernel keeps it with the
 * pidfd, but only once the process's parent has fetched it. */
static int
exit_info (int *status)
{
    for (int tries = 0; tries < 100; tries++) {
        struct exit_info info = { .mask = INFO_EXIT };
        struct timespec pause = { 0, 20 * 1000 * 1000 };

        int error;

        if (ioctl (s.pidfd, GET_EXIT_INFO, &info) == 0
            && (info.mask & INFO_EXIT)) {
            *status = info.status;
            return 0;
        }
        error = errno;
        if (zombie_status (status) == 0) {
            return 0;
        }
        if (error == ENOTTY || error == EINVAL) {
            return -1;
        }
        nanosleep (&pause, NULL);
    }
    return -1;
}

/* Returns 0 and the status, or -1 if it is unknown. */
int
wait_for_end (int *status)
{
    struct pollfd fd = { .fd = s.pidfd, .events = POLLIN };

    shrink ();
    while (s.pidfd >= 0 && logs_poll (&fd, 1, -1) <= 0) {
    }
    if (s.child) {
        while (waitpid (s.pid, status, 0) < 0) {
            if (errno != EINTR) {
                return -1;
            }
        }
        return 0;
    }
    if (s.pidfd < 0) {
        return -1;
    }
    return exit_info (status);
}

void
record (int known, int status)
{
    char line[80], temporary[4096], *p;
    struct timespec now;
    int fd;

    if (!s.end || strlen (s.end) > sizeof temporary - 16) {
        return;
    }
    p = !known ? append (line, "unknown ")
        : WIFSIGNALED (status)
            ? append (append_number (append (line, "signal "),
                                     (uint64_t)WTERMSIG (status)),
                      " ")
            : append (append_number (append (line, "exit "),
                                     (uint64_t)WEXITSTATUS (status)),
                      " ");
    clock_gettime (CLOCK_REALTIME, &now);
    p = append_number (p, (uint64_t)now.tv_sec);
    if (s.killed && known && WIFSIGNALED (status)
        && WTERMSIG (status) == SIGKILL) {
        p = append (p, " quit"); /* ENDER_QUIT of core/state/ending.h. */
    }
    p = append (p, "\n");
    append (append (temporary, s.end), ".new");
    fd = open (temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd >= 0 && write (fd, line, (size_t)(p - line)) == p - line
        && close (fd) == 0) {
        rename (temporary, s.end);
    }
}

void
execute (char **argv)
{
    sigset_t none;

    logs_end ();
    signal (SIGINT, SIG_DFL);
    signal (SIGHUP, SIG_DFL);
    signal (SIGPIPE, SIG_DFL);
    signal (SIGXFSZ, SIG_DFL);
    sigemptyset (&none);
    sigprocmask (SIG_SETMASK, &none, NULL);
    execv (argv[0], argv);
    _exit (127);
}

pid_t
execute_aside (char **argv, int n)
{
    pid_t pid;

    if (n == 0 || !argv[0]) {
        return -1;
    }
    pid = fork ();
    if (pid == 0) {
        if (n > 0) {
            argv[n] = NULL; /* The release's arguments follow. */
        }
        execute (argv);
    }
    return pid;
}

int
main (int argc, char **argv)
{
    enum ending ending = SEALED;
    int status = 0, known;

    (void)argc;
    if (read_arguments (argv) < 0) {
        return 2;
    }
    close_others ();
    (void)!chdir ("/");
    signal (SIGPIPE, SIG_IGN);
    if (!s.foreground) {
        signal (SIGINT, SIG_IGN);
        signal (SIGHUP, SIG_IGN);
    }
    find_process ();
    if (s.control >= 0) {
        ending = attend_start ();
    }
    shrink ();
    if (s.foreground) {
        return run_foreground ();
    }
    if ((s.listener >= 0 || s.watch || s.serial) && ending == SEALED) {
        attend_calls ();
    }
    if (s.answer) {
        return 0;
    }
    known = wait_for_end (&status) == 0;
    if (ending == ABORTED) {
        return 0;
    }
    record (known, status);
    close_if (&s.listener);
    if (s.release[0]) {
        execute (s.release);
    }
    return 0;
}
