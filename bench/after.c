/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How long a command that ends processes takes after the last of them has
 * exited, which is the kernel's and their own time.
 *
 *   after PID… -- COMMAND…
 *
 * Prints "TOTAL AFTER", in milliseconds. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/timing.h"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#define MAX_PIDS 512
#define LIMIT 120000 /* ms */

extern char **environ;

static void
die (const char *what)
{
    fprintf (stderr, "after: %s: %m\n", what);
    exit (1);
}

int
main (int argc, char **argv)
{
    struct pollfd fds[MAX_PIDS];
    posix_spawn_file_actions_t actions;
    nfds_t n = 0, left;
    double begin, last = 0, end;
    int status, i = 1;
    pid_t pid;

    for (; i < argc && strcmp (argv[i], "--") != 0 && n < MAX_PIDS; i++) {
        fds[n].fd = (int)syscall (SYS_pidfd_open, atoi (argv[i]), 0);
        fds[n].events = POLLIN;
        if (fds[n++].fd < 0) {
            die (argv[i]);
        }
    }
    if (!n || i + 1 >= argc || strcmp (argv[i], "--") != 0) {
        fputs ("usage: after PID... -- COMMAND...\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init (&actions);
    posix_spawn_file_actions_addopen (&actions, 1, "/dev/null", O_WRONLY, 0);
    begin = now ();
    errno =
        posix_spawnp (&pid, argv[i + 1], &actions, NULL, argv + i + 1, environ);
    if (errno) {
        die (argv[i + 1]);
    }
    for (left = n; left;) {
        if (poll (fds, n, LIMIT) <= 0) {
            die ("the processes do not exit");
        }
        last = now ();
        for (nfds_t k = 0; k < n; k++) {
            if (fds[k].fd >= 0 && fds[k].revents) {
                close (fds[k].fd);
                fds[k].fd = -1;
                left--;
            }
        }
    }
    if (waitpid (pid, &status, 0) < 0) {
        die ("waitpid");
    }
    end = now ();
    printf ("%.1f %.1f\n", end - begin, end - last);
    return !WIFEXITED (status) || WEXITSTATUS (status) != 0;
}
