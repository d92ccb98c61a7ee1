/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Leases: of dnsmasq's file and of Kea's answer, also damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/leases.h"

#include <cmocka.h>

#define NOW 1000

static struct arena a;

static int
free_all (void **state)
{
    (void)state;
    arena_free (&a);
    a = (struct arena){ 0 };
    return 0;
}

/* The leases as "MAC ADDRESS HOSTNAME;". */
static const char *
joined (const struct vec *all)
{
    const char *text = "";

    for (size_t i = 0; i < all->n; i++) {
        const struct lease *l = all->p[i];

        text = arena_format (&a, "%s%s %s %s;", text, l->mac, l->address,
                             l->hostname ? l->hostname : "-");
    }
    return text;
}

static const char *
dnsmasq (const char *text)
{
    struct vec all = { 0 };

    leases_parse_dnsmasq (&a, arena_dup (&a, text), NOW, &all);
    return joined (&all);
}

static void
test_dnsmasq (void **state)
{
    (void)state;
    assert_string_equal (
        dnsmasq ("2000 52:54:00:AA:bb:cc 10.0.0.5 web *\n"
                 "0 52:54:00:00:00:01 10.0.0.6 * 01:52:54:00:00:00:01\n"
                 "999 52:54:00:00:00:02 10.0.0.7 late *\n"
                 "2000 01-52:54:00:00:00:03 10.0.0.8 typed *\n"
                 "duid 00:01:00:01:2a:b5:c1:d8:52:54:00:aa:bb:cc\n"
                 "2000 5636096 fd00::5 web "
                 "00:01:00:01:2a:b5:c1:d8:52:54:00:aa:bb:cc\n"
                 "2000 5636097 fd00::6 * 00:03:00:01:52:54:00:00:00:01\n"
                 "2000 5636098 fd00::7 * 00:04:52:54:00:00:00:01\n"),
        "52:54:00:aa:bb:cc 10.0.0.5 web;52:54:00:00:00:01 10.0.0.6 -;"
        "52:54:00:00:00:03 10.0.0.8 typed;52:54:00:aa:bb:cc fd00::5 web;"
        "52:54:00:00:00:01 fd00::6 -;");
}

static void
test_dnsmasq_damaged (void **state)
{
    (void)state;
    assert_string_equal (dnsmasq (""), "");
    assert_string_equal (dnsmasq ("\n\n   \n"), "");
    assert_string_equal (dnsmasq ("2000 52:54:00:00:00:01 10.0.0.5 web *"), "");
    assert_string_equal (dnsmasq ("2000 52:54:00:00:00:01 10.0.0\n"
                                  "x 52:54:00:00:00:01 10.0.0.5 web *\n"
                                  "-1 52:54:00:00:00:01 10.0.0.5 web *\n"
                                  "2000 52:54 10.0.0.5 web *\n"
                                  "2000 - 10.0.0.5 web *\n"
                                  "2000 52:54:00:00:00:01 /etc/shadow web *\n"
                                  "duid\n"
                                  "2000 1 fd00::5 * \n"),
                         "");
}

static const char *
kea (const char *text)
{
    struct vec all = { 0 };
    struct error err = { 0 };

    return leases_parse_kea (&a, text, NOW, &all, &err) < 0
               ? arena_dup (&a, err.text)
               : joined (&all);
}

#define LEASE(mac, address, state, valid)                                      \
    "{\"hw-address\":\"" mac "\",\"ip-address\":\"" address                    \
    "\",\"hostname\":\"\",\"cltt\":900,\"valid-lft\":" valid                   \
    ",\"state\":" state "}"

static void
test_kea (void **state)
{
    (void)state;
    assert_string_equal (
        kea (
            "{\"result\":0,\"text\":\"3 "
            "found\",\"arguments\":{\"leases\":[" LEASE (
                "52:54:00:00:00:01", "10.0.0.5", "0",
                "200") "," LEASE ("52:54:00:00:00:02", "10.0.0.6", "0",
                                  "99") "," LEASE ("52:54:00:00:00:03",
                                                   "10.0.0.7", "1",
                                                   "200") "," LEASE ("52:54:00:"
                                                                     "00:00:04",
                                                                     "10.0.0.8",
                                                                     "0",
                                                                     "429496729"
                                                                     "5") "]}"
                                                                          "}"),
        "52:54:00:00:00:01 10.0.0.5 -;52:54:00:00:00:04 10.0.0.8 -;");
    assert_string_equal (kea ("{\"result\":3,\"text\":\"0 found\"}"), "");
    assert_non_null (
        strstr (kea ("{\"result\":2,\"text\":\"no hook\"}"), "says: no hook"));
}

static void
test_kea_damaged (void **state)
{
    static const char *const texts[] = {
        "", "[", "[]", "null", "{}", "{\"result\":\"0\"}", "[{\"result\":0}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_non_null (
            strstr (kea (texts[i]), "is not that of a Kea server"));
    }
    assert_string_equal (kea ("{\"result\":0,\"arguments\":7}"), "");
    assert_string_equal (
        kea ("{\"result\":0,\"arguments\":{\"leases\":[7,null,{},"
             "{\"hw-address\":7,\"ip-address\":[]}]}}"),
        "");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown (test_dnsmasq, free_all),
        cmocka_unit_test_teardown (test_dnsmasq_damaged, free_all),
        cmocka_unit_test_teardown (test_kea, free_all),
        cmocka_unit_test_teardown (test_kea_damaged, free_all),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
