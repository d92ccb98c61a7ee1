/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A process that is not confined in one way or another is found out, by what
 * the kernel says of it; test-spawn-jail.c has one in which all is well. */
#include "core/base/error.h"
#include "core/sandbox/jail-check.h"
#include "core/sandbox/jail.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define SOME_USER 1990019

enum lacking { FILTER, BOUNDING_SET, USER, ROOT };

static void
load_filter (void)
{
    struct sock_filter all[] = { BPF_STMT (BPF_RET | BPF_K,
                                           SECCOMP_RET_ALLOW) };
    struct sock_fprog program = { 1, all };

    prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* All steps up to the one that lacks; then it waits to be killed. */
static _Noreturn void
be_confined (enum lacking what, int ready)
{
    if (what >= USER) {
        for (int cap = 0; prctl (PR_CAPBSET_READ, cap) >= 0; cap++) {
            prctl (PR_CAPBSET_DROP, cap);
        }
    }
    if (what >= ROOT
        && (setresgid (SOME_USER, SOME_USER, SOME_USER) < 0
            || setresuid (SOME_USER, SOME_USER, SOME_USER) < 0)) {
        _exit (1);
    }
    if (what == USER
        && (setresgid (SOME_USER, SOME_USER, SOME_USER) < 0
            || setresuid (SOME_USER + 1, SOME_USER + 1, SOME_USER + 1) < 0)) {
        _exit (1);
    }
    if (what > FILTER) {
        load_filter ();
    }
    (void)!write (ready, "", 1);
    for (;;) {
        pause ();
    }
}

static void
check (enum lacking what, const char *complaint)
{
    struct process p = { .uid = SOME_USER, .own_root = true };
    struct error err = { 0 };
    int ready[2];
    char byte;

    assert_int_equal (pipe (ready), 0);
    p.pid = fork ();
    if (p.pid == 0) {
        be_confined (what, ready[1]);
    }
    assert_int_equal (read (ready[0], &byte, 1), 1);
    assert_int_equal (jail_check (&p, &err), -1 /* EPERM */);
    if (!strstr (err.text, complaint)) {
        fail_msg ("%s: not '%s'", err.text, complaint);
    }
    kill (p.pid, SIGKILL);
    waitpid (p.pid, NULL, 0);
    close (ready[0]);
    close (ready[1]);
}

static void
test_lacking (void **state)
{
    check (FILTER, "Seccomp is 0, not 2");
    check (BOUNDING_SET, geteuid () == 0 ? "CapPrm is " : "CapBnd is ");
    if (geteuid () == 0) {
        check (USER, "Uid is 1990020\t1990020\t1990020\t1990020, not 1990019");
        check (ROOT, "its root directory contains");
    }
}

static void
test_gone (void **state)
{
    struct process p = { .pid = fork () };
    struct error err = { 0 };

    if (p.pid == 0) {
        _exit (0);
    }
    waitpid (p.pid, NULL, 0);
    assert_true (jail_check (&p, &err) < 0);
    assert_non_null (strstr (err.text, "it has exited"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_lacking),
        cmocka_unit_test (test_gone),
    };

    return cmocka_run_group_tests_name ("jail-check", tests, NULL, NULL);
}
