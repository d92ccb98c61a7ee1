/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fleets: which VMs a file defines, and what each of them is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/config/effective.h"
#include "core/config/fleet.h"

static struct world w;

static int
begin (void **state)
{
    world_begin (&w);
    if (world_open (&w, "template t { memory = 1G cpus = 2 }\n") < 0) {
        fail_msg ("%s", w.err.text);
    }
    return 0;
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

/* The names of all VMs, each followed by a blank. */
static const char *
names (void)
{
    struct vec all = { 0 };
    const char *text = "";

    if (definition_names (&w.h, &all, &w.err) < 0) {
        fail_msg ("%s", w.err.text);
    }
    for (size_t i = 0; i < all.n; i++) {
        text = arena_format (&w.arena, "%s%s ", text, (const char *)all.p[i]);
    }
    return text;
}

static const struct definition *
load (const char *name)
{
    struct definition *def = NULL;

    w.err = (struct error){ 0 };
    if (definition_load (&w.h, name, &def, &w.err) < 0) {
        fail_msg ("%s: %s", name, w.err.text);
    }
    return def;
}

/* All VMs, written out. */
static const char *
expand_all (void)
{
    struct vec all = { 0 };
    const char *text = "";

    definition_names (&w.h, &all, &w.err);
    for (size_t i = 0; i < all.n; i++) {
        text = arena_format (&w.arena, "%s%s\n%s", text, (const char *)all.p[i],
                             effective_text (&w.arena, load (all.p[i])));
    }
    return text;
}

static void
test_names (void **state)
{
    static const struct {
        const char *text, *names;
    } cases[] = {
        { "count = 3", "e-0 e-1 e-2 " },
        { "count = 1\nfirst = 7", "e-7 " },
        { "count = 3\nfirst = 9", "e-10 e-11 e-9 " },
        { "# count = 3", "e " },
        { "append = count", "e " },
        { "append = \"count = 3\"", "e " },
        { "vars { count = 3 }", "e " },
        { "vcount = 3", "e " },
        { "count = 0", "e " },
        { "count=2", "e-0 e-1 " },
        { "memory = 1G count = 2", "e-0 e-1 " },
        { "/* x */count = 2", "e-0 e-1 " },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world_file (&w, "vm.d/e.conf", cases[i].text);
        if (strcmp (names (), cases[i].names) != 0) {
            fail_msg ("%s: %s", cases[i].text, names ());
        }
    }
}

/* A file that is larger than what is read at once. */
static void
test_large (void **state)
{
    char *text = malloc (20001);

    memset (text, '#', 20000);
    strcpy (text + 19980, "\ncount = 2\n");
    world_file (&w, "vm.d/e.conf", text);
    assert_string_equal (names (), "e-0 e-1 ");
    free (text);
}

static void
test_whose (void **state)
{
    static const struct {
        const char *vm;
        bool is;
    } cases[] = {
        { "e-0", false },
        { "e-2", true },
        { "e-4", true },
        { "e-5", false },
        { "e-02", false },
        { "e-+2", false },
        { "e-2x", false },
        { "e--2", false },
        { "e-", false },
        { "-2", false },
        { "e2", false },
        { "e-2-2", false },
        { "f-2", false },
        { "e", false },
        { "", false },
        { "e- 2", false },
        { "../e-2", false },
        { "e-4294967298", false },
        { "e-18446744073709551618", false },
    };

    world_file (&w, "vm.d/e.conf", "count = 3\nfirst = 2\nmemory = 1G\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if ((fleet_of (&w.h, cases[i].vm) != NULL) != cases[i].is) {
            fail_msg ("%s", cases[i].vm);
        }
    }
    assert_non_null (fleet_find (&w.h, "e"));
    assert_null (fleet_find (&w.h, "e-2"));
    assert_string_equal (fleet_range (&w.arena, fleet_find (&w.h, "e")),
                         "e-2 … e-4");
}

/* One in a name that ends like that of a VM of another. */
static void
test_nested (void **state)
{
    world_file (&w, "vm.d/e.conf", "count = 2\nmemory = 1G\n");
    world_file (&w, "vm.d/e-7.conf", "count = 2\nmemory = 1G\n");
    assert_string_equal (names (), "e-0 e-1 e-7-0 e-7-1 ");
    load ("e-7-1");
    /* Now it is one of the first: its file is not that of a fleet. */
    world_file (&w, "vm.d/e.conf", "count = 8\nmemory = 1G\n");
    assert_null (fleet_find (&w.h, "e-7"));
    assert_null (fleet_of (&w.h, "e-7-1"));
    assert_string_equal (names (), "e-0 e-1 e-2 e-3 e-4 e-5 e-6 e-7 ");
}

