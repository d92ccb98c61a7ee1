/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor while hvctl starts the machine: it answers the calls that
 * only starting needs, and waits for hvctl's words; see supervisor.c. */

#include "supervisor/supervisor.h"

#include <linux/seccomp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Linux 6.6: wake the other at once and on this processor. */
#define NOTIF_SET_FLAGS SECCOMP_IOW (4, uint64_t)
#define NOTIF_SYNC_WAKE_UP 1
#define NOTIF_CONTINUE 1

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

/* Continuing a call is sound while all the code that runs is the program's
 * own and its root holds only what is public: until the seal. */
static void
answer_call (void)
{
    union {
        struct seccomp_notif request;
        char room[512]; /* A later kernel's may be larger. */
    } in;
    union {
        struct seccomp_notif_resp response;
        char room[512];
    } out;

    memset (&in, 0, sizeof in);
    if (ioctl (s.listener, SECCOMP_IOCTL_NOTIF_RECV, &in) < 0) {
        return;
    }
    memset (&out, 0, sizeof out);
    out.response.id = in.request.id;
    out.response.flags = NOTIF_CONTINUE;
    ioctl (s.listener, SECCOMP_IOCTL_NOTIF_SEND, &out);
}

static enum ending
sealed (void)
{
    close_if (&s.listener);
    close_if (&s.notify);
    send (s.control, "s", 1, MSG_NOSIGNAL);
    close_if (&s.control);
    return SEALED;
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
            answer_call ();
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
