/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The language of "${…}": integers, widths, and where a mistake is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "core/base/arena.h"
#include "core/config/expand.h"

static struct arena arena;

static const char *
lookup (void *data, const char *name, const char **why)
{
    static const char *const values[][2] = {
        { "a", "7" },
        { "zero", "0" },
        { "employee-id", "9000" },
        { "word", "seven" },
        { "padded", "010" },
        { "minus", "-3" },
        { "mac.lan", "52:54" },
        { "least", "-9223372036854775808" },
        { "empty", "" },
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (!strcmp (values[i][0], name)) {
            return values[i][1];
        }
    }
    *why = "unknown";
    return NULL;
}

/* "@" is the mark. */
static const char *
expand (const char *text, struct expand *e)
{
    char *marked = arena_dup (&arena, text);

    for (char *p = marked; *p; p++) {
        *p = *p == '@' ? EXPAND_MARK : *p;
    }
    *e = (struct expand){ .arena = &arena, .lookup = lookup };
    return expand_text (e, marked);
}

static void
test_values (void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "plain $ {x}", "plain $ {x}" },
        { "@{a}", "7" },
        { "@{ a }", "7" },
        { "5@{employee-id}", "59000" },
        { "4@{employee-id}", "49000" },
        { "@{a}@{a}-@{word}", "77-seven" },
        { "@@{a}", "${a}" },
        { "@{mac.lan}", "52:54" },
        { "@{empty}", "" },
        { "@{5900 + a}", "5907" },
        { "@{5900+a}", "5907" },
        { "@{a - 1}", "6" },
        { "@{2 + 3 * 4}", "14" },
        { "@{(2 + 3) * 4}", "20" },
        { "@{20 / 3}", "6" },
        { "@{20 % 3}", "2" },
        { "@{-20 / 3}", "-6" },
        { "@{100 / 10 / 2}", "5" },
        { "@{10 - 3 - 2}", "5" },
        { "@{--a}", "7" },
        { "@{2 - -a}", "9" },
        { "@{a:03}", "007" },
        { "@{a + 1 :02}", "08" },
        { "@{minus:04}", "-003" },
        { "@{padded}", "010" },
        { "@{padded + 0}", "10" },
        { "@{least}", "-9223372036854775808" },
        { "@{least + 0}", "-9223372036854775808" },
        { "@{9223372036854775807}", "9223372036854775807" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expand e;
        const char *got = expand (cases[i][0], &e);

        print_message ("%s\n", cases[i][0]);
        assert_non_null (got);
        assert_string_equal (got, cases[i][1]);
    }
}

static void
test_mistakes (void **state)
{
    static const struct {
        const char *text, *why;
        size_t at;
    } cases[] = {
        { "@{b}", "unknown", 3 },
        { "xx@{1 + b}", "unknown", 9 },
        { "@{}", "missing", 3 },
        { "@{", "missing", 3 },
        { "@{a", "'}' is missing", 4 },
        { "@{a b}", "'b' is unexpected", 5 },
        { "@{1 +}", "a number or a name is missing", 6 },
        { "@{(1 + 2}", "')' is missing", 9 },
        { "@{1 / 0}", "division by zero", 5 },
        { "@{1 % zero}", "division by zero", 5 },
        { "@{9223372036854775807 + 1}", "out of range", 23 },
        { "@{9223372036854775807 * 2}", "out of range", 23 },
        { "@{least - 1}", "out of range", 9 },
        { "@{least / -1}", "out of range", 9 },
        { "@{least % -1}", "out of range", 9 },
        { "@{-least}", "too large", 3 },
        { "@{9223372036854775808}", "larger than", 3 },
        { "@{word + 1}", "'word' is \"seven\", which is not a whole", 3 },
        { "@{empty + 1}", "not a whole number", 3 },
        { "@{a:2}", "width", 4 },
        { "@{a:00}", "width", 4 },
        { "@{a:021}", "width", 4 },
        { "@{a:099999999999}", "width", 4 },
        { "@{a:-x}", "there are no defaults", 4 },
        { "@{word:02}", "not a whole number", 3 },
        { "@", "missing", 2 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct expand e;

        print_message ("%s\n", cases[i].text);
        assert_null (expand (cases[i].text, &e));
        assert_non_null (e.why);
        if (!strstr (e.why, cases[i].why)) {
            print_error ("%s: %s\n", cases[i].text, e.why);
            assert_true (false);
        }
        assert_int_equal (e.at, cases[i].at);
    }
}

/* A value that has been expanded contains no mark, so it does not change. */
static void
test_limits (void **state)
{
    char text[200], *long_text;
    struct expand e;

    snprintf (text, sizeof text, "@{%.*s1%.*s}", 32,
              "((((((((((((((((((((((((((((((((((((((((((((((((((", 32,
              "))))))))))))))))))))))))))))))))))))))))))))))))))");
    assert_string_equal (expand (text, &e), "1");
    snprintf (text, sizeof text, "@{%.*s1%.*s}", 33,
              "((((((((((((((((((((((((((((((((((((((((((((((((((", 33,
              "))))))))))))))))))))))))))))))))))))))))))))))))))");
    assert_null (expand (text, &e));
    assert_non_null (strstr (e.why, "nested"));

    long_text = arena_alloc (&arena, EXPAND_MAX + 10);
    memset (long_text, 'x', EXPAND_MAX - 1);
    strcpy (long_text + EXPAND_MAX - 1, "@{a}");
    assert_int_equal (strlen (expand (long_text, &e)), EXPAND_MAX);
    strcpy (long_text + EXPAND_MAX - 1, "@{employee-id}");
    assert_null (expand (long_text, &e));
    assert_non_null (strstr (e.why, "longer than 65536 bytes"));
}

static void
test_forms (void **state)
{
    const char whole[] = { EXPAND_WHOLE, 'a',          ',', 'b',
                           ',',          EXPAND_WHOLE, 'c', '\0' };
    const char *text = expand_whole (&arena, whole);

    assert_true (expand_has (whole));
    assert_false (expand_has ("${a}"));
    assert_string_equal (expand_written (&arena, text), "${a},b,${c}");
    assert_true (expand_is_name ("employee-id"));
    assert_true (expand_is_name ("_a.b"));
    assert_false (expand_is_name (""));
    assert_false (expand_is_name ("1a"));
    assert_false (expand_is_name ("a-"));
    assert_false (expand_is_name ("a b"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_values),
        cmocka_unit_test (test_mistakes),
        cmocka_unit_test (test_limits),
        cmocka_unit_test (test_forms),
    };
    int failed = cmocka_run_group_tests (tests, NULL, NULL);

    arena_free (&arena);
    return failed;
}
