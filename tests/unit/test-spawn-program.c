/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Helper programs: what they get, what they give, and how they fail. */

#include "core/base/error.h"
#include "core/base/find.h"
#include "core/base/interrupt.h"
#include "core/process/program.h"
#include "tests/kit/range.h"
#include "tests/unit/test-spawn-lab.h"

static const char *const no_groups[] = { NULL };

static int
run_argv (const char *const *argv, const char *input, bool jail,
          int64_t timeout, char **out, struct error *err)
{
    struct program p = { .argv = argv,
                         .input = input,
                         .timeout = timeout,
                         .groups = jail ? no_groups : NULL,
                         .uid = VM_USER };

    memset (err, 0, sizeof *err);
    return program_run (&p, out, err);
}

/* In the jail a file of ours can be opened if it is granted, as it is granted,
 * though its user may not; and no other. */
static void
test_granted_files (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "files",
                                 lab_path ("secret"), NULL };
    const char *const granted[] = { argv[2], NULL };
    struct program p = { .argv = argv,
                         .timeout = 5000,
                         .groups = no_groups,
                         .reads = granted,
                         .uid = VM_USER };
    struct error err = { 0 };
    char *out = NULL;

    lab_write ("secret", "granted", 0600);
    if (program_run (&p, &out, &err) < 0) {
        fail_msg ("%s", err.text);
    }
    assert_string_equal (out, "granted");
    free (out);
    p.argv = (const char *const[]){ argv[0], "files2", argv[2], NULL };
    assert_int_equal (program_run (&p, &out, &err), 0);
    assert_string_equal (out, "granted");
    free (out);
    p.argv =
        (const char *const[]){ argv[0], "files2", lab_path ("public"), NULL };
    assert_int_equal (program_run (&p, &out, &err), -EIO);
    p.argv =
        (const char *const[]){ argv[0], "files", lab_path ("public"), NULL };
    assert_int_equal (program_run (&p, &out, &err), -EIO);
    p.argv = (const char *const[]){ argv[0], "write", argv[2], NULL };
    assert_int_equal (program_run (&p, &out, &err), -EIO);
    p.reads = NULL;
    p.writes = granted;
    assert_int_equal (program_run (&p, &out, &err), 0);
    free (out);
}

static void
test_output (void **state)
{
    const char *const argv[] = { "echo", "a b", "c", NULL };
    struct error err;
    char *out = NULL;

    assert_int_equal (run_argv (argv, NULL, false, 5000, &out, &err), 0);
    assert_string_equal (out, "a b c\n");
    free (out);
}

/* More than a pipe holds goes in and comes out. */
static void
test_input (void **state)
{
    const char *const argv[] = { "cat", NULL };
    const size_t size = 3 << 20;
    char *text = malloc (size + 1), *out = NULL;
    struct error err;

    memset (text, 'y', size);
    text[size] = '\0';
    assert_int_equal (run_argv (argv, text, false, 20000, &out, &err), 0);
    assert_string_equal (out, text);
    free (out);
    free (text);
}

/* It need not read what it is given. */
static void
test_unread_input (void **state)
{
    const char *const argv[] = { "true", NULL };
    char *text = calloc (1, (1 << 20) + 1);
    struct error err;

    memset (text, 'y', 1 << 20);
    assert_int_equal (run_argv (argv, text, false, 5000, NULL, &err), 0);
    free (text);
}

static void
note (void *data, uint64_t bytes)
{
    *(uint64_t *)data = bytes;
}

/* A head of any bytes, then what a descriptor gives; and what it prints goes
 * to another one, however much that is. */
