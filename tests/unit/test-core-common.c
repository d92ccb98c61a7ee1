/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sizes, durations, numbers, words and MAC addresses, as people write them
 * and as they should not. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "common/size.h"

#define KIB UINT64_C (1024)
#define UNTOUCHED UINT64_C (0xdeadbeef)

static void
test_size (void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        { "0", 0 },
        { "1", 1 },
        { "512", 512 },
        { "7B", 7 },
        { "1K", KIB },
        { "1k", KIB },
        { "1KiB", KIB },
        { "1KB", KIB },
        { "1Ki", KIB },
        { "512M", 512 * KIB * KIB },
        { "10G", 10 * KIB * KIB * KIB },
        { "10 G", 10 * KIB * KIB * KIB },
        { "1.5G", 1536 * KIB * KIB },
        { "0.5K", 512 },
        { "2T", 2 * KIB * KIB * KIB * KIB },
        { "1P", KIB * KIB * KIB * KIB * KIB },
        { "8191P", 8191 * KIB * KIB * KIB * KIB * KIB },
    };
    static const char *const bad[] = { "",
                                       " ",
                                       "-1",
                                       "+1",
                                       "G",
                                       "1X",
                                       "1GG",
                                       "1.",
                                       ".5",
                                       "1..",
                                       "1e3",
                                       "0x10",
                                       "1,5",
                                       " 1",
                                       "1G ",
                                       "1KiBB",
                                       "1iB",
                                       "8192P",
                                       "99999999999999999999",
                                       "18446744073709551616",
                                       "1.5.5",
                                       "1G1" };

    for (size_t i = 0; i < ARRAY_SIZE (good); i++) {
        uint64_t bytes = UNTOUCHED;

        if (!parse_size (good[i].text, &bytes) || bytes != good[i].bytes) {
            fail_msg ("%s: %llu", good[i].text, (unsigned long long)bytes);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        uint64_t bytes = UNTOUCHED;

        if (parse_size (bad[i], &bytes) || bytes != UNTOUCHED) {
            fail_msg ("'%s' is taken for %llu", bad[i],
                      (unsigned long long)bytes);
        }
    }
}

static void
test_size_back (void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = { { 0, "0" },
                  { 1, "1" },
                  { 1023, "1023" },
                  { KIB, "1K" },
                  { 1536 * KIB * KIB, "1536M" },
                  { 10 * KIB * KIB * KIB, "10G" },
                  { KIB + 1, "1025" },
                  { KIB * KIB * KIB * KIB * KIB * KIB, "1024P" } };
    char buffer[32];

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        uint64_t again;

        assert_string_equal (
            format_size (cases[i].bytes, buffer, sizeof buffer), cases[i].text);
        assert_true (parse_size (buffer, &again));
        assert_int_equal (again, cases[i].bytes);
    }
}

static void
test_duration (void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = { { "0", 0 },         { "90", 90000 },   { "90s", 90000 },
                 { "500ms", 500 },   { "1.5s", 1500 },  { "2m", 120000 },
                 { "2min", 120000 }, { "1h", 3600000 }, { "1d", 86400000 },
                 { "0.5m", 30000 },  { "2 m", 120000 } };
    static const char *const bad[] = {
        "", "s", "-1s", "1x", "1M", "1sec", "1 s ", "99999999999999999d", "1:30"
    };

    for (size_t i = 0; i < ARRAY_SIZE (good); i++) {
        int64_t ms = -1;

        if (!parse_duration (good[i].text, &ms) || ms != good[i].ms) {
            fail_msg ("%s: %lld", good[i].text, (long long)ms);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        int64_t ms = -1;

        if (parse_duration (bad[i], &ms)) {
            fail_msg ("'%s' is taken for %lld", bad[i], (long long)ms);
        }
    }
}

static void
test_uint (void **state)
{
    static const char *const bad[] = { "",    " 1",  "1 ",
                                       "-1",  "+1",  "1.0",
                                       "1.",  "0x1", "1K",
                                       "abc", "1\n", "18446744073709551615" };
    uint64_t value = 0;

    assert_true (parse_uint ("0", &value));
    assert_int_equal (value, 0);
    assert_true (parse_uint ("007", &value));
    assert_int_equal (value, 7);
    assert_true (parse_uint ("4294967296", &value));
    assert_int_equal (value, UINT64_C (4294967296));
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        if (parse_uint (bad[i], &value)) {
            fail_msg ("'%s' is taken for a number", bad[i]);
        }
    }
}

static void
test_bool (void **state)
{
    static const char *const yes[] = { "yes", "true", "on", "YES", "True" };
    static const char *const no[] = { "no", "false", "off", "NO", "Off" };
    static const char *const bad[] = { "",  "1",    "0",       "y",
                                       "n", "yes ", "enabled", "nope" };
    bool value;

    for (size_t i = 0; i < ARRAY_SIZE (yes); i++) {
        value = false;
        assert_true (parse_bool (yes[i], &value) && value);
    }
    for (size_t i = 0; i < ARRAY_SIZE (no); i++) {
        value = true;
        assert_true (parse_bool (no[i], &value) && !value);
    }
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        assert_false (parse_bool (bad[i], &value));
    }
}

static void
test_mac (void **state)
{
    static const char *const bad[] = {
        "",
        "5",
        "52",
        "52:54:00:12:34",
        "52:54:00:12:34:5",
        "52:54:00:12:34:567",
        "52:54:00:12:34:56:",
        "52:54:00:12:34:56:78",
        "52.54.00.12.34.56",
        "5g:54:00:12:34:56",
        "525400123456",
        " 52:54:00:12:34:56",
        "52:54:00:12:34:56 ",
        "52::54:00:12:34:56",
    };
    uint8_t mac[6];
    char text[MAC_TEXT];

    assert_true (parse_mac ("52:54:00:aB:Cd:ef", mac));
    assert_string_equal (format_mac (mac, text), "52:54:00:ab:cd:ef");
    assert_true (parse_mac ("52-54-00-12-34-56", mac));
    assert_string_equal (format_mac (mac, text), "52:54:00:12:34:56");
    assert_true (mac_is_unicast (mac));
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        /* In memory of exactly this size, so that a sanitizer sees a byte
         * read too many. */
        char *tight = strdup (bad[i]);

        if (parse_mac (tight, mac)) {
            fail_msg ("'%s' is taken for a MAC address", bad[i]);
        }
        free (tight);
    }
    assert_true (parse_mac ("00:00:00:00:00:00", mac));
    assert_false (mac_is_unicast (mac));
    assert_true (parse_mac ("ff:ff:ff:ff:ff:ff", mac));
    assert_false (mac_is_unicast (mac));
    assert_true (parse_mac ("01:00:5e:00:00:01", mac));
    assert_false (mac_is_unicast (mac));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_size),     cmocka_unit_test (test_size_back),
        cmocka_unit_test (test_duration), cmocka_unit_test (test_uint),
        cmocka_unit_test (test_bool),     cmocka_unit_test (test_mac),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
