/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How long a port on a tap takes: ours, and by running ovs-vsctl, in turns.
 * The bar is for the step that differs, up to the commit; what ovs-vswitchd
 * then needs is the same for both.  And how long all of attach() takes, which
 * makes the tap, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugins/net-ovs/ports.h"
#include "tests/root/net-ovs-lab.h"

#define ROUNDS 30
#define BAR 10

enum {
    OURS_COMMIT,
    THEIRS_COMMIT,
    OURS_READY,
    THEIRS_READY,
    ATTACH,
    ATTACH_READY,
    FIGURES
};

static double
now (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int
compare (const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double
median (double *values)
{
    qsort (values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

/* Waits for the configuration that is there, so that nothing is pending; also
 * the news of a tap that was just made. */
static void
settle (struct ovs_lab *lab)
{
    fake_limit (lab->f, 10000);
    ovs_vsctl (lab, "--timeout=10 set open . external_ids:round=1");
}

static void
ours (struct ovs_lab *lab, const struct settings *settings, double *commit,
      double *applied)
{
    struct ovs_port port = { .settings = settings,
                             .name = "other",
                             .mark = "hvctl:speed/other",
                             .vm = "speed",
                             .vm_id = "1",
                             .iface_id = "2",
                             .mac = "52:54:00:00:00:01" };
    struct ovs_view view;
    struct ovsdb db;
    int64_t number = 0;
    double start;

    lab_run ("ip tuntap add other mode tap");
    settle (lab);
    start = now ();
    ovsdb_init (&db, &lab->f->ctx, lab->socket, 0);
    assert_int_equal (ovsdb_open (&db), 0);
    assert_int_equal (ports_view (&db, &port, &view), 0);
    assert_int_equal (ports_add (&db, &port, &number), 0);
    *commit = now () - start;
    assert_int_equal (ports_wait (&db, "other", number), 0);
    *applied = now () - start;
    ovsdb_close (&db);
    ovs_vsctl (lab, "del-port other");
    lab_run ("ip link delete other");
}

static void
whole (struct ovs_lab *lab, double *attach, double *ready)
{
    struct hv_ctx *ctx = &lab->f->ctx;
    double start = now ();
    int fd = -1;

    assert_int_equal (hv_plugin.network->attach (ctx, &lab->ports[0], &fd), 0);
    *attach = now () - start;
    assert_int_equal (hv_plugin.network->ready (ctx, &lab->ports[0]), 0);
    *ready = now () - start;
    ovs_detach (lab, 0);
    close (fd);
}

static double
theirs (struct ovs_lab *lab, const char *no_wait)
{
    double start, end;

    lab_run ("ip tuntap add other mode tap");
    settle (lab);
    start = now ();
    lab_run ("ovs-vsctl --db=unix:%s %s add-port br0 other tag=100 -- set "
             "interface other external_ids:iface-id=x",
             lab->socket, no_wait);
    end = now ();
    ovs_vsctl (lab, "del-port other");
    lab_run ("ip link delete other");
    return end - start;
}

static void
test_speed (void **state)
{
    static double figures[FIGURES][ROUNDS];
    static struct settings settings;
    double m[FIGURES];
    struct ovs_lab lab;

    ovs_begin (&lab);
    lab.ports[0].options = OVS_OPTIONS (&lab, "tag", "100", NULL);
    assert_int_equal (
        settings_read (&lab.f->ctx, lab.ports[0].options, &settings), 0);
    for (int i = 0; i < ROUNDS; i++) {
        settle (&lab);
        ours (&lab, &settings, &figures[OURS_COMMIT][i],
              &figures[OURS_READY][i]);
        settle (&lab);
        figures[THEIRS_COMMIT][i] = theirs (&lab, "--no-wait");
        settle (&lab);
        figures[THEIRS_READY][i] = theirs (&lab, "--timeout=10");
        settle (&lab);
        whole (&lab, &figures[ATTACH][i], &figures[ATTACH_READY][i]);
    }
    for (int i = 0; i < FIGURES; i++) {
        m[i] = median (figures[i]);
    }
    print_message ("committed: %.2f ms, ovs-vsctl %.2f ms: 1/%.0f (bar 1/%d)\n"
                   "taken up:  %.2f ms, ovs-vsctl %.2f ms\n"
                   "attach() with the tap: %.2f ms, and ready(): %.2f ms\n",
                   m[OURS_COMMIT], m[THEIRS_COMMIT],
                   m[THEIRS_COMMIT] / m[OURS_COMMIT], BAR, m[OURS_READY],
                   m[THEIRS_READY], m[ATTACH], m[ATTACH_READY]);
    assert_true (m[OURS_COMMIT] * BAR <= m[THEIRS_COMMIT]);
    ovs_end (&lab);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_speed),
    };

    ovs_need ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
