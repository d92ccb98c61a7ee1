/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* For the tests of spawn.h: the probe in a hypervisor's place, started in the
 * jail, told to act, and waited for. */
#ifndef TESTS_SPAWN_START_H
#define TESTS_SPAWN_START_H

#include <sys/socket.h>

#include "core/base/error.h"
#include "core/process/spawn.h"
#include "core/process/supervise.h"
#include "core/sandbox/jail.h"
#include "tests/unit/test-spawn-lab.h"

#define MAX_FDS 8

static const char *const base[] = { NULL };

/* A probe that is started: its descriptor 3 is 'word', from which it waits
 * for the word to act; its output goes to 'output'. */
struct start {
    struct jail jail;
    struct jail_fd fds[MAX_FDS];
    struct supervision sup;
    struct process process;
    struct error err;
    const char *argv[6], *release[5]; /* Which tells that it ran. */
    char *weaker;
    int word, output;
};

static inline void
prepare (struct start *s, const char *mode, const char *argument)
{
    int word[2], output[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);

    memset (s, 0, sizeof *s);
    assert_true (null >= 0);
    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, word),
                      0);
    assert_int_equal (pipe2 (output, O_CLOEXEC), 0);
    s->argv[0] = lab_path ("probe");
    s->argv[1] = mode;
    s->argv[2] = argument;
    s->fds[0] = (struct jail_fd){ null, 0 };
    s->fds[1] = (struct jail_fd){ output[1], 1 };
    s->fds[2] = (struct jail_fd){ 2, 2 };
    s->fds[3] = (struct jail_fd){ word[1], 3 };
    s->jail = (struct jail){ .program = s->argv[0],
                             .argv = s->argv,
                             .fds = s->fds,
                             .n_fds = 4,
                             .groups = base,
                             .uid = VM_USER };
    s->release[0] = "/bin/sh";
    s->release[1] = "-c";
    s->release[2] = "echo yes >$0";
    s->sup = (struct supervision){ .supervisor = lab_path ("supervisor"),
                                   .end_file = lab_path ("end"),
                                   .foreground = true };
    s->word = word[0];
    s->output = output[0];
    unlink (lab_path ("end"));
    unlink (lab_path ("released"));
}

static inline int
start (struct start *s)
{
    int r = spawn_jailed (&s->jail, &s->sup, &s->process, &s->weaker, &s->err);

    for (int i = 0; i < 4; i++) {
        if (s->fds[i].from > 2) {
            close (s->fds[i].from);
        }
    }
    return r;
}

/* The libraries are loaded by then. */
static inline void
wait_until_ready (const struct start *s)
{
    char byte;

    assert_int_equal (recv (s->word, &byte, 1, 0), 1);
}

static inline void
start_and_seal (struct start *s)
{
    if (start (s) < 0) {
        fail_msg ("%s", s->err.text);
    }
    wait_until_ready (s);
    if (spawn_seal (&s->process, &s->err) < 0) {
        fail_msg ("%s", s->err.text);
    }
}

static inline void
say (const struct start *s)
{
    assert_int_equal (send (s->word, "x", 1, MSG_NOSIGNAL), 1);
}

static inline void
finish (struct start *s)
{
    if (s->process.pidfd > 0) {
        close (s->process.pidfd);
    }
    close (s->word);
    close (s->output);
    free (s->weaker);
}

/* Of a start in the foreground. */
static inline int
end_status (struct start *s)
{
    int status = -1;

    assert_int_equal (waitpid (s->process.pid, &status, 0), s->process.pid);
    finish (s);
    return status;
}

static inline void
read_output (struct start *s, char *text, size_t size)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read (s->output, text + len, size - 1 - len)) > 0) {
        len += (size_t)n;
    }
    text[len] = '\0';
}

#endif /* TESTS_SPAWN_START_H */