static void
test_stream (void **state)
{
    static const char head[] = { 'a', 0, 'b', 0 };
    const size_t size = 5 << 20;
    int in = open (lab_path ("in"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int out = open (lab_path ("out"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    uint64_t moved = 0;
    struct program p = { .argv = (const char *const[]){ "cat", NULL },
                         .input = head,
                         .input_size = sizeof head,
                         .input_fd = &in,
                         .output_fd = &out,
                         .moved = note,
                         .moved_data = &moved,
                         .timeout = 5000 };
    char *bytes = malloc (size), *back = malloc (size), *text = NULL;
    struct error err = { 0 };

    for (size_t i = 0; i < size; i++) {
        bytes[i] = (char)(i * 31 >> 8);
    }
    assert_int_equal (write (in, bytes, size), size);
    assert_int_equal (lseek (in, 0, SEEK_SET), 0);
    assert_int_equal (program_run (&p, &text, &err), 0);
    assert_string_equal (text, "");
    assert_int_equal (lseek (out, 0, SEEK_END), size + sizeof head);
    assert_int_equal (pread (out, back, sizeof head, 0), sizeof head);
    assert_memory_equal (back, head, sizeof head);
    assert_int_equal (pread (out, back, size, sizeof head), size);
    assert_memory_equal (back, bytes, size);
    assert_true (moved >= 2 * size);
    free (text);
    free (bytes);
    free (back);
    close (in);
    close (out);
    unlink (lab_path ("in"));
    unlink (lab_path ("out"));
}

/* Nothing comes, nobody takes it, nobody is there any more. */
static void
test_stream_fails (void **state)
{
    struct program p = { .argv = (const char *const[]){ "cat", NULL },
                         .timeout = 300 };
    int pipe_fds[2], fd;
    struct error err = { 0 };

    assert_int_equal (pipe2 (pipe_fds, O_CLOEXEC), 0);
    p.input_fd = &pipe_fds[0];
    assert_int_equal (program_run (&p, NULL, &err), -ETIMEDOUT);
    assert_non_null (strstr (err.text, "made no progress for 0.3 seconds"));

    p.argv =
        (const char *const[]){ lab_path ("probe"), "flood", "9999999", NULL };
    p.input_fd = NULL;
    p.output_fd = &pipe_fds[1];
    assert_int_equal (program_run (&p, NULL, &err), -ETIMEDOUT);
    close (pipe_fds[0]);
    p.timeout = 5000;
    assert_int_equal (program_run (&p, NULL, &err), -EPIPE);
    assert_non_null (strstr (err.text, "cannot write the output of"));
    close (pipe_fds[1]);

    fd = open ("/", O_RDONLY | O_CLOEXEC);
    p.argv = (const char *const[]){ "cat", NULL };
    p.input_fd = &fd;
    p.output_fd = NULL;
    assert_int_equal (program_run (&p, NULL, &err), -EISDIR);
    assert_non_null (strstr (err.text, "cannot read the input for cat"));
    close (fd);
}

/* ^C ends what it gets, so that it can end by itself. */
static void
test_stream_interrupted (void **state)
{
    const char *script = "cat > /dev/null; echo clean > \"$0\"";
    struct program p = { .argv =
                             (const char *const[]){ "sh", "-c", script,
                                                    lab_path ("ended"), NULL },
                         .timeout = 20000 };
    int pipe_fds[2];
    struct error err = { 0 };

    assert_int_equal (pipe2 (pipe_fds, O_CLOEXEC), 0);
    p.input_fd = &pipe_fds[0];
    interrupt_came = 1;
    assert_int_equal (program_run (&p, NULL, &err), -EINTR);
    interrupt_came = 0;
    assert_int_equal (unlink (lab_path ("ended")), 0);
    close (pipe_fds[0]);
    close (pipe_fds[1]);
}

static void
test_environment (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "env", NULL };
    struct error err;
    char *out = NULL;

    setenv ("SECRET", "x", 1);
    setenv ("LD_LIBRARY_PATH", "/nowhere", 1);
    assert_int_equal (run_argv (argv, NULL, false, 5000, &out, &err), 0);
    assert_string_equal (out, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:"
                              "/usr/bin:/sbin:/bin\nLC_ALL=C\nHOME=/\n");
    free (out);
    assert_int_equal (run_argv (argv, NULL, true, 5000, &out, &err), 0);
    assert_string_equal (out, "PATH=/usr/bin:/bin\nLC_ALL=C\nHOME=/\n");
    free (out);
    unsetenv ("LD_LIBRARY_PATH");
}

/* Descriptors of ours do not leak, whether close-on-exec or not. */
static void
test_descriptors (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "fds", NULL };
    int stray = open ("/dev/null", O_RDONLY);
    struct error err;
    char *out = NULL;

    assert_true (stray >= 0);
    assert_int_equal (run_argv (argv, NULL, true, 5000, &out, &err), 0);
    assert_string_equal (out, "0:\n1:\n2:\n");
    free (out);
    close (stray);
}

static void
test_missing (void **state)
{
    const char *const argv[] = { "no-such-program-here", NULL };
    const char *const path[] = { "/no/such/program", NULL };
    struct error err;

    assert_int_equal (run_argv (argv, NULL, false, 5000, NULL, &err), -ENOENT);
    assert_non_null (strstr (err.text, "no-such-program-here"));
    assert_int_equal (run_argv (path, NULL, true, 5000, NULL, &err), -ENOENT);
}

/* The errno of a failed execution is the error's. */
static void
test_not_executable (void **state)
{
    const char *const argv[] = { lab_path ("script"), NULL };
    struct error err;

    lab_write ("script", "\177ELF, not really\n", 0755);
    assert_int_equal (run_argv (argv, NULL, false, 5000, NULL, &err), -ENOEXEC);
    assert_int_equal (run_argv (argv, NULL, true, 5000, NULL, &err), -ENOEXEC);
    unlink (lab_path ("script"));
    lab_write ("script", "#!/bin/sh\n", 0755);
    assert_int_equal (run_argv (argv, NULL, true, 5000, NULL, &err), -ENOEXEC);
    assert_non_null (strstr (err.text, "script"));
    unlink (lab_path ("script"));
}

static void
test_failure (void **state)
{
    const char *const argv[] = { "sh", "-c",
                                 "echo first >&2; echo the reason >&2; exit 3",
                                 NULL };
    const char *const signal[] = { "sh", "-c", "kill -9 $$", NULL };
    struct error err;

    assert_int_equal (run_argv (argv, NULL, false, 5000, NULL, &err), -EIO);
    assert_non_null (strstr (err.text, "status 3"));
    assert_non_null (strstr (err.text, "the reason"));
    assert_int_equal (run_argv (signal, NULL, false, 5000, NULL, &err), -EIO);
    assert_non_null (strstr (err.text, "signal 9"));
}

/* The limit holds for its children, too. */
static void
test_timeout (void **state)
{
    const char *const argv[] = { "sh", "-c",
                                 "echo slow >&2; sleep 60 & sleep 60", NULL };
    time_t before = time (NULL);
    struct error err;

    assert_int_equal (run_argv (argv, NULL, false, 300, NULL, &err),
                      -ETIMEDOUT);
    assert_non_null (strstr (err.text, "slow"));
    assert_true (time (NULL) - before < 10);
}

/* A child that stays behind with the pipe does not hold us up. */
static void
test_daemon (void **state)
{
    const char *const argv[] = { "sh", "-c", "sleep 3 & echo x", NULL };
    time_t before = time (NULL);
    struct error err;
    char *out = NULL;

    assert_int_equal (run_argv (argv, NULL, false, 20000, &out, &err), 0);
    assert_string_equal (out, "x\n");
    assert_true (time (NULL) - before < 3);
    free (out);
}

static void
test_flood (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "flood", "100000000",
                                 NULL };
    const char *const fits[] = { lab_path ("probe"), "flood", "9999999", NULL };
    struct error err;
    char *out = NULL;

    assert_int_equal (run_argv (argv, NULL, false, 20000, &out, &err), -EFBIG);
    assert_null (out);
    assert_int_equal (run_argv (fits, NULL, true, 20000, &out, &err), 0);
    assert_int_equal (strlen (out), 9999999);
    free (out);
}

/* What the host's root holds is not there. */
static void
test_jailed_files (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "files", "/etc/passwd",
                                 NULL };
    struct error err;

    assert_int_equal (run_argv (argv, NULL, true, 5000, NULL, &err), -EIO);
    assert_non_null (strstr (err.text, "status 1"));
    assert_int_equal (run_argv (argv, NULL, false, 5000, NULL, &err), 0);
}

