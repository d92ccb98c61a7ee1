/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor while hvctl starts the machine: it answers the calls that
 * only starting needs, and waits for hvctl's words; see supervisor.c. */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

/* The name is the thread's own choice: one word of harmless letters. */
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

/* Calls are alike that differ in addresses only, and in their threads: what is
 * worth a line is a value that a filter might look at. */
static uint32_t
kind_of (const struct seccomp_notif *request, int sealed)
{
    uint32_t hash = 2166136261U ^ (uint32_t)sealed;

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

/* Each kind once, and not without end; the threads of a pool are many. */
static int
is_new (const struct seccomp_notif *request, int sealed)
{
    static uint32_t kinds[16384];
    static unsigned char times[1024];
    static unsigned n;
    unsigned nr = (unsigned)request->data.nr;
    uint32_t kind = kind_of (request, sealed);
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
    char line[256], *p;

    if (s.log < 0) {
        s.log =
            open (s.diagnosis,
                  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    if (!is_new (request, sealed)) {
        return;
    }
    p = append (append_number (append (line, sealed ? "run " : "start "),
                               (uint64_t)request->data.nr),
                " ");
    p = append_thread (p, request->pid);
    for (int i = 0; i < 6; i++) {
        p = append_hex (append (p, " "), request->data.args[i]);
    }
    p = append (p, "\n");
    (void)!write (s.log, line, (size_t)(p - line));
}

/* What is not about something lent is let go on until the seal: sound while
 * all the code that runs is the program's own and its root holds only what is
 * public.  After it, it fails as if nobody listened. */
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
        verdict = answer_lent (&in.request, &result);
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
    ioctl (s.listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
}

static enum ending
sealed (void)
{
    s.lent = s.until_seal ? NULL : s.lent;
    if (!s.diagnosis && !s.lent) {
        close_if (&s.listener);
    }
    close_if (&s.notify);
    send (s.control, "s", 1, MSG_NOSIGNAL);
    close_if (&s.control);
    return SEALED;
}

void
attend_calls (void)
{
    int log = watch_begin (), worked = 1;

    while (s.pidfd >= 0 && (s.listener >= 0 || log >= 0)) {
        struct pollfd fds[3] = { { .fd = s.listener, .events = POLLIN },
                                 { .fd = s.pidfd, .events = POLLIN },
                                 { .fd = log, .events = POLLIN } };

        int look = logs_turn (), left = watch_turn ();
        int quiet = left < 0 && worked ? QUIET_MS : left;
        int ready = poll (fds, 3, quiet < 0 ? look : quiet);

        if (ready <= 0) {
            if (ready == 0 && left < 0) {
                logs_turn ();
                shrink (); /* Nothing more for now. */
                worked = 0;
            }
            continue;
        }
        worked = 1;
        if (fds[0].revents & POLLIN) {
            answer_call (1);
        } else if (fds[0].revents || fds[1].revents) {
            return;
        }
    }
}

/* Until the seal, or an end.  A process that dies before hvctl has said '1'
 * is hvctl's to report. */
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
            if (word == 's') {
                return sealed ();
            }
            if (word == 'a') {
                kill_it ();
                return ABORTED;
            }
            started = 1;
        } else if (fds[3].revents) {
            return ENDED;
        }
    }
}
