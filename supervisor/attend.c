/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor while hvctl starts the machine: it answers the system calls
 * that only start-up needs, and waits for hvctl's commands; see
 * supervisor.c. */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/asked.h"

/* Linux 6.6: wake the other at once and on this processor. */
#define NOTIF_SET_FLAGS SECCOMP_IOW (4, uint64_t)
#define NOTIF_SYNC_WAKE_UP 1
#define NOTIF_CONTINUE 1
#define QUIET_MS 500

static void
receive_listener (void)
{
    union {
        char buffer[CMSG_SPACE (sizeof (int))];
        struct cmsghdr align;
    } control;
    char byte;
    struct iovec iov = { &byte, 1 };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    uint64_t flags = NOTIF_SYNC_WAKE_UP;
    struct cmsghdr *cmsg;

    if (recvmsg (s.notify, &msg, MSG_CMSG_CLOEXEC) == 1
        && (cmsg = CMSG_FIRSTHDR (&msg)) && cmsg->cmsg_type == SCM_RIGHTS) {
        memcpy (&s.listener, CMSG_DATA (cmsg), sizeof s.listener);
        ioctl (s.listener, NOTIF_SET_FLAGS, flags);
    }
    close_if (&s.notify);
}

/* The part of a path that is recorded. */
#define DIAGNOSED_PATH 128

static char *
append_hex (char *to, uint64_t n)
{
    char digits[17];
    size_t i = sizeof digits - 1;

    digits[i] = '\0';
    do {
        digits[--i] = "0123456789abcdef"[n % 16];
        n /= 16;
    } while (n);
    return append (to, digits + i);
}

/* The thread chooses its own name: it is recorded as one word of harmless
 * letters. */
