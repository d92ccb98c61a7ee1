/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/process/branch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"

int
branch_start (struct branch *b, struct error *err)
{
    pid_t parent = getpid ();
    int fds[2];

    *b = (struct branch){ .fd = -1 };
    if (pipe2 (fds, O_CLOEXEC) < 0) {
        return fail (err, errno, "cannot create a pipe: %m");
    }
    fflush (NULL);
    b->pid = fork ();
    if (b->pid < 0) {
        fail (err, errno, "cannot start a process: %m");
        close (fds[0]);
        close (fds[1]);
        b->pid = 0;
        return -err->code;
    }
    if (b->pid) {
        close (fds[1]);
        b->fd = fds[0];
        return 0;
    }
    setpgid (0, 0);
    prctl (PR_SET_PDEATHSIG, SIGTERM);
    if (getppid () != parent) {
        _exit (1);
    }
    close (fds[0]);
    b->fd = fds[1];
    return 1;
}

void
branch_end (struct branch *b, const char *text, int status)
{
    size_t len = strlen (text);

    fflush (NULL);
    while (len) {
        ssize_t n = write (b->fd, text, len);

        if (n < 0 && errno != EINTR) {
            break;
        }
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    _exit (status);
}

bool
branch_read (struct branch *b, int *status)
{
    char buffer[4096];
    ssize_t n = read (b->fd, buffer, sizeof buffer);

    if (n > 0) {
        b->text = xrealloc (b->text, b->size + (size_t)n + 1);
        memcpy (b->text + b->size, buffer, (size_t)n);
        b->size += (size_t)n;
        b->text[b->size] = '\0';
        return false;
    }
    if (n < 0 && errno == EINTR) {
        return false;
    }
    /* Its end of the pipe closes with it. */
    while (waitpid (b->pid, status, 0) < 0 && errno == EINTR) {
    }
    b->pid = 0;
    return true;
}

void
branch_signal (const struct branch *b, int signal)
{
    if (b->pid) {
        kill (b->pid, signal);
    }
}

void
branch_free (struct branch *b)
{
    close_fd (b->fd);
    free (b->text);
    *b = (struct branch){ .fd = -1 };
}
