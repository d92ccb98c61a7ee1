/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Description, labels and start order in definitions. */
#include <stdio.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/config/about.h"
#include "core/config/effective.h"
#include "core/config/settings.h"

#define VM "memory = 1G\n"

static struct world w;

static int
begin (void **state)
{
    world_begin (&w);
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

static const struct definition *
well (const char *text)
{
    const struct definition *def = world_define (&w, "vm1", text);

    if (!def) {
        fail_msg ("%s: %s", text, w.err.text);
    }
    return def;
}

static void
refused (const char *text, const char *reason)
{
    if (world_define (&w, "vm1", text)) {
        fail_msg ("taken: %s", text);
    }
    assert_int_equal (exit_code_of (&w.err), EXIT_CONFIG);
    assert_contains (w.err.text, reason);
}

/* 'n' times the same character. */
static const char *
many (char c, size_t n)
{
    char *text = arena_alloc (&w.arena, n + 1);

    memset (text, c, n);
    return text;
}

static void
open_host (const char *conf)
{
    if (world_open (&w, conf) < 0) {
        fail_msg ("%s: %s", conf, w.err.text);
    }
}

static void
test_values (void **state)
{
    const struct definition *def;

    open_host ("");
    def = well (VM);
    assert_null (def->description);
    assert_null (def->labels);
    assert_false (def->autostart);
    assert_int_equal (def->start_order, 0);
    assert_int_equal (def->start_delay, 0);
    def = well (VM "description = \"${name}: für alle\"\nautostart = yes\n"
                   "start_order = 1000000\nstart_delay = 24h\n"
                   "labels {\n role = web\n a.b-c_1 = \"of ${name}\"\n}\n");
    assert_string_equal (def->description, "vm1: für alle");
    assert_true (def->autostart);
    assert_int_equal (def->start_order, 1000000);
    assert_int_equal (def->start_delay, 24 * 60 * 60 * 1000);
    assert_string_equal (settings_get (def->labels, "role"), "web");
    assert_string_equal (settings_get (def->labels, "a.b-c_1"), "of vm1");
    assert_null (settings_get (def->labels, "Role"));
}

static void
test_templates (void **state)
{
    const struct definition *def;

    open_host ("template a {\n description = \"of a\"\n"
               " labels { role = web site = A }\n}\n"
               "template b {\n start_order = 7\n"
               " labels { site = B tier = 1 }\n}\n");
    def = well (VM "templates = { a, b }\nlabels { role = db }\n");
    assert_string_equal (def->description, "of a");
    assert_int_equal (def->start_order, 7);
    assert_string_equal (settings_get (def->labels, "role"), "db");
    assert_string_equal (settings_get (def->labels, "site"), "A");
    assert_string_equal (settings_get (def->labels, "tier"), "1");
}

static void
test_mistakes (void **state)
{
    struct arena *a = &w.arena;

    open_host ("template t { labels { 1x = 1 } }\n");
    refused (VM "description = \"\"\n", "vm1.conf:2: 'description' is empty");
    refused (VM "description = \"a\\tb\"\n",
             "vm1.conf:2: description contains a control character");
    refused (VM "description = \"a\\nb\"\n", "control character");
    refused (VM "description = \"a\xc2\x9b\"\n", "control character");
    refused (VM "description = \"\xff\"\n", "not valid UTF-8");
    well (arena_format (a, VM "description = \"%s\"\n", many ('x', 1000)));
    refused (
        arena_format (a, VM "description = \"%s\"\n", many ('x', 1001)),
        "vm1.conf:2: description has 1001 bytes: it may have at most 1000");
    refused (VM "autostart = perhaps\n", "is not yes or no");
    refused (VM "start_order = 1000001\n", "must be from 0 to 1000000");
    refused (VM "start_order = -1\n",
             "start_order must be from 0 to 1000000, not -1");
    refused (VM "start_delay = 25h\n", "start_delay is more than a day");
    refused (VM "start_delay = soon\n", "is not a duration");
    refused (VM "labels { role = \"\" }\n", "vm1.conf:2: 'role' is empty");
    refused (VM "labels { role = a role = b }\n", "set twice");
    refused (VM "labels { 1x = 1 }\n", "'1x' is not a valid name of a label");
    refused (VM "templates = t\n", "hvctl.conf:");
    refused (VM "labels {\n a = 1\n b = \"x\\ty\"\n}\n",
             "vm1.conf:4: b contains a control character");
    well (arena_format (a, VM "labels { %s = \"%s\" }\n", many ('n', 63),
                        many ('v', 255)));
    refused (arena_format (a, VM "labels { %s = v }\n", many ('n', 64)),
             "has more than 63 bytes");
    refused (arena_format (a, VM "labels { n = \"%s\" }\n", many ('v', 256)),
             "n has 256 bytes: it may have at most 255");
    refused (VM "label { a = b }\n", "did you mean 'labels'?");
    refused (VM "labels x { a = b }\n", "labels");
}

static void
test_how_many (void **state)
{
    const char *some = VM "labels {\n";

    open_host ("");
    for (int i = 0; i < 64; i++) {
        some = arena_format (&w.arena, "%s n%d = v\n", some, i);
    }
    well (arena_format (&w.arena, "%s}\n", some));
    refused (arena_format (&w.arena, "%s n64 = v\n}\n", some),
             "there are 65 labels: a VM may have at most 64");
}

/* A saved state is compared with what concerns the guest. */
static void
test_effective (void **state)
{
    const char *before, *text;

    open_host ("");
    before = arena_dup (
        &w.arena, effective_guest_text (&w.h.arena, well (VM "cpus = 2\n")));
    text = VM "cpus = 2\ndescription = d\nautostart = yes\nstart_order = 1\n"
              "start_delay = 1s\nlabels { a = b }\n";
    assert_string_equal (effective_guest_text (&w.h.arena, well (text)),
                         before);
    text = effective_text (&w.h.arena, well (text));
    assert_contains (text, "description = d\n");
    assert_contains (text, "labels {\n    a = b\n}\n");
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_values),   CASE (test_templates), CASE (test_mistakes),
        CASE (test_how_many), CASE (test_effective),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
