/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The process that the null plugin's machines are: it has no guest, and obeys
 * one-line commands on the sockets that it accepts from a listening one.
 *
 *   null-hypervisor --control FD|PATH --mode MODE [anything...]
 *
 * Commands: ready, go, change, status, pause, resume, powerdown, quit.  The
 * answer is one line: "ok", or for status the state.  Modes, to be bad on
 * request:
 *
 *   obey      not bad
 *   deaf      does nothing on powerdown
 *   stubborn  nor on quit, nor on SIGTERM
 *   hang      accepts, but never answers
 *   garbage   answers with a megabyte that is no line
 *   die       says last words on stderr and exits with status 7
 *   late      does so on go
 *   abort     calls abort() on go
 *   timer     makes a timer on go, which its sandbox may not know
 *   waiting   asks how much there is to read on go, likewise
 *   brittle   takes a change, and a moment later breaks the rules for it
 *   fragile   breaks them before it answers
 *   leaving   on status closes the connection, and exits a moment later
 *   flood     writes to stderr as fast as it can, once it runs
 *
 * It is linked statically, so that it also runs where nothing is mounted. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "tests/kit/unix.h"
#define CLIENTS 8

static const char *mode = "obey";
static const char *state = "prepared";

static int
is (const char *m)
{
    return !strcmp (mode, m);
}

static void __attribute__ ((noreturn)) last_words (const char *words)
{
    fprintf (stderr, "null-hypervisor: %s\n", words);
    exit (7);
}

static void
answer (int fd, const char *text)
{
    char line[64];
    int len = snprintf (line, sizeof line, "%s\n", text);

    /* A client that has gone is its own fault. */
    (void)!write (fd, line, (size_t)len);
}

static void
garbage (int fd)
{
    char block[4096];

    memset (block, '{', sizeof block);
    for (int i = 0; i < 256; i++) {
        if (write (fd, block, sizeof block) < 0) {
            return;
        }
    }
}

static void
break_rules (void)
{
    socket (AF_INET, SOCK_DGRAM, 0);
}

/* The guest takes notice of what was plugged in, as it does in its own time. */
static void
change (int fd)
{
    if (is ("fragile")) {
        break_rules ();
    }
    answer (fd, "ok");
    if (is ("brittle")) {
        poll (NULL, 0, 60);
        break_rules ();
    }
}

static void
obey (int fd, const char *command)
{
    int end = 0, waiting = 0;

    if (!strcmp (command, "change")) {
        change (fd);
        return;
    }
    if (is ("leaving") && !strcmp (command, "status")) {
        shutdown (fd, SHUT_RDWR);
        poll (NULL, 0, 30);
        exit (0);
    }
    if (!strcmp (command, "go")) {
        if (is ("late")) {
            last_words ("the machine is not to my liking");
        }
        if (is ("abort")) {
            abort ();
        }
        if ((is ("timer") && timerfd_create (CLOCK_MONOTONIC, 0) < 0)
            || (is ("waiting") && ioctl (fd, FIONREAD, &waiting) < 0)) {
            last_words ("the kernel refuses");
        }
        state = "running";
    } else if (!strcmp (command, "resume")) {
        state = "running";
    } else if (!strcmp (command, "pause")) {
        state = "paused";
    } else if (!strcmp (command, "powerdown")) {
        end = !is ("deaf") && !is ("stubborn");
    } else if (!strcmp (command, "quit")) {
        end = !is ("stubborn");
    } else if (strcmp (command, "ready") && strcmp (command, "status")) {
        answer (fd, "what?");
        return;
    }
    answer (fd, strcmp (command, "status") ? "ok" : state);
    if (end) {
        exit (0);
    }
}

/* Serves one client: a line at a time.  Returns 0 at its end. */
static int
serve (int fd)
{
    char command[64];
    ssize_t n = read (fd, command, sizeof command - 1);

    if (n <= 0) {
        return 0;
    }
    command[n] = '\0';
    if (is ("garbage")) {
        garbage (fd);
        return 0;
    }
    if (!is ("hang")) {
        for (char *word = strtok (command, "\n"); word;
             word = strtok (NULL, "\n")) {
            obey (fd, word);
        }
    }
    return 1;
}

/* Returns how long to poll. */
static int
flood (void)
{
    static char block[65536];

    if (!is ("flood") || strcmp (state, "running") != 0) {
        return -1;
    }
    memset (block, 'x', sizeof block - 1);
    block[sizeof block - 1] = '\n';
    (void)!write (STDERR_FILENO, block, sizeof block);
    return 0;
}

static void __attribute__ ((noreturn)) main_loop (int listener)
{
    struct pollfd fds[1 + CLIENTS] = { { .fd = listener, .events = POLLIN } };

    for (int i = 1; i <= CLIENTS; i++) {
        fds[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
    }
    for (;;) {
        if (poll (fds, 1 + CLIENTS, flood ()) < 0 && errno != EINTR) {
            last_words ("poll failed");
        }
        for (int i = 1; i <= CLIENTS; i++) {
            if (fds[i].fd >= 0 && fds[i].revents && !serve (fds[i].fd)) {
                close (fds[i].fd);
                fds[i].fd = -1;
            }
        }
        for (int i = 1; fds[0].revents && i <= CLIENTS; i++) {
            if (fds[i].fd < 0) {
                fds[i].fd = accept (listener, NULL, NULL);
                break;
            }
        }
    }
}

/* For a command line that a person pasted: the socket is given by path. */
static int
listen_at (const char *path)
{
    int fd;

    unlink (path);
    fd = unix_listen (path, CLIENTS);
    if (fd < 0) {
        last_words (errno == ENAMETOOLONG ? "the path of the socket is too long"
                                          : "cannot listen");
    }
    return fd;
}

int
main (int argc, char *argv[])
{
    const char *control = NULL;

    if (argc == 2 && !strcmp (argv[1], "--version")) {
        puts ("null-hypervisor 1.0");
        return 0;
    }
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp (argv[i], "--control")) {
            control = argv[i + 1];
        } else if (!strcmp (argv[i], "--mode")) {
            mode = argv[i + 1];
        }
    }
    if (!control) {
        last_words ("no --control");
    }
    if (is ("die")) {
        last_words ("I was told to die");
    }
    signal (SIGPIPE, SIG_IGN);
    if (is ("stubborn")) {
        signal (SIGTERM, SIG_IGN);
    }
    main_loop (control[0] == '/' ? listen_at (control) : atoi (control));
}
