/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/process/branch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/context.h"
#include "core/base/output.h"

static int
hold_output (struct branch *b, struct error *err)
{
    for (int i = 0; i < 2; i++) {
        b->out[i] = memfd_create ("output", MFD_CLOEXEC);
        if (b->out[i] < 0) {
            return fail (err, errno, "cannot create a file in memory: %m");
        }
    }
    return 0;
}

/* In the copy. */
static void
begin (struct branch *b, pid_t parent)
{
    setpgid (0, 0);
    /* A terminal with "stty tostop" would stop us at our first word. */
    signal (SIGTTOU, SIG_IGN);
    prctl (PR_SET_PDEATHSIG, SIGTERM);
    if (getppid () != parent
        || (b->out[0] >= 0 && dup2 (b->out[0], STDOUT_FILENO) < 0)
        || (b->out[1] >= 0 && dup2 (b->out[1], STDERR_FILENO) < 0)) {
        _exit (1);
    }
    output_begin ();
}

int
branch_start (struct branch *b, bool hold, struct error *err)
{
    pid_t parent = getpid ();
    int fds[2];

    *b = (struct branch){ .fd = -1, .out = { -1, -1 } };
    if (hold && hold_output (b, err) < 0) {
        branch_close (b);
        return -err->code;
    }
    if (pipe2 (fds, O_CLOEXEC) < 0) {
        fail (err, errno, "cannot create a pipe: %m");
        branch_close (b);
        return -err->code;
    }
    fflush (NULL);
    b->pid = fork ();
    if (b->pid < 0) {
        fail (err, errno, "cannot start a process: %m");
        close (fds[0]);
        close (fds[1]);
        b->pid = 0;
        branch_close (b);
        return -err->code;
    }
    if (b->pid) {
        close (fds[1]);
        b->fd = fds[0];
        return 0;
    }
    begin (b, parent);
    close (fds[0]);
    b->fd = fds[1];
    return 1;
}

static void
put (const struct branch *b, const char *text, size_t len)
{
    while (len) {
        ssize_t n = write (b->fd, text, len);

        if (n < 0 && errno != EINTR) {
            break;
        }
        text += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

void
branch_say (struct branch *b, const char *line)
{
    char text[BRANCH_SAID];
    int n = snprintf (text, sizeof text - 1, "%s", line);
    size_t len = n < (int)sizeof text - 1 ? (size_t)n : sizeof text - 2;

    text[len] = '\n';
    /* It is written as a whole, or not at all (PIPE_BUF of pipe(7)): we do not
     * wait for an original that was stopped. */
    fcntl (b->fd, F_SETFL, O_NONBLOCK);
    (void)!write (b->fd, text, len + 1);
    fcntl (b->fd, F_SETFL, 0);
}

void
branch_end (struct branch *b, const char *text, int status)
{
    struct error lost = { 0 };

    if (output_end (&lost) < 0) {
        hvctl_warn ("%s", lost.text);
        status = status ? status : EXIT_ERROR;
    }
    fflush (NULL);
    put (b, text, strlen (text));
    _exit (status);
}

/* Takes lines from the text: the result is what follows the last one. */
static void
take_lines (struct branch *b)
{
    char *end;

    while ((end = memchr (b->text, '\n', b->size))) {
        size_t len = (size_t)(end - b->text);

        snprintf (b->said, sizeof b->said, "%.*s", (int)len, b->text);
        b->size -= len + 1;
        memmove (b->text, end + 1, b->size + 1);
    }
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
        take_lines (b);
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

char *
branch_output (const struct branch *b, int which)
{
    CLEANUP_FREE char *text = NULL;
    struct stat st;
    ssize_t n;

    if (b->out[which] < 0 || fstat (b->out[which], &st) < 0) {
        return NULL;
    }
    text = xalloc ((size_t)st.st_size + 1);
    n = pread (b->out[which], text, (size_t)st.st_size, 0);
    if (n <= 0) {
        return NULL;
    }
    text[n] = '\0';
    return steal (&text);
}

void
branch_signal (const struct branch *b, int signal)
{
    if (b->pid) {
        kill (b->pid, signal);
    }
}

void
branch_close (struct branch *b)
{
    close_fd (b->fd);
    close_fd (b->out[0]);
    close_fd (b->out[1]);
    b->fd = b->out[0] = b->out[1] = -1;
}

void
branch_free (struct branch *b)
{
    branch_close (b);
    free (b->text);
    *b = (struct branch){ .fd = -1, .out = { -1, -1 } };
}
