/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A core in small, without a jail; see test-qemu-launch.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/test-qemu-launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int
connect_to (const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf (a.sun_path, sizeof a.sun_path, "%s", path);
    if (connect (fd, (struct sockaddr *)&a, sizeof a) < 0) {
        close (fd);
        return -1;
    }
    return fd;
}

static int
listen_at (const char *path)
{
    struct sockaddr_un a = { .sun_family = AF_UNIX };
    int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf (a.sun_path, sizeof a.sun_path, "%s", path);
    unlink (path);
    assert_int_equal (bind (fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal (listen (fd, 8), 0);
    return fd;
}

/* Opens what describe() asked for, out of the way of the final numbers. */
static int
open_one (struct fake *f, const struct fake_fd *want, const char *dir)
{
    static const int modes[] = { O_RDONLY, O_RDWR, O_WRONLY | O_APPEND };
    int fd = -1, high;

    if (want->kind == FAKE_OPEN) {
        fd = open (want->what, modes[want->flags] | O_CLOEXEC);
    } else if (want->kind == FAKE_LISTEN) {
        fd = listen_at (hv_format (&f->ctx, "%s/%s.sock", dir, want->what));
    } else if (want->kind == FAKE_LOGFILE) {
        fd = open (hv_format (&f->ctx, "%s/%s.log", dir, want->what),
                   O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    }
    assert_return_code (fd, errno);
    high = fcntl (fd, F_DUPFD_CLOEXEC, 100);
    close (fd);
    return high;
}

pid_t
launch_described (struct fake *f, const struct hv_launch *l, const char *dir)
{
    const char *errors = hv_format (&f->ctx, "%s/stderr", dir);
    int fds[FAKE_MAX];
    pid_t pid;

    for (size_t i = 0; i < l->n_fds; i++) {
        fds[i] = open_one (f, &l->fds[i], dir);
    }
    pid = fork ();
    if (pid == 0) {
        int null = open ("/dev/null", O_RDWR);
        int err = open (errors, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        prctl (PR_SET_PDEATHSIG, SIGKILL);
        dup2 (null, 0);
        dup2 (null, 1);
        dup2 (err, 2);
        for (size_t i = 0; i < l->n_fds; i++) {
            dup2 (fds[i], l->fds[i].number);
        }
        execv (l->args[0], (char *const *)l->args);
        _exit (127);
    }
    assert_return_code (pid, errno);
    for (size_t i = 0; i < l->n_fds; i++) {
        close (fds[i]);
    }
    return pid;
}
