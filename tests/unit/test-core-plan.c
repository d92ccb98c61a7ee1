/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The resolver with the null plugin: who serves what, why not, and the plan
 * as data. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/plan/plan-json.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"

static struct world w;

#define VM                                                                     \
    "memory = 16M\nhypervisor = null\nrng = no\n"                              \
    "disk root { pool = null }\n"                                              \
    "nic lan { network = null }\n"

static int
begin (void **state)
{
    unsetenv ("HVCTL_NULL_FAIL");
    world_begin (&w);
    world_plugin (&w, "null.so", "null.so");
    world_file (&w, "disks/vm1-root.null", "1234567");
    return world_open (&w, world_null_conf (&w));
}

static int
end (void **state)
{
    unsetenv ("HVCTL_NULL_FAIL");
    world_end (&w);
    return 0;
}

static struct plan *
make (const char *text, enum plan_depth depth)
{
    struct definition *def = world_define (&w, "vm1", text);
    struct plan *plan = NULL;

    if (!def) {
        fail_msg ("%s", w.err.text);
    }
    return plan_make (&w.h, def, depth, &plan, &w.err) < 0 ? NULL : plan;
}

static struct plan *
make_well (const char *text, enum plan_depth depth)
{
    struct plan *plan = make (text, depth);

    if (!plan) {
        fail_msg ("%s", w.err.text);
    }
    return plan;
}

static void
refused (const char *text, int exit_code, const char *reason)
{
    memset (&w.err, 0, sizeof w.err);
    if (make (text, PLAN_FULL)) {
        fail_msg ("planned: %s", text);
    }
    assert_contains (w.err.text, reason);
    assert_contains (w.err.text, "vm1");
    assert_int_equal (exit_code_of (&w.err), exit_code);
}

static const char *
json_of (struct json_object *o)
{
    const char *text =
        arena_dup (&w.arena, json_object_to_json_string_ext (
                                 o, JSON_C_TO_STRING_PRETTY
                                        | JSON_C_TO_STRING_NOSLASHESCAPE));

    json_object_put (o);
    return text;
}

static const char *
explain (const char *text)
{
    return json_of (plan_json_explain (make_well (text, PLAN_RESOLVE)));
}

/* Every file below the directory with its size and times. */
static const char *
snapshot (void)
{
    static char text[65536];
    const char *command =
        arena_format (&w.arena,
                      "find %s -path %s/null.log -prune -o -printf "
                      "'%%p %%s %%T@ %%C@\\n' | sort",
                      w.dir, w.dir);
    FILE *f = popen (command, "r");

    text[fread (text, 1, sizeof text - 1, f)] = '\0';
    pclose (f);
    return arena_dup (&w.arena, text);
}

static void
test_same_bytes (void **state)
{
    struct plan *plan = make_well (VM "firmware = uefi\n", PLAN_FULL);
    const char *first = json_of (plan_json (&w.h, plan)), *before;

    before = snapshot ();
    for (int i = 0; i < 3; i++) {
        struct definition *def;

        /* From the beginning, with plugins loaded anew. */
        assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
        before = i ? before : snapshot ();
        assert_int_equal (definition_load (&w.h, "vm1", &def, &w.err), 0);
        assert_int_equal (plan_make (&w.h, def, PLAN_FULL, &plan, &w.err), 0);
        assert_string_equal (json_of (plan_json (&w.h, plan)), first);
        if (i == 0) {
            assert_string_equal (snapshot (), before);
        }
        before = snapshot ();
    }
}

static void
test_contents (void **state)
{
    struct plan *plan = make_well (VM "firmware = uefi\ncpus = 3\n", PLAN_FULL);
    const char *json = json_of (plan_json (&w.h, plan));
    struct json_object *o = json_tokener_parse (json), *v;

    assert_non_null (o);
    assert_true (json_object_object_get_ex (o, "version", &v));
    assert_int_equal (json_object_get_int (v), 1);
    assert_contains (json, "\"hypervisor\":\"null\"");
    assert_contains (json, "\"machine\":\"null-1\"");
    assert_contains (json, "\"cpus\":3");
    assert_contains (json, "\"memory\":16777216");
    assert_contains (json, "\"size\":7");
    assert_contains (json, "disks/vm1-root.null");
    assert_contains (json, "\"interface\":\"vm1-lan\"");
    assert_contains (json, "\"mac\":\"52:54:00:");
    assert_contains (json, "\"firmware\":{");
    assert_contains (json, "\"kind\":\"listen\"");
    assert_contains (json, "\"mode\":\"read-write\"");
    json_object_put (o);
}

