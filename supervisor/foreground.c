/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor of `hvctl run`: it stops the machine when it is told to by a
 * signal, and speaks the service manager's protocol; see sd_notify(3). */

#include "supervisor/supervisor.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The service manager's protocol: a datagram to the socket it named. */
static void
notify_manager (const char *text)
{
    const char *path = getenv ("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = path ? strlen (path) : 0;
    int fd;

    if (len < 2 || len >= sizeof address.sun_path
        || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    memcpy (address.sun_path, path, len);
    if (path[0] == '@') {
        address.sun_path[0] = '\0'; /* An abstract name. */
    }
    fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        sendto (fd, text, strlen (text), MSG_NOSIGNAL,
                (struct sockaddr *)&address,
                (socklen_t)(offsetof (struct sockaddr_un, sun_path) + len));
        close (fd);
    }
}

/* The first signal stops the VM as hvctl does; a second one kills it.  Returns
 * the process that stops it, or 0. */
static pid_t
attend_signals (int signals)
{
    pid_t stopper = 0; /* Negative: it could not be started. */

    shrink ();
    for (;;) {
        struct pollfd fds[2] = { { .fd = s.pidfd, .events = POLLIN },
                                 { .fd = signals, .events = POLLIN } };
        struct signalfd_siginfo info;

        if (logs_poll (fds, 2, -1) <= 0) {
            continue;
        }
        if (fds[0].revents) {
            return stopper;
        }
        if (read (signals, &info, sizeof info) != sizeof info) {
            continue;
        }
        if (info.ssi_signo == SIGCHLD) {
            if (stopper > 0) {
                waitpid (stopper, NULL, WNOHANG);
            }
            continue;
        }
        if (!stopper) {
            notify_manager ("STOPPING=1");
            stopper = execute_aside (s.stop, s.n_stop);
            if (stopper > 0) {
                continue;
            }
        }
        kill_it ();
    }
}

/* Waits for a child that learns of the exit as we do: the attendant may still
 * have calls to record, the stopper something to say. */
static void
await_child (pid_t child)
{
    struct timespec pause = { 0, 5 * 1000 * 1000 };

    for (int i = 0; i < 200 && child > 0 && waitpid (child, NULL, WNOHANG) == 0;
         i++) {
        nanosleep (&pause, NULL);
    }
}

int
run_foreground (void)
{
    static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
    char text[64];
    sigset_t set;
    int status = 0, known;
    pid_t release, stopper = 0;

    sigemptyset (&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        signal (caught[i], SIG_DFL);
        sigaddset (&set, caught[i]);
    }
    sigprocmask (SIG_BLOCK, &set, NULL);
    append (
        append_number (append (text, "READY=1\nMAINPID="), (uint64_t)getpid ()),
        "\n");
    notify_manager (text);
    if (s.pidfd >= 0) {
        stopper = attend_signals (signalfd (-1, &set, SFD_CLOEXEC));
    }
    known = wait_for_end (&status) == 0;
    await_child (s.attendant);
    record (known, status);
    await_child (stopper);
    release = execute_aside (s.release, -1);
    if (release > 0) {
        waitpid (release, NULL, 0);
    }
    return known && status == 0 ? 0 : 1;
}