static void
test_jailed_violation (void **state)
{
    const char *const argv[] = { lab_path ("probe"), "attack", "0", NULL };
    struct error err;

    assert_int_equal (run_argv (argv, NULL, true, 5000, NULL, &err), -EIO);
    assert_non_null (strstr (err.text, "the sandbox"));
}

static void
test_find (void **state)
{
    struct error err;
    char *path = NULL;

    assert_int_equal (find_program ("sh", &path, &err), 0);
    assert_int_equal (path[0], '/');
    free (path);
    assert_int_equal (find_program ("../bin/sh", &path, &err), -ENOENT);
    setenv ("PATH", lab, 1);
    assert_int_equal (find_program ("probe", &path, &err),
                      geteuid () == 0 ? -ENOENT : 0);
    setenv ("PATH", "/usr/bin:/bin", 1);
}

/* What hangs in the kernel, as with storage that is gone, does not die: the
 * core finds this in place of the C library's. */
static bool never_dies;

pid_t
waitpid (pid_t pid, int *status, int options)
{
    return never_dies ? 0 : wait4 (pid, status, options, NULL);
}

static void
test_immortal (void **state)
{
    const char *const argv[] = { "sleep", "60", NULL };
    struct timespec before, after;
    struct error err;

    clock_gettime (CLOCK_MONOTONIC, &before);
    never_dies = true;
    assert_int_equal (run_argv (argv, NULL, false, 100, NULL, &err),
                      -ETIMEDOUT);
    never_dies = false;
    clock_gettime (CLOCK_MONOTONIC, &after);
    assert_non_null (strstr (
        err.text, "sleep was killed but does not exit, blocked in the kernel"));
    assert_between (after.tv_sec - before.tv_sec, 4, 30);
    assert_true (waitpid (-1, NULL, 0) > 0);
}

static int
run (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_granted_files),
        cmocka_unit_test (test_output),
        cmocka_unit_test (test_input),
        cmocka_unit_test (test_unread_input),
        cmocka_unit_test (test_stream),
        cmocka_unit_test (test_stream_fails),
        cmocka_unit_test (test_stream_interrupted),
        cmocka_unit_test (test_environment),
        cmocka_unit_test (test_descriptors),
        cmocka_unit_test (test_missing),
        cmocka_unit_test (test_not_executable),
        cmocka_unit_test (test_failure),
        cmocka_unit_test (test_timeout),
        cmocka_unit_test (test_immortal),
        cmocka_unit_test (test_daemon),
        cmocka_unit_test (test_flood),
        cmocka_unit_test (test_jailed_files),
        cmocka_unit_test (test_jailed_violation),
        cmocka_unit_test (test_find),
    };

    return cmocka_run_group_tests_name ("spawn-program", tests, lab_setup,
                                        lab_teardown);
}

int
main (void)
{
    return lab_main (run);
}
