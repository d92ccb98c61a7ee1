/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What servers publish beside images: checksums in their forms, OpenPGP's armor
 * and signed texts, and addresses. */
#include <string.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/armor.h"
#include "core/base/url.h"
#include "core/machine/image-sums.h"
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
#define LOW_B64                                                                \
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void
assert_sum (const char *text, const char *name, const char *wanted)
{
    struct image_sum sum = { "" };
    bool found = image_sums_find (text, name, &sum);

    print_message ("%s\n", text);
    assert_int_equal (found, wanted != NULL);
    if (wanted) {
        assert_string_equal (sum.hex, wanted);
    }
}

static void
test_sums (void **state)
{
    (void)state;
    assert_sum (A64 "  a.raw\n", "a.raw", A64);
    assert_sum (A64 " *a.raw", "a.raw", A64);
    assert_sum (A64 "  ./a.raw\r\n", "a.raw", A64);
    assert_sum ("# a comment\n\n" A64 "  b\n" B64 "  a\n", "a", LOW_B64);
    assert_sum (A64 A64 "  a\n", "a", A64 A64);
    assert_sum ("SHA256 (a b) = " B64 "\n", "a b", LOW_B64);
    assert_sum ("SHA512 (a) = " A64 B64 "\n", "a", A64 LOW_B64);
    /* The stronger one of two, and the same twice. */
    assert_sum (B64 "  a\n" A64 A64 "  a\n" B64 "  a\n", "a", A64 A64);
    assert_sum (A64 "  a\n" A64 " *a\n", "a", A64);

    assert_sum ("", "a", NULL);
    assert_sum (A64 "  a\n", "", NULL);
    assert_sum (A64 "  \n", "", NULL);
    assert_sum (A64 " a\n", "a", NULL);
    assert_sum (A64 "  b/a\n", "a", NULL);
    assert_sum (A64 "  aa\n", "a", NULL);
    assert_sum (A64 "0  a\n", "a", NULL);
    assert_sum ("d41d8cd98f00b204e9800998ecf8427e  a\n", "a", NULL);
    assert_sum (A64 "  a\n" B64 "  a\n", "a", NULL);
    assert_sum ("SHA512 (a) = " A64 "\n", "a", NULL);
    assert_sum ("SHA256 (a) = " A64 A64 "\n", "a", NULL);
    assert_sum ("SHA256 (a) = " A64 " x\n", "a", NULL);
    assert_sum ("SHA256 (a", "a", NULL);
    assert_sum ("SHA256 (", "a", NULL);
    assert_sum ("MD5 (a) = " A64 "\n", "a", NULL);
}

static void
test_sum_alone (void **state)
{
    struct image_sum sum;

    (void)state;
    assert_true (image_sums_read (B64 "\n", &sum));
    assert_string_equal (sum.hex, LOW_B64);
    assert_string_equal (image_sums_kind (&sum), "SHA-256");
    assert_true (image_sums_read (A64 A64, &sum));
    assert_string_equal (image_sums_kind (&sum), "SHA-512");
    assert_false (image_sums_read (A64 " a\n", &sum));
    assert_false (image_sums_read ("", &sum));
    assert_false (image_sums_read ("abc", &sum));
}

static void
assert_decoded (const char *text, const char *wanted)
{
    size_t size = 0;
    CLEANUP_FREE uint8_t *bytes = armor_decode (text, &size);

    assert_int_equal (bytes != NULL, wanted != NULL);
    if (wanted) {
        assert_int_equal (size, strlen (wanted));
        assert_memory_equal (bytes, wanted, size);
    }
}

#define KEY "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
#define KEY_END "-----END PGP PUBLIC KEY BLOCK-----\n"

static void
test_armor (void **state)
{
    (void)state;
    assert_true (armor_is ("words\n" KEY));
    assert_false (armor_is ("\x99\x01words"));
    assert_decoded (KEY "\naGVsbG8=\n=abcd\n" KEY_END, "hello");
    assert_decoded (KEY "Version: 1\r\n\r\naGVs\r\nbG8=\r\n" KEY_END, "hello");
    assert_decoded ("words\n" KEY "\naGVs\n" KEY_END KEY "\nbG8=\n" KEY_END,
                    "hello");
    assert_decoded ("words", "");
    assert_decoded (KEY "\naGVsbG8=\n", NULL);
    assert_decoded (KEY, NULL);
    assert_decoded (KEY "aGVsbG8=\n" KEY_END, NULL);
    assert_decoded (KEY "\naGV!bG8=\n" KEY_END, NULL);
    assert_decoded (KEY "\naGV=sbG8\n" KEY_END, NULL);
}

static void
assert_signed (const char *text, const char *wanted)
{
    const char *signature = NULL;
    CLEANUP_FREE char *is = armor_signed (text, &signature);

    assert_int_equal (is != NULL, wanted != NULL);
    if (wanted) {
        assert_string_equal (is, wanted);
        assert_memory_equal (signature, "-----BEGIN PGP SIGNATURE", 24);
    }
}

#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----\n"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----\n\nabcd\n"

static void
test_signed (void **state)
{
    (void)state;
    assert_signed (SIGNED "Hash: SHA512\n\na  \nb\t\r\n" SIGNATURE, "a\nb");
    assert_signed (SIGNED "\n\n- -- c\n- - d\n" SIGNATURE, "\n-- c\n- d");
    assert_signed (SIGNED "\n" SIGNATURE, "");
    assert_signed ("a\n" SIGNED "\nb\n" SIGNATURE, NULL);
    assert_signed (SIGNED "a\n\nb\n" SIGNATURE, NULL);
    assert_signed (SIGNED "Hash: SHA1\nNotDashEscaped: yes\n\nb\n" SIGNATURE,
                   NULL);
    assert_signed (SIGNED "\n--- a\n" SIGNATURE, NULL);
    assert_signed (SIGNED "\na\n", NULL);
    assert_signed (SIGNED, NULL);
    assert_signed ("", NULL);
}

static void
test_urls (void **state)
{
    struct arena a = { 0 };

    (void)state;
    assert_string_equal (url_beside (&a, "http://h/d/a.raw?x=/y", "S"),
                         "http://h/d/S");
    assert_string_equal (url_beside (&a, "http://h", "S"), "http://h/S");
    assert_string_equal (url_beside (&a, "https://h/", "S"), "https://h/S");
    assert_string_equal (url_name (&a, "http://h/d/a%2braw?x=/y"), "a+raw");
    assert_string_equal (url_name (&a, "http://h"), "");
    assert_string_equal (url_name (&a, "/d/a.raw"), "a.raw");
    assert_string_equal (url_path (&a, "file:/a%20b"), "/a b");
    assert_string_equal (url_path (&a, "file://LOCALHOST/a"), "/a");
    assert_null (url_path (&a, "file://h/a"));
    assert_null (url_path (&a, "file:///a%"));
    assert_null (url_path (&a, "file:///a%0"));
    assert_null (url_path (&a, "file:///a%00"));
    assert_null (url_path (&a, "file:///a%zz"));
    assert_true (url_is ("HTTP://h") && url_is ("file:x") && url_is ("oci:x"));
    assert_false (url_is ("a.raw") || url_is ("a:b") || url_is ("./http://h"));
    assert_true (url_is_web ("HTTPS://h"));
    assert_false (url_is_web ("https:h") || url_is_web ("httpx://h"));
    arena_free (&a);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_sums),  cmocka_unit_test (test_sum_alone),
        cmocka_unit_test (test_armor), cmocka_unit_test (test_signed),
        cmocka_unit_test (test_urls),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
