/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The loader against good plugins, bad ones, and bad places. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/hvctl.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/provider.h"

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
    unsetenv ("LTDL_LIBRARY_PATH");
    world_end (&w);
    return 0;
}

static struct plugin *
load (const char *name)
{
    assert_int_equal (world_open (&w, ""), 0);
    return loader_find (&w.h, name);
}

static void
broken (const char *name, const char *reason)
{
    struct plugin *p = load (name);

    if (!p || !p->broken) {
        fail_msg ("%s: %s", name, p ? "is not broken" : "is not there");
    }
    assert_contains (p->broken, reason);
    assert_true (provider_usable (p, &w.err) < 0);
    assert_int_equal (exit_code_of (&w.err), EXIT_UNSUPPORTED);
    assert_contains (w.err.text, name);
    assert_contains (w.err.text, reason);
}

static void
test_good (void **state)
{
    struct plugin *p;

    world_plugin (&w, "null.so", "null.so");
    world_plugin (&w, "bad_none.so", "bad_none.so");
    world_file (&w, "plugins/README", "no plugin");
    world_file (&w, "plugins/.so", "no name");
    p = load ("null");
    assert_non_null (p);
    assert_null (p->broken);
    assert_true (p->has_hypervisor && p->has_network && p->has_storage
                 && p->has_firmware);
    assert_string_equal (p->info.version, "1.0");
    p = loader_find (&w.h, "bad-none");
    assert_non_null (p);
    assert_null (p->broken);
    assert_true (p->has_storage && !p->has_hypervisor && !p->has_network);
    assert_int_equal (w.h.plugins.n, 2);
    assert_null (loader_find (&w.h, "bad_none"));
    assert_null (loader_find (&w.h, "none"));
}

/* As a command that may change things finds "bad-none". */
static struct plugin *
know (void)
{
    assert_int_equal (world_open (&w, ""), 0);
    w.h.changes = true;
    loader_know (&w.h);
    assert_int_equal (w.h.plugins.n, 1);
    return w.h.plugins.p[0];
}

/* What the index knows is loaded when it is needed; a file that was replaced is
 * not known, even if it is as old and as long. */
static void
test_index (void **state)
{
    const char *path;
    struct timespec times[2];
    struct plugin *p;

    world_plugin (&w, "bad_none.so", "bad_none.so");
    p = know ();
    assert_true (p->handle && p->has_storage && !p->known);
    p = know ();
    assert_true (p->known && p->has_storage && !p->has_network && !p->handle);
    assert_string_equal (p->info.version, "1.0");
    assert_true (loader_need (p));
    assert_true (p->handle && p->has_storage && !p->known);

    path = world_path (&w, "plugins/bad_none.so");
    times[0] = p->file.st_atim;
    times[1] = p->file.st_mtim;
    usleep (20000); /* The clock of the file system. */
    assert_int_equal (utimensat (AT_FDCWD, path, times, 0), 0);
    p = know ();
    assert_true (p->handle && !p->known);
    assert_true (know ()->known);
    loader_load (&w.h);
    assert_false (((struct plugin *)w.h.plugins.p[0])->known);

    unlink (path); /* It is mapped. */
    world_plugin (&w, "bad_name.so", "bad_none.so");
    assert_false (know ()->known);
}

/* A command that changes nothing writes no index. */
static void
test_index_unchanged (void **state)
{
    world_plugin (&w, "bad_none.so", "bad_none.so");
    assert_non_null (load ("bad-none")->handle);
    assert_false (know ()->known);
}

/* One with the header as it was in ABI 1. */
static void
test_old (void **state)
{
    struct plugin *p;

    world_plugin (&w, "abi_1.so", "abi_1.so");
    p = load ("abi-1");
    assert_non_null (p);
    assert_null (p->broken);
}

static void
test_bad (void **state)
{
    static const struct {
        const char *file, *name, *reason;
    } cases[] = {
        { "bad_symbol.so", "bad-symbol", "no symbol 'hv_plugin'" },
        { "bad_abi0.so", "bad-abi0", "ABI is 0" },
        { "bad_abi999.so", "bad-abi999", "newer hvctl (its ABI is 999" },
        { "bad_size.so", "bad-size", "plugin table has" },
        { "bad_table.so", "bad-table", "storage table has" },
        { "bad_null.so", "bad-null", "storage.create is required" },
        { "bad_half.so", "bad-half", ".deactivate must be set together" },
        { "bad_empty.so", "bad-empty", "no provider" },
        { "bad_name.so", "bad-name", "'another'" },
        { "bad_undefined.so", "bad-undefined", "has_no_such_function" },
    };

    world_plugin (&w, "null.so", "null.so");
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        world_plugin (&w, cases[i].file, cases[i].file);
    }
    world_file (&w, "plugins/bad_text.so", "this is no shared object\n");
    world_file (&w, "plugins/bad_empty_file.so", "");
    mkdir (world_path (&w, "plugins/bad_dir.so"), 0755);
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        broken (cases[i].name, cases[i].reason);
    }
    broken ("bad-text", "cannot be loaded");
    broken ("bad-empty-file", "cannot be loaded");
    broken ("bad-dir", "cannot be loaded");
    /* None of them takes another one down. */
    assert_null (loader_find (&w.h, "null")->broken);
}

/* A file's name stands for the plugin's. */
static void
test_renamed (void **state)
{
    world_plugin (&w, "null.so", "void.so");
    broken ("void", "it says its name is 'null'");
}

