/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What was called, as the supervisor writes it down, against the table. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "tests/kit/core-world.h"
#include "core/base/file.h"
#include "core/base/vec.h"
#include "core/learn/learn-table.h"
#include "core/learn/learn.h"
#include "core/learn/refused.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/sandbox/filter.h"
#include "core/state/diagnosis.h"
#include "core/state/state.h"

static struct world w;
static struct plan *plan;
static struct learn learn;
static struct tally *tally;

static int
begin (void **state)
{
    world_begin (&w);
    world_plugin (&w, "null.so", "null.so");
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

/* A machine of groups base, listener, disk and net made these calls. */
static void
look_at (const char *log)
{
    struct definition *def;
    struct vec seen = { 0 };

    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    def = world_define (&w, "vm1", "memory = 16M\nhypervisor = null\n");
    assert_non_null (def);
    if (plan_make (&w.h, def, PLAN_FULL, &plan, &w.err) < 0) {
        fail_msg ("%s", w.err.text);
    }
    assert_int_equal (
        file_make_dirs (state_log_dir (&w.h, "vm1"), 0755, &w.err), 0);
    assert_int_equal (
        file_write (diagnosis_path (&w.h, "vm1"), 0600, log, &w.err), 0);
    diagnosis_load (&w.h, "vm1", &seen);
    learn = (struct learn){ 0 };
    tally = learn_tally_new (&w.h.arena);
    learn_tally_add (&w.h, tally, plan, "m", &seen, &learn);
}

static const struct learn_call *
call (size_t i)
{
    assert_true (i < learn.calls.n);
    return learn.calls.p[i];
}

static void
test_nothing (void **state)
{
    look_at ("");
    assert_int_equal (learn.calls.n, 0);
    assert_int_equal (learn.differences, 0);
    /* What is allowed, as it is allowed. */
    look_at ("run 0 qemu 3 7f00 10 0 0 0\n"
             "start 257 qemu ffffff9c 7f00 0 0 0 0\n");
    assert_int_equal (learn.differences, 0);
}

static void
test_missing (void **state)
{
    char log[1024];

    snprintf (log, sizeof log,
              "run %d worker 2 1 0 0 0 0\n"
              "run %d worker 2 1 0 0 0 0\n"
              "run %d worker a 5412 7f00 0 0 0\n"
              "run %d worker b 5413 7f00 0 0 0\n"
              "start %d CPU_0/TCG 0 1000 7 22 ffffffff 0\n"
              "this is no line\n",
              SYS_socket, SYS_socket, SYS_ioctl, SYS_ioctl, SYS_mmap);
    look_at (log);
    assert_int_equal (learn.calls.n, 4);
    assert_int_equal (learn.differences, 4);
    assert_contains (call (0)->call, "socket");
    assert_string_equal (call (0)->thread, "worker");
    assert_int_equal (call (0)->times, 2);
    assert_int_equal (call (1)->times, 1);
    assert_true (call (0)->sealed);
    assert_contains (call (0)->groups, "'slirp'");
    assert_contains (call (1)->call, "ioctl");
    assert_contains (call (1)->arguments, "0x5412");
    assert_contains (call (2)->arguments, "0x5413");
    assert_contains (call (3)->call, "mmap");
    assert_false (call (3)->sealed);
}

/* A call of the start that is refused after the seal is a difference, unless
 * somebody has looked at it; what no rule looks at tells none apart. */
static void
test_late (void **state)
{
    char log[512];

    snprintf (log, sizeof log,
              "run %d qemu ffffff9c 7f00 0 0 0 0\n"
              "run %d qemu ffffff9c 7f10 80000 0 0 0\n"
              "run %d CPU_0/TCG 1 2 3 0 0 0\n",
              SYS_openat, SYS_openat, SYS_socketpair);
    look_at (log);
    assert_int_equal (learn.calls.n, 2);
    assert_int_equal (learn.differences, 2);
    assert_true (call (0)->startup);
    assert_null (call (0)->reviewed);
    assert_int_equal (call (0)->times, 2);
    assert_contains (call (0)->groups, "'slirp' would allow it");
    assert_contains (call (0)->groups, "family 'open'");
    assert_string_equal (call (0)->family, "open");
    assert_contains (call (1)->call, "socketpair");
}

/* Those that were looked at are told with their reasons; of another file, or
 * in another thread if it matters, they are differences. */
static void
test_reviewed (void **state)
{
    for (const struct reviewed_refusal *r = reviewed_refusals; r->call; r++) {
        const char *thread = *r->thread ? r->thread : "worker";
        int nr = filter_call_number (r->call);
        char log[512];

        assert_true (nr >= 0);
        assert_true (r->why && strlen (r->why) > 20);
        snprintf (log, sizeof log,
                  "run %d %s ffffff9c 7f00 80000 0 0 0 %s\n"
                  "run %d %s ffffff9c 7f00 80000 0 0 0 %s\n",
                  nr, thread, r->path ? r->path : "", nr, thread,
                  "/etc/shadow");
        look_at (log);
        assert_int_equal (learn.calls.n, 2);
        assert_int_equal (learn.differences, 1);
        assert_string_equal (call (0)->reviewed, r->why);
        assert_null (call (1)->reviewed);
        assert_contains (call (1)->arguments, "/etc/shadow");
        if (*r->thread) {
            snprintf (log, sizeof log, "run %d other 0 7f00 0 0 0 0 %s\n", nr,
                      r->path ? r->path : "");
            look_at (log);
            assert_int_equal (learn.differences, 1);
        }
    }
}

static bool
unused (const char *group, const char *name, const char *values)
{
    for (size_t i = 0; i < learn.unused.n; i++) {
        const struct learn_unused *u = learn.unused.p[i];

        if (!strcmp (u->group, group) && !strcmp (u->call, name)
            && (values ? u->values && strstr (u->values, values)
                       : !u->values)) {
            return true;
        }
    }
    return false;
}

static void
test_unused (void **state)
{
    char log[256];

    snprintf (log, sizeof log,
              "run %d qemu 3 7f00 10 0 0 0\n"
              "run %d qemu 3 7f00 10 0 0 0\n"
              "run %d qemu 7f00 1 0 0 0 0\n",
              SYS_read, SYS_pwrite64, SYS_fallocate);
    look_at (log);
    learn_tally_unused (&w.h.arena, tally, &learn);
    assert_false (unused ("base", "read", NULL));
    assert_true (unused ("base", "write", NULL));
    assert_false (unused ("disk", "pwrite64", NULL));
    assert_true (unused ("disk", "fdatasync", NULL));
    /* Of its list one value was used. */
    assert_true (unused ("disk", "fallocate", "0x10"));
    assert_false (unused ("disk", "fallocate", NULL));
    /* A group that the machine does not have is not looked at, nor is what
     * fails anyhow. */
    assert_false (unused ("slirp", "socket", NULL));
    assert_false (unused ("base", "clone3", NULL));
}

#define TEST(f) cmocka_unit_test_setup_teardown (f, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_nothing),  TEST (test_missing), TEST (test_late),
        TEST (test_reviewed), TEST (test_unused),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
