/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* For the tests of spawn.h: a directory that any user may enter, with copies
 * of the probe and the supervisor; and running the tests twice when root
 * does, the second time as an ordinary user. */
#ifndef TESTS_SPAWN_LAB_H
#define TESTS_SPAWN_LAB_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

/* Ids that nobody has. */
#define VM_USER 1990017
#define SOME_USER 1990018

static char lab[64];

static inline const char *
lab_path (const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf (path, sizeof paths[0], "%s/%s", lab, name);
    return path;
}

static inline void
lab_copy (const char *from, const char *name)
{
    char block[65536];
    int in = open (from, O_RDONLY | O_CLOEXEC);
    int out = open (lab_path (name), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    ssize_t n;

    if (in < 0 || out < 0) {
        fail_msg ("cannot copy %s: %s", from, strerror (errno));
    }
    while ((n = read (in, block, sizeof block)) > 0) {
        assert_int_equal (write (out, block, (size_t)n), n);
    }
    close (in);
    close (out);
}

static inline void
lab_write (const char *name, const char *text, mode_t mode)
{
    int fd =
        open (lab_path (name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    assert_true (fd >= 0);
    assert_int_equal (write (fd, text, strlen (text)), strlen (text));
    close (fd);
}

/* Waits at most five seconds for the file to exist, and reads it. */
static inline bool
lab_read (const char *name, char *text, size_t size)
{
    for (int i = 0; i < 500; i++) {
        struct timespec pause = { 0, 10 * 1000 * 1000 };
        int fd = open (lab_path (name), O_RDONLY | O_CLOEXEC);
        ssize_t n = fd < 0 ? -1 : read (fd, text, size - 1);

        if (fd >= 0) {
            close (fd);
        }
        if (n > 0) {
            text[n] = '\0';
            return true;
        }
        nanosleep (&pause, NULL);
    }
    return false;
}

/* That of this build, or of another; see tests/shell/musl.sh. */
static inline const char *
lab_supervisor (void)
{
    const char *other = getenv ("HVCTL_TEST_SUPERVISOR");

    return other ? other : SUPERVISOR;
}

static inline int
lab_setup (void **state)
{
    strcpy (lab, "/tmp/hvctl-spawn.XXXXXX");
    umask (022);
    if (!mkdtemp (lab) || chmod (lab, 0755) < 0) {
        return -1;
    }
    lab_copy (PROBE, "probe");
    lab_copy (lab_supervisor (), "supervisor");
    return 0;
}

static inline int
lab_teardown (void **state)
{
    static const char *const names[] = { "probe",  "supervisor", "script",
                                         "end",    "released",   "secret",
                                         "public", "one",        "two",
                                         "three" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink (lab_path (names[i]));
    }
    return rmdir (lab);
}

/* Runs 'run' and, if we are root, once more as an ordinary user. */
static inline int
lab_main (int (*run) (void))
{
    int failed = run (), status = 0;
    pid_t pid;

    if (geteuid () != 0) {
        return failed;
    }
    fflush (NULL);
    pid = fork ();
    if (pid == 0) {
        if (setgroups (0, NULL) < 0 || setgid (SOME_USER) < 0
            || setuid (SOME_USER) < 0
            || prctl (PR_SET_DUMPABLE, 1) < 0) { /* As after an exec. */
            perror ("becoming an ordinary user");
            _exit (1);
        }
        print_message ("--- as an ordinary user\n");
        failed = run ();
        fflush (NULL);
        _exit (failed ? 1 : 0);
    }
    waitpid (pid, &status, 0);
    return failed || status ? 1 : 0;
}

#endif /* TESTS_SPAWN_LAB_H */
