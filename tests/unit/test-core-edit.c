/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Settings and sections are found in definitions however a person wrote them:
 * on one line or many, quoted or not, among comments and strings that look like
 * others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/config/definition-find.h"
#include "core/config/textedit.h"

#define ROUNDS 400

static struct world w;
static unsigned long state;

static unsigned
dice (unsigned sides)
{
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(state >> 33) % sides;
}

static const char *
gap (void)
{
    static const char *const gaps[] = {
        " ",
        "\n",
        "\t",
        "  \n  ",
        " # size = 1M }\n",
        " // disk a { memory = 9M\n",
        " /* memory = 7M\n } disk b { size = 3M */ ",
        "\n\n",
    };

    return gaps[dice (sizeof gaps / sizeof *gaps)];
}

static const char *
maybe_gap (void)
{
    return dice (2) ? "" : gap ();
}

static const char *
value (const char *text)
{
    unsigned way = text[strcspn (text, " {}=")] ? 1 + dice (2) : dice (3);

    return way == 0   ? text
           : way == 1 ? arena_format (&w.arena, "\"%s\"", text)
                      : arena_format (&w.arena, "'%s'", text);
}

static const char *
setting (const char *key, const char *text)
{
    const char *before = maybe_gap (), *after = maybe_gap ();

    return arena_format (&w.arena, "%s%s=%s%s%s", key, before, after,
                         value (text), gap ());
}

static const char *
disk (const char *name, const char *size)
{
    /* Two disks do not have one serial number. */
    static const char *const decoys[][4] = {
        { "size = 5M } disk b {", "{", "=", "size" },
        { "size = 5M } disk {", "}", "+=", "} disk a {" }
    };
    const char *decoy = setting ("serial", decoys[*name - 'a'][dice (4)]);
    const char *own = setting ("size", size);
    bool first = dice (2);

    return arena_format (&w.arena, "disk%s%s%s{%s%s%s}%s", gap (), value (name),
                         gap (), maybe_gap (), first ? own : decoy,
                         first ? decoy : own, gap ());
}

/* The result of all edits is what was intended, or there is none. */
static void
test_meant (void **unused)
{
    static const struct {
        const char *text, *kind, *name, *key, *value;
        bool good;
    } sets[] = {
        { "labels { a = \"}\" b = x }", "labels", NULL, "b", "y", true },
        { "labels { a = '{' }\ncpus = 1", "labels", NULL, "b", "y", true },
        { "labels { a = '{' }\ncpus = 1", NULL, NULL, "cpus", "2", true },
        { "append = \"{\" serial = \"}\" disk d { }", "disk", "d", "size", "1M",
          true },
        { "description = \"=\" cpus = 1", NULL, NULL, "cpus", "2", true },
        /* A list in several parts. */
        { "templates += { a }", NULL, NULL, "templates", "{ b }", false },
        /* A value that would be more than that. */
        { "cpus = 1", NULL, NULL, "memory", "1G arch = x86_64", false },
        { "cpus = 1", "labels", NULL, "a", "b }", false },
    };

    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const char *after =
            textedit_set (&w.arena, sets[i].text, sets[i].kind, sets[i].name,
                          sets[i].key, sets[i].value);

        if (!after != !sets[i].good) {
            fail_msg ("%s: %s", sets[i].text, after);
        }
        if (after) {
            assert_non_null (textedit_remove (&w.arena, after, sets[i].kind,
                                              sets[i].name, sets[i].key));
        }
    }
    assert_null (textedit_set (&w.arena, NULL, NULL, NULL, "cpus", "1"));
    assert_string_equal (textedit_remove (&w.arena,
                                          "a = \"}\"\n\ndisk d {\n    serial = "
                                          "\"{\"\n}\nb = \"}\"\n",
                                          "disk", "d", NULL),
                         "a = \"}\"\nb = \"}\"\n");
}

/* A definition with two disks, of another writing each time. */
static const char *
write_one (void)
{
    const char *a = disk ("a", "16M"), *b = disk ("b", "32M");
    const char *memory = setting ("memory", "64M");
    const char *sign = dice (2) ? "{" : "}";
    const char *rest =
        arena_format (&w.arena, "%s%s%s", setting ("description", sign),
                      setting ("machine", "q35"), setting ("cpus", "2"));

    return dice (2) ? arena_format (&w.arena, "%s%s%s%s%s", gap (), memory, a,
                                    rest, b)
                    : arena_format (&w.arena, "%s%s%s%s%s", gap (), b, rest, a,
                                    memory);
}

static struct definition *
load (const char *text)
{
    struct definition *def = NULL;
    int rc;

    world_file (&w, "vm.d/vm1.conf", text);
    memset (&w.err, 0, sizeof w.err);
    rc = definition_load (&w.h, "vm1", &def, &w.err);
    if (rc < 0) {
        fail_msg ("%s\nin:\n%s", w.err.text, text);
    }
    return def;
}

static void
check (const char *text, unsigned cpus, unsigned memory, unsigned a, unsigned b)
{
    struct definition *def = load (text);
    const struct disk_def *da = definition_disk (def, "a");
    const struct disk_def *db = definition_disk (def, "b");

    if (def->cpus != cpus || def->memory != (uint64_t)memory << 20
        || (a ? !da || da->size != (uint64_t)a << 20 : da != NULL) || !db
        || db->size != (uint64_t)b << 20) {
        fail_msg ("not what was meant:\n%s", text);
    }
}

static const char *
replace (const char *text, const char *kind, const char *name, const char *key,
         const char *with)
{
    struct section_place at;

    if (!textedit_setting (text, kind, name, key, &at)) {
        fail_msg ("no %s in:\n%s", key, text);
    }
    return arena_format (&w.arena, "%.*s%s%s", (int)at.from, text, with,
                         text + at.to);
}

static void
test_styles (void **unused)
{
    for (state = 1; state <= ROUNDS; state++) {
        unsigned long seed = state;
        struct section_place at;
        const char *text = write_one ();

        check (text, 2, 64, 16, 32);
        text = replace (text, NULL, NULL, "memory", "65M");
        check (text, 2, 65, 16, 32);
        text = replace (text, "disk", "b", "size", "33M");
        check (text, 2, 65, 16, 33);
        text = replace (text, NULL, NULL, "cpus", "3");
        text = replace (text, "disk", "a", "size", "17M");
        check (text, 3, 65, 17, 33);
        assert_false (textedit_setting (text, NULL, NULL, "size", &at));
        assert_false (textedit_setting (text, "disk", "c", "size", &at));
        assert_true (textedit_section (text, "disk", "a", &at));
        text =
            arena_format (&w.arena, "%.*s%s", (int)at.from, text, text + at.to);
        check (text, 3, 65, 0, 33);
        state = seed;
    }
}

static int
begin (void **unused)
{
    world_begin (&w);
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    assert_int_equal (file_make_dirs (world_path (&w, "vm.d"), 0700, &w.err),
                      0);
    return 0;
}

static int
end (void **unused)
{
    world_end (&w);
    return 0;
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_styles, begin, end),
        cmocka_unit_test_setup_teardown (test_meant, begin, end),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