/* It is read once, and again when it has changed. */
static void
test_changed (void **state)
{
    const struct fleet *f;

    world_file (&w, "vm.d/e.conf", "count = 2\nmemory = 1G\n");
    f = fleet_find (&w.h, "e");
    load ("e-0");
    load ("e-1");
    assert_ptr_equal (fleet_find (&w.h, "e"), f);
    world_file (&w, "vm.d/e.conf", "count = 2\nmemory = 20G\n");
    assert_int_equal (load ("e-1")->memory, UINT64_C (20) << 30);
    unlink (world_path (&w, "vm.d/e.conf"));
    assert_null (fleet_find (&w.h, "e"));
}

static void
test_layers (void **state)
{
    const struct definition *def;

    world_file (&w, "vm.d/e.conf",
                "count = 2\ntemplates = { t }\ncpus = 3\n"
                "disk a { size = 1G boot = 1 }\nnic n { mtu = 1400 }\n");
    world_file (&w, "vm.d/e-1.conf",
                "cpus = 4\ndisk a { size = 2G }\ndisk b { size = 1G }\n");
    def = load ("e-1");
    assert_int_equal (def->cpus, 4);
    assert_int_equal (def->memory, UINT64_C (1) << 30);
    assert_int_equal (def->disks.n, 2);
    assert_int_equal (definition_disk (def, "a")->size, UINT64_C (2) << 30);
    assert_int_equal (definition_disk (def, "a")->boot, 1);
    assert_string_equal (definition_disk (def, "b")->volume, "e-1-b");
    assert_int_equal (definition_nic (def, "n")->mtu, 1400);
    assert_int_equal (load ("e-0")->cpus, 3);
}

/* These values are written in licences and leases: they never change. */
static void
test_identity (void **state)
{
    world_file (&w, "vm.d/e.conf",
                "count = 3\nmemory = 1G\nnic n { }\n"
                "uuid = 0D1F3D4C-0000-4000-8000-0000000000AA\n");
    assert_string_equal (load ("e-1")->uuid,
                         "9a70f370-f10a-811d-9849-dd18c9da7312");
    world_file (&w, "vm.d/f.conf",
                "count = 3\nmemory = 1G\n"
                "uuid = 0d1f3d4c-0000-4000-8000-0000000000aa\n");
    assert_string_equal (load ("f-1")->uuid,
                         "9a70f370-f10a-811d-9849-dd18c9da7312");
    /* Without one: as if the VM had been defined by itself. */
    world_file (&w, "vm.d/e.conf", "count = 3\nmemory = 1G\n");
    world_file (&w, "vm.d/g.conf",
                "count = 1\nmemory = 1G\nuuid = "
                "\"00000000-0000-4000-8000-${index:012}\"");
    assert_string_equal (load ("g-0")->uuid,
                         "00000000-0000-4000-8000-000000000000");
    world_file (&w, "vm.d/e-1.conf",
                "uuid = 0d1f3d4c-0000-4000-8000-0000000000aa\n");
    assert_string_equal (load ("e-1")->uuid,
                         "0d1f3d4c-0000-4000-8000-0000000000aa");
}

/* Expanding twice gives the same, whichever files there were first. */
static void
test_same (void **state)
{
    static const char *const files[][2] = {
        { "vm.d/a.conf",
          "count = 4\nmemory = 1G\ndisk d { size = 1G }\n"
          "nic n { }\nkernel = k\nappend = \"${name} ${mac.n}\"\n" },
        { "vm.d/a-2.conf", "cpus = 2\n" },
        { "vm.d/b.conf", "count = 2\ntemplates = { t }\nfirst = 3\n" },
        { "vm.d/c.conf", "memory = 1G\n" },
    };
    const char *before, *again;

    for (size_t i = 0; i < 4; i++) {
        world_file (&w, files[i][0], files[i][1]);
    }
    before = expand_all ();
    again = expand_all ();
    assert_string_equal (again, before);
    for (size_t i = 0; i < 4; i++) {
        unlink (world_path (&w, files[i][0]));
    }
    for (size_t i = 4; i-- > 0;) {
        world_file (&w, files[i][0], files[i][1]);
    }
    fleet_forget (&w.h);
    assert_string_equal (expand_all (), before);
}

static void
test_check (void **state)
{
    struct fleet *f;

    world_file (&w, "vm.d/e.conf",
                "count = 10\nmemory = 1G\n"
                "append = \"${1 / (7 - index)}\"\nnic n { mtu = 5 }\n");
    f = fleet_read (&w.h, "e", world_path (&w, "vm.d/e.conf"));
    assert_non_null (f);
    assert_true (definition_check_fleet (&w.h, f, &w.err) < 0);
    assert_int_equal (w.err.exit_code, EXIT_CONFIG);
    assert_contains (w.err.text, "e.conf:3: append");
    assert_contains (w.err.text, "e.conf:4: mtu");
    /* Not ten times. */
    assert_null (strstr (strstr (w.err.text, "mtu must") + 1, "mtu must"));
}

#define CASE(fn) cmocka_unit_test_setup_teardown (fn, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_names),    CASE (test_large),   CASE (test_whose),
        CASE (test_nested),   CASE (test_changed), CASE (test_layers),
        CASE (test_identity), CASE (test_same),    CASE (test_check),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
