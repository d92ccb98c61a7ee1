/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Errors, exit codes, the arena, and how an end is told. */
#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "core/hvctl.h"
#include "core/state/ending-text.h"

static void
test_fail (void **state)
{
    struct error err = { 0 };

    errno = ENOENT;
    assert_int_equal (fail (&err, errno, "cannot open %s: %m", "/x"), -ENOENT);
    assert_string_equal (err.text, "cannot open /x: No such file or directory");
    assert_int_equal (err.code, ENOENT);
    assert_int_equal (fail_prefix (&err, "disk %s", "root"), -ENOENT);
    assert_string_equal (err.text, "disk root: cannot open /x: No such file "
                                   "or directory");
    /* The old text may be an argument. */
    fail (&err, EIO, "%s, again", err.text);
    assert_string_equal (err.text, "disk root: cannot open /x: No such file "
                                   "or directory, again");
    /* An error is never 0, and a new one forgets the old exit code. */
    assert_int_equal (fail_exit (&err, EXIT_CONFIG, EINVAL, "x"), -EINVAL);
    assert_int_equal (err.exit_code, EXIT_CONFIG);
    assert_true (fail (&err, 0, "y") < 0);
    assert_int_equal (err.exit_code, 0);
    assert_true (fail (&err, -EIO, "y") < 0);
}

/* What does not fit is cut off at the end, inside of the buffer. */
static void
test_truncation (void **state)
{
    struct {
        struct error err;
        char after[64];
    } s = { .after = "untouched" };
    static char big[3 * sizeof s.err.text];

    memset (big, 'x', sizeof big - 1);
    fail (&s.err, EIO, "%s", big);
    assert_int_equal (strlen (s.err.text), sizeof s.err.text - 1);
    fail_prefix (&s.err, "head");
    assert_int_equal (strlen (s.err.text), sizeof s.err.text - 1);
    assert_memory_equal (s.err.text, "head: xxx", 9);
    fail_prefix (&s.err, "%s", big);
    assert_true (strlen (s.err.text) < sizeof s.err.text);
    assert_contains (s.err.text, "x: head: xxx");
    assert_string_equal (s.after, "untouched");
    /* Prefixes without end. */
    for (int i = 0; i < 1000; i++) {
        fail_prefix (&s.err, "p%d", i);
    }
    assert_int_equal (strlen (s.err.text), sizeof s.err.text - 1);
    assert_string_equal (s.after, "untouched");
}

static void
test_exit_codes (void **state)
{
    static const struct {
        int code, exit_code;
    } cases[] = {
        { ENOENT, EXIT_NOT_FOUND },
        { ENODEV, EXIT_NOT_FOUND },
        { ENOTSUP, EXIT_UNSUPPORTED },
        { EPERM, EXIT_DENIED },
        { EACCES, EXIT_DENIED },
        { ETIMEDOUT, EXIT_TIMEOUT },
        { EINTR, EXIT_INTERRUPTED },
        { EIO, EXIT_ERROR },
        { EINVAL, EXIT_ERROR },
        { EBUSY, EXIT_RUNNING },
        { 0, EXIT_OK },
    };
    struct error err = { 0 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        err.code = cases[i].code;
        assert_int_equal (exit_code_of (&err), cases[i].exit_code);
    }
    fail_exit (&err, EXIT_RUNNING, ENOENT, "it runs");
    assert_int_equal (exit_code_of (&err), EXIT_RUNNING);
    /* These are documented: scripts rely on them. */
    assert_int_equal (EXIT_USAGE, 2);
    assert_int_equal (EXIT_NOT_FOUND, 3);
    assert_int_equal (EXIT_UNSUPPORTED, 4);
    assert_int_equal (EXIT_RUNNING, 5);
    assert_int_equal (EXIT_NOT_RUNNING, 6);
    assert_int_equal (EXIT_CONFIG, 7);
    assert_int_equal (EXIT_DENIED, 8);
    assert_int_equal (EXIT_TIMEOUT, 9);
    assert_int_equal (EXIT_INTERRUPTED, 130);
}

static void
test_describe_end (void **state)
{
    struct hvctl h = { 0 };

    assert_string_equal (ending_describe (&h, "exit 0 1763701234"),
                         "it exited by itself");
    assert_string_equal (ending_describe (&h, "exit 3 1763701234"),
                         "it exited with status 3");
    assert_string_equal (ending_describe (&h, "exit 0 1763701234 obeyed"),
                         "its guest has shut down, asked by hvctl");
    assert_string_equal (ending_describe (&h, "exit 1 1763701234 saved"),
                         "it was saved");
    assert_string_equal (ending_describe (&h, "signal 9 1763701234 saved"),
                         "it was saved");
    assert_string_equal (ending_describe (&h, "signal 9 1763701234 quit"),
                         "killed by hvctl");
    assert_string_equal (ending_describe (&h, "signal 11 1763701234 saved"),
                         ending_describe (&h, "signal 11 1763701234"));
    assert_contains (ending_describe (&h, "signal 9 1763701234"),
                     "killed by signal 9 (Killed)");
    assert_contains (ending_describe (&h, "signal 31 1763701234"), "sandbox");
    assert_string_equal (ending_describe (&h, "lost 1763701234"),
                         "how it exited is unknown");
    assert_string_equal (ending_describe (&h, ""), "how it exited is unknown");
    assert_non_null (ending_describe (&h, "signal 4711 1"));
    assert_non_null (ending_describe (&h, "signal -1 1"));
    assert_non_null (ending_describe (&h, "exit 99999999999999999999"));
    hvctl_close (&h);
}

static void
test_arena (void **state)
{
    struct arena a = { 0 };
    struct vec v = { 0 };
    static char big[100000];
    char *p;

    for (size_t size = 0; size < 300; size++) {
        p = arena_alloc (&a, size);
        assert_int_equal ((uintptr_t)p % alignof (max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal (p[i], 0);
        }
        memset (p, 0xff, size);
    }
    memset (big, 'b', sizeof big - 1);
    assert_string_equal (arena_dup (&a, big), big);
    assert_string_equal (arena_format (&a, "<%s>%d", big, 7) + sizeof big,
                         ">7");
    assert_null (arena_dup (&a, NULL));
    assert_string_equal (arena_dup_n (&a, "abcdef", 3), "abc");
    assert_string_equal (arena_dup_n (&a, "", 0), "");
    for (size_t i = 0; i < 1000; i++) {
        vec_add (&a, &v, big + i);
        assert_null (v.p[v.n]);
    }
    for (size_t i = 0; i < 1000; i++) {
        assert_ptr_equal (v.p[i], big + i);
    }
    arena_free (&a);
    arena_free (&a);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_fail),
        cmocka_unit_test (test_truncation),
        cmocka_unit_test (test_exit_codes),
        cmocka_unit_test (test_describe_end),
        cmocka_unit_test (test_arena),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