static char *
append_thread (char *to, uint64_t tid)
{
    char path[64], name[17] = "?";
    ssize_t n;
    int fd;

    append (append_number (append (path, "/proc/"), tid), "/comm");
    fd = open (path, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read (fd, name, sizeof name - 1);
    close_if (&fd);
    if (n > 0) {
        name[name[n - 1] == '\n' ? n - 1 : n] = '\0';
    }
    for (char *c = name; *c; c++) {
        *c = *c <= ' ' || *c > '~' ? '_' : *c;
    }
    return append (to, name);
}

/* Returns the index of the path argument of a call that opens or queries a
 * file; or -1. */
static int
path_argument (int nr)
{
    switch (nr) {
    case SYS_openat:
    case SYS_newfstatat:
    case SYS_faccessat:
    case SYS_readlinkat:
        return 1;
#ifdef __x86_64__
    case SYS_open:
    case SYS_stat:
    case SYS_lstat:
    case SYS_access:
    case SYS_readlink:
        return 0;
#endif
    default:
        return -1;
    }
}

/* The path of such a call after the seal, as one word; or "". */
static void
copy_path (const struct seccomp_notif *request, int sealed,
           char out[DIAGNOSED_PATH])
{
    static char path[ASKED_PATH];
    int argument = sealed ? path_argument (request->data.nr) : -1;
    size_t n = 0;

    if (argument >= 0
        && asked_path ((pid_t)request->pid, request->data.args[argument],
                       path)) {
        for (; path[n] && n < DIAGNOSED_PATH - 1; n++) {
            out[n] = path[n] <= ' ' || path[n] > '~' ? '_' : path[n];
        }
    }
    out[n] = '\0';
}

/* Calls that differ only in addresses or threads count as the same: a new line
 * is for a value that a filter might check, or another path. */
static uint32_t
kind_of (const struct seccomp_notif *request, int sealed, const char *path)
{
    uint32_t hash = 2166136261U ^ (uint32_t)sealed;

    for (; *path; path++) {
        hash = (hash ^ (unsigned char)*path) * 16777619U;
    }
    hash = (hash ^ (uint32_t)request->data.nr) * 16777619U;
    hash = (hash ^ request->pid) * 16777619U;
    for (int i = 0; i < 6; i++) {
        uint32_t value = (uint32_t)request->data.args[i];
        int high = (int)(request->data.args[i] >> 32);

        if (i != 1 && (value > 0x1000000 || (high && high != -1))) {
            value = 0x1000000; /* An address, a size. */
        }
        hash = (hash ^ value) * 16777619U;
    }
    return hash ? hash : 1;
}

/* Each kind is recorded once, up to a limit; a pool has many threads. */
static int
is_new (const struct seccomp_notif *request, int sealed, const char *path)
{
    static uint32_t kinds[16384];
    static unsigned char times[1024];
    static unsigned n;
    unsigned nr = (unsigned)request->data.nr;
    uint32_t kind = kind_of (request, sealed, path);
    unsigned at = kind % 16384;

    while (kinds[at] && kinds[at] != kind) {
        at = (at + 1) % 16384;
    }
    if (kinds[at] || n >= 12000 || nr >= sizeof times || times[nr] == 255) {
        return 0;
    }
    kinds[at] = kind;
    times[nr]++;
    n++;
    return 1;
}

static void
write_down (const struct seccomp_notif *request, int sealed)
{
    char line[256 + DIAGNOSED_PATH], path[DIAGNOSED_PATH], *p;

    if (s.log < 0) {
        s.log =
            open (s.diagnosis,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    copy_path (request, sealed, path);
    if (!is_new (request, sealed, path)) {
        return;
    }
    p = append (append_number (append (line, sealed ? "run " : "start "),
                               (uint64_t)request->data.nr),
                " ");
    p = append_thread (p, request->pid);
    for (int i = 0; i < 6; i++) {
        p = append_hex (append (p, " "), request->data.args[i]);
    }
    if (*path) {
        p = append (append (p, " "), path);
    }
    p = append (p, "\n");
    (void)!write (s.log, line, (size_t)(p - line));
}

/* passt of 2026 makes a child in a user namespace of its own, writes the maps
 * of that, enters it and kills the child.  It needs no such namespace in its
 * jail and gets none: it is told that there is a child, by its own number, and
 * what it does with that comes to nothing (core/sandbox/groups-passt.h). */
static int
is_for_namespace (const struct seccomp_notif *request)
{
    return request->data.nr == SYS_clone
           && (uint32_t)request->data.args[0] == (CLONE_NEWUSER | SIGCHLD);
}

/* The process's number as it knows it: the first of a pid namespace, or there
 * is none. */
static int
own_number (const struct seccomp_notif *request)
{
    char path[64];
    struct stat its, ours;

    append (append_number (append (path, "/proc/"), request->pid), "/ns/pid");
    return stat (path, &its) == 0 && stat ("/proc/self/ns/pid", &ours) == 0
                   && its.st_ino == ours.st_ino
               ? (int)request->pid
               : 1;
}

/* The process waits for it. */
static void
send_answer (struct seccomp_notif_resp *response)
{
    for (int i = 0; i < 3; i++) {
        if (ioctl (s.listener, SECCOMP_IOCTL_NOTIF_SEND, response) == 0
            || errno == ENOENT) {
            return; /* It has exited, or no longer waits. */
        }
    }
}

/* Calls that are not about brokered files are continued until the seal: this is
 * safe while all running code is the program's own and its root contains only
 * public files.  After the seal they fail as if there were no listener. */
static void
answer_call (int sealed)
{
    union {
        struct seccomp_notif request;
        char room[512]; /* A later kernel's may be larger. */
    } in;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } out;
    enum verdict verdict = NOT_LENT;
    int result = 0;

    memset (&in, 0, sizeof in);
    if (ioctl (s.listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
        return;
    }
    if (s.lent) {
        verdict = brokered_answer (&in.request, &result);
    } else if (!sealed && is_for_namespace (&in.request)) {
        verdict = ANSWERED;
        result = own_number (&in.request);
    }
    if (s.diagnosis && verdict == NOT_LENT) {
        write_down (&in.request, sealed);
    }
    memset (&out, 0, sizeof out);
    out.response.id = in.request.id;
    if (verdict == ANSWERED) {
        out.response.error = result < 0 ? result : 0;
        out.response.val = result < 0 ? 0 : result;
    } else if (verdict == NOT_LENT && sealed && !s.diagnosis) {
        out.response.error = result < 0 ? result : -ENOSYS;
    } else {
        out.response.flags = NOTIF_CONTINUE;
    }
    send_answer (&out.response);
}

static void
sealed (void)
{
    s.lent = s.until_seal ? NULL : s.lent;
    if (!s.diagnosis && !s.lent) {
        close_if (&s.listener);
    }
    close_if (&s.notify);
    console_begin (); /* Before the guest runs. */
    send (s.control, "s", 1, MSG_NOSIGNAL);
    close_if (&s.control);
}

/* Does as 'word' says; returns whether the process is sealed. */
static int
seal (char word)
{
    char answer[1 + SEAL_WHY] = "x";

    if (word != 's' && empty_root (word == 'k', answer + 1) < 0) {
        send (s.control, answer, strlen (answer), MSG_NOSIGNAL);
        return 0;
    }
    sealed ();
    return 1;
}

/* The shorter of two timeouts, in the form of poll(). */
static int
sooner (int a, int b)
{
    return a < 0 || (b >= 0 && b < a) ? b : a;
}

void
attend_calls (void)
{
    int log = watch_begin (), console = console_begin (), worked = 1;

    while (s.pidfd >= 0 && (s.listener >= 0 || log >= 0 || console)) {
        struct pollfd fds[3 + CONSOLE_FDS] = {
            { .fd = s.listener, .events = POLLIN },
            { .fd = s.pidfd, .events = POLLIN },
            { .fd = log, .events = POLLIN },
        };
        int left = watch_turn ();
        int quiet = left < 0 && worked ? QUIET_MS : left;
        int again = console_want (fds + 3);
        int ready = logs_poll (fds, 3 + CONSOLE_FDS, sooner (quiet, again));

        if (ready <= 0) {
            if (ready == 0 && left < 0) {
                shrink (); /* Nothing more for now. */
                worked = 0;
            }
            continue;
        }
        worked = 1;
        console_turn (fds + 3);
        if (fds[0].revents & POLLIN) {
            answer_call (1);
        } else if (fds[0].revents || fds[1].revents) {
            break;
        }
    }
    console_end ();
}

/* Until the seal, or an exit.  A process that dies before hvctl has sent '1' is
 * reported by hvctl. */
enum ending
attend_start (void)
{
    int started = 0;

    for (;;) {
        struct pollfd fds[4] = {
            { .fd = s.listener, .events = POLLIN },
            { .fd = s.control, .events = POLLIN },
            { .fd = s.notify, .events = POLLIN },
            { .fd = started ? s.pidfd : -1, .events = POLLIN },
        };
        char word;

        if (poll (fds, 4, -1) < 0) {
            continue;
        }
        if (fds[0].revents & POLLIN) {
            answer_call (0);
        } else if (fds[0].revents) {
            close_if (&s.listener);
        }
        if (fds[2].revents) {
            receive_listener ();
        }
        if (fds[1].revents) {
            ssize_t n = recv (s.control, &word, 1, 0);

            if (n <= 0) {
                kill_it ();
                return ENDED;
            }
            if (word && strchr ("sek", word) && seal (word)) {
                return SEALED;
            }
            if (word == 'a') {
                kill_it ();
                return ABORTED;
            }
            started |= word == '1';
        } else if (fds[3].revents) {
            return ENDED;
        }
    }
}