/* A plan asks, and changes nothing. */
static void
test_only_asks (void **state)
{
    static const char *const changing[] = { "probe",    "attach", "detach",
                                            "activate", "create", "destroy",
                                            "ready",    ".go",    "powerdown" };
    const char *log;

    make_well (VM "firmware = uefi\n", PLAN_COMMAND);
    log = world_read (&w, "null.log");
    assert_contains (log, "hypervisor.describe vm1");
    assert_contains (log, "storage.chain vm1-root");
    assert_contains (log, "network.check vm1-lan");
    for (size_t i = 0; i < ARRAY_SIZE (changing); i++) {
        assert_lacks (log, changing[i]);
    }
    assert_int_equal (rmdir (world_path (&w, "null")), 0);
}

static void
test_command (void **state)
{
    struct plan *plan;
    const char *line;

    plan = make_well (VM, PLAN_COMMAND);
    line = plan_command (&w.h, plan);
    assert_contains (line, "tests/null-hypervisor \\\n    --mode obey \\\n");
    assert_contains (line, "--disk root=");
    assert_contains (line, "/disks/vm1-root.null");
    assert_lacks (line, "=-1 ");
}

/* What a shell makes of it is what was meant. */
static void
test_command_quoted (void **state)
{
    static const char *const modes[] = { "a b", "it's", "$(false)", "`x`", "*",
                                         "\\",  "a;b",  "\"",       "''" };
    char out[4096];

    for (size_t i = 0; i < ARRAY_SIZE (modes); i++) {
        struct plan plan = { .vm.rundir = "/tmp" };
        FILE *f;
        size_t n;

        vec_add (&w.h.arena, &plan.command.argv, "printf");
        vec_add (&w.h.arena, &plan.command.argv, "%s");
        vec_add (&w.h.arena, &plan.command.argv, modes[i]);
        f = popen (plan_command (&w.h, &plan), "r");
        n = fread (out, 1, sizeof out - 1, f);
        out[n] = '\0';
        assert_int_equal (pclose (f), 0);
        assert_string_equal (out, modes[i]);
    }
}

static void
test_refused (void **state)
{
    refused ("memory = 16M\nhypervisor = bochs\nrng = no\n", EXIT_NOT_FOUND,
             "there is no hypervisor plugin 'bochs'");
    refused ("memory = 16M\nhypervisor = null\nnic a { network = x }\n",
             EXIT_NOT_FOUND, "there is no network 'x'");
    assert_contains (w.err.text, "vm1.conf:3");
    assert_contains (w.err.text, "null, user");
    refused ("memory = 16M\nhypervisor = null\ndisk a { pool = x }\n",
             EXIT_NOT_FOUND, "there is no pool 'x'");
    refused ("memory = 16M\nhypervisor = null\ndisk a { pool = null }\n",
             EXIT_NOT_FOUND, "hvctl apply vm1");
    /* What no plugin serves names the package. */
    refused ("memory = 16M\nhypervisor = null\nnic a { }\n", EXIT_UNSUPPORTED,
             "install the package hvctl-plugin-net-user");
    refused ("memory = 16M\nhypervisor = null\ndisk a { }\n", EXIT_UNSUPPORTED,
             "hvctl-plugin-storage-qcow2");
    refused ("memory = 16M\nhypervisor = null\naccelerator = kvm\n",
             EXIT_UNSUPPORTED,
             "null does not support accelerator:kvm (accelerator, ");
    assert_contains (w.err.text, "vm1.conf:3)");
    refused ("memory = 16M\nhypervisor = null\nfirmware = uefi\n"
             "secure_boot = yes\n",
             EXIT_UNSUPPORTED, "secure-boot");
    refused ("memory = 16M\nhypervisor = null\nplugin null { mod = x }\n",
             EXIT_CONFIG,
             "unknown key 'mod' in plugin null: did you mean "
             "'mode'?");
    refused ("memory = 16M\nhypervisor = null\n"
             "nic a { network = null forward = \"tcp:127.0.0.1:1:2\" }\n",
             EXIT_UNSUPPORTED, "'forward' is for user-mode networks");
}