static void
test_two_of_one_name (void **state)
{
    struct plugin *p;

    mkdir (world_path (&w, "more"), 0755);
    world_plugin (&w, "null.so", "null.so");
    world_plugin (&w, "null.so", "../more/null.so");
    world_plugin (&w, "bad_none.so", "bad_none.so");
    world_plugin (&w, "bad_none.so", "bad-none.so");
    world_file (&w, "hvctl.conf",
                arena_format (&w.arena, "plugin_dir = {%s/plugins, %s/more}\n",
                              w.dir, w.dir));
    assert_int_equal (hvctl_open (&w.h, world_path (&w, "hvctl.conf"), &w.err),
                      0);
    p = loader_find (&w.h, "null");
    assert_non_null (p);
    assert_contains (p->broken, "two plugins of this name");
    assert_contains (p->broken, "plugins/null.so");
    assert_contains (p->broken, "more/null.so");
    assert_contains (loader_find (&w.h, "bad-none")->broken, "two plugins");
}

/* Only root's plugin directories are looked at this way. */
static void
test_owner (void **state)
{
    struct plugin *p;

    if (geteuid () != 0) {
        skip ();
    }
    world_plugin (&w, "null.so", "null.so");
    assert_int_equal (chmod (world_path (&w, "plugins/null.so"), 0664), 0);
    broken ("null", "writable by others");
    assert_int_equal (chmod (world_path (&w, "plugins/null.so"), 0646), 0);
    broken ("null", "writable by others");
    assert_int_equal (chmod (world_path (&w, "plugins/null.so"), 0644), 0);
    assert_int_equal (chown (world_path (&w, "plugins/null.so"), 1000, 0), 0);
    broken ("null", "is owned by user 1000");
    assert_int_equal (chown (world_path (&w, "plugins/null.so"), 0, 0), 0);
    p = load ("null");
    assert_null (p->broken);

    assert_int_equal (chmod (world_path (&w, "plugins"), 0775), 0);
    assert_null (load ("null"));
    assert_int_equal (chmod (world_path (&w, "plugins"), 0755), 0);
    assert_int_equal (chown (world_path (&w, "plugins"), 1000, 0), 0);
    assert_null (load ("null"));
    assert_int_equal (chown (world_path (&w, "plugins"), 0, 0), 0);
    assert_non_null (load ("null"));
}

/* The file that a link leads to counts. */
static void
test_owner_of_link (void **state)
{
    if (geteuid () != 0) {
        skip ();
    }
    mkdir (world_path (&w, "home"), 0755);
    world_plugin (&w, "null.so", "../home/null.so");
    assert_int_equal (chown (world_path (&w, "home/null.so"), 1000, 0), 0);
    assert_int_equal (symlink (world_path (&w, "home/null.so"),
                               world_path (&w, "plugins/null.so")),
                      0);
    broken ("null", "is owned by user 1000");
}

static void
test_no_other_places (void **state)
{
    mkdir (world_path (&w, "else"), 0755);
    world_plugin (&w, "null.so", "../else/null.so");
    setenv ("LTDL_LIBRARY_PATH", world_path (&w, "else"), 1);
    assert_null (load ("null"));
    /* Not for a name that is there, but not to be loaded, either. */
    world_file (&w, "plugins/null.so", "garbage");
    broken ("null", "cannot be loaded");
}

/* No .la file is needed, or heeded. */
static void
test_no_la (void **state)
{
    struct plugin *p;

    world_plugin (&w, "null.so", "null.so");
    world_plugin (&w, "bad_none.so", "bad_none.so");
    world_file (&w, "plugins/null.la", "dlname='bad_none.so'\n");
    world_file (&w, "plugins/gone.la", "dlname='gone.so'\n");
    p = load ("null");
    assert_non_null (p);
    assert_null (p->broken);
    assert_null (loader_find (&w.h, "gone"));
    assert_int_equal (w.h.plugins.n, 2);
}

static void
test_no_directory (void **state)
{
    assert_int_equal (rmdir (world_path (&w, "plugins")), 0);
    assert_null (load ("null"));
    assert_int_equal (w.h.plugins.n, 0);
}

/* A plugin's open() is called once, when something needs it; its own section
 * is checked before. */
static void
test_open (void **state)
{
    struct plugin *p;

    world_plugin (&w, "null.so", "null.so");
    world_plugin (&w, "bad_open.so", "bad_open.so");
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    p = loader_find (&w.h, "null");
    assert_null (world_read (&w, "null.log"));
    assert_int_equal (provider_usable (p, &w.err), 0);
    assert_int_equal (provider_usable (p, &w.err), 0);
    assert_string_equal (world_read (&w, "null.log"), "plugin.open null\n");
    hvctl_close (&w.h);
    memset (&w.h, 0, sizeof w.h);
    assert_string_equal (world_read (&w, "null.log"),
                         "plugin.open null\nplugin.close null\n");

    p = load ("bad-open");
    assert_null (p->broken);
    assert_true (provider_usable (p, &w.err) < 0);
    assert_contains (w.err.text, "does not feel like it");
    assert_int_equal (exit_code_of (&w.err), EXIT_DENIED);

    assert_int_equal (world_open (&w, "plugin null {\n  failed = x\n}\n"), 0);
    p = loader_find (&w.h, "null");
    assert_true (provider_usable (p, &w.err) < 0);
    assert_int_equal (exit_code_of (&w.err), EXIT_CONFIG);
    assert_contains (w.err.text, "unknown key 'failed' in plugin null: did "
                                 "you mean 'fail'");
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_good),
        CASE (test_index),
        CASE (test_index_unchanged),
        CASE (test_old),
        CASE (test_bad),
        CASE (test_renamed),
        CASE (test_two_of_one_name),
        CASE (test_owner),
        CASE (test_owner_of_link),
        CASE (test_no_other_places),
        CASE (test_no_la),
        CASE (test_no_directory),
        CASE (test_open),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
