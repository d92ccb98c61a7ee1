/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* How long a macvtap takes: ours, with its address, mark and descriptor, and
 * up; and by running ip, which takes two processes until a link is up.  In
 * turns.  The bar of the test is for what does the same; bench/run has one for
 * the first of the two alone, too, which an idle machine misses: opening the
 * character device of the right namespace costs us two detached mounts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/root/net-macvtap.h"
#include "tests/kit/timing.h"

#define ROUNDS 30
#define BAR 3

static void
test_speed (void **state)
{
    static double ours[ROUNDS], theirs[ROUNDS], up[ROUNDS];
    struct lab *lab = *state;
    double start, a, b, c;
    int fd;

    for (int i = 0; i < ROUNDS; i++) {
        start = now ();
        assert_int_equal (
            hv_plugin.network->attach (&lab->f->ctx, &lab->port, &fd), 0);
        ours[i] = now () - start;
        lab_detach (lab);
        close (fd);

        start = now ();
        lab_run ("ip link add theirs link v0 type macvtap mode bridge");
        theirs[i] = now () - start;
        lab_run ("ip link set theirs up address 52:54:00:00:00:01");
        up[i] = now () - start;
        lab_run ("ip link delete theirs");
    }
    a = median_of (ours, ROUNDS);
    b = median_of (theirs, ROUNDS);
    c = median_of (up, ROUNDS);
    print_message ("attach(): %.2f ms, ip link add: %.2f ms: 1/%.1f\n", a, b,
                   b / a);
    print_message ("all of it: %.2f ms, and set up: %.2f ms: 1/%.1f (bar "
                   "1/%d)\n",
                   a, c, c / a, BAR);
    assert_true (a * BAR <= c);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_speed, macvtap_setup,
                                         lab_teardown),
    };

    lab_need_root ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