/* A section for a plugin that is not the one chosen is not passed over. */
static void
test_section_of_nobody (void **state)
{
    refused (VM "plugin nul { mode = x }\n", EXIT_CONFIG, "nul");
}

static void
test_failing_plugin (void **state)
{
    setenv ("HVCTL_NULL_FAIL", "hypervisor.check:95", 1);
    refused (VM, EXIT_UNSUPPORTED, "was told to fail");
    setenv ("HVCTL_NULL_FAIL", "chain", 1);
    refused (VM, EXIT_ERROR, "disk root: volume vm1-root of pool null (null)");
    setenv ("HVCTL_NULL_FAIL", "network.check", 1);
    refused (VM, EXIT_ERROR, "nic lan");
    setenv ("HVCTL_NULL_FAIL", "describe", 1);
    refused (VM, EXIT_ERROR, "was told to fail");
    setenv ("HVCTL_NULL_FAIL", "locate", 1);
    refused (VM, EXIT_ERROR, "was told to fail");
    setenv ("HVCTL_NULL_FAIL", "find", 1);
    refused (VM "firmware = uefi\n", EXIT_ERROR, "was told to fail");
}

static void
test_explain (void **state)
{
    const char *json;

    world_plugin (&w, "bad_abi0.so", "bad_abi0.so");
    world_plugin (&w, "bad_none.so", "bad_none.so");
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    json = explain (VM "firmware = uefi\n");
    assert_contains (json, "\"role\":\"hypervisor\"");
    assert_contains (json, "\"role\":\"disk root\"");
    assert_contains (json, "\"role\":\"nic lan\"");
    assert_contains (json, "\"role\":\"firmware\"");
    assert_contains (json, "\"need\":\"disk:raw\"");
    assert_contains (json, "\"need\":\"firmware:uefi\"");
    assert_contains (json, "\"winner\":\"null\"");
    assert_contains (json, "meets every requirement");
    /* The loser, and why. */
    assert_contains (json, "\"plugin\":\"bad-none\"");
    assert_contains (json, "serves bad-none, not null");
}

/* One role that nobody serves does not hide the others. */
static void
test_explain_failure (void **state)
{
    const char *json = explain ("memory = 16M\nhypervisor = null\n"
                                "disk a { pool = null volume = none }\n"
                                "nic b { network = none }\n"
                                "nic c { network = null }\n");

    assert_contains (json, "none.null: No such file");
    assert_contains (json, "there is no network 'none'");
    assert_contains (json, "\"role\":\"nic c\"");
    assert_contains (json, "\"role\":\"hypervisor\"");
}

static void
test_provider_pinned (void **state)
{
    const char *conf =
        arena_format (&w.arena,
                      "%snetwork pinned { type = \"null\" provider = other }\n"
                      "network typo { type = \"null\" brige = br0 }\n",
                      world_null_conf (&w));

    assert_int_equal (world_open (&w, conf), 0);
    refused ("memory = 16M\nhypervisor = null\nnic a { network = pinned }\n",
             EXIT_NOT_FOUND, "there is no plugin 'other'");
    refused ("memory = 16M\nhypervisor = null\nnic a { network = typo }\n",
             EXIT_CONFIG, "unknown key 'brige' in network typo");
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_same_bytes),        CASE (test_contents),
        CASE (test_only_asks),         CASE (test_command),
        CASE (test_command_quoted),    CASE (test_refused),
        CASE (test_section_of_nobody), CASE (test_failing_plugin),
        CASE (test_explain),           CASE (test_explain_failure),
        CASE (test_provider_pinned),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
