/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl.conf, and the places that hold without it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/hvctl.h"

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

/* Opens a file that says this and nothing else. */
static int
open_conf (const char *text)
{
    hvctl_close (&w.h);
    memset (&w.h, 0, sizeof w.h);
    memset (&w.err, 0, sizeof w.err);
    return hvctl_open (&w.h, world_file (&w, "hvctl.conf", text), &w.err);
}

static void
refused (const char *text, const char *reason)
{
    if (open_conf (text) == 0) {
        fail_msg ("taken: %s", text);
    }
    assert_int_equal (exit_code_of (&w.err), EXIT_CONFIG);
    assert_contains (w.err.text, "hvctl.conf:");
    assert_contains (w.err.text, reason);
}

static void
test_built_in (void **state)
{
    const struct hv_options *user, *disks;

    assert_int_equal (open_conf ("state_dir = /somewhere\n"), 0);
    user = host_network (&w.h, "user");
    disks = host_pool (&w.h, "default");
    assert_non_null (user);
    assert_non_null (disks);
    assert_string_equal (settings_get (user, "type"), "user");
    assert_string_equal (settings_get (disks, "type"), "qcow2");
    assert_string_equal (settings_get (disks, "path"), "/somewhere/disks");
    assert_null (host_network (&w.h, "default"));
    assert_null (host_pool (&w.h, "user"));
    assert_null (host_plugin (&w.h, "qemu"));
}

static void
test_built_in_replaced (void **state)
{
    assert_int_equal (
        open_conf ("pool default { type = raw path = /r }\n"
                   "network user { type = bridge bridge = br0 }\n"),
        0);
    assert_string_equal (settings_get (host_pool (&w.h, "default"), "type"),
                         "raw");
    assert_string_equal (settings_get (host_network (&w.h, "user"), "type"),
                         "bridge");
    assert_int_equal (w.h.host->pools.n, 1);
    assert_int_equal (w.h.host->networks.n, 1);
}

static void
test_all_keys (void **state)
{
    const struct host *host;

    assert_int_equal (open_conf ("plugin_dir = {/a, \"/b c\"}\n"
                                 "hypervisors = {null, qemu}\n"
                                 "vm_dir = /v\nrun_dir = /r\n"
                                 "state_dir = /s\nlog_dir = /l\n"
                                 "uid_base = 100000\nuid_count = 10\n"
                                 "plugin qemu { x = 1 }\n"
                                 "defaults { stop_timeout = 5s }\n"),
                      0);
    host = w.h.host;
    assert_true (host->found);
    assert_int_equal (host->plugin_dirs.n, 2);
    assert_string_equal (host->plugin_dirs.p[0], "/a");
    assert_string_equal (host->plugin_dirs.p[1], "/b c");
    assert_int_equal (host->hypervisors.n, 2);
    assert_string_equal (host->hypervisors.p[1], "qemu");
    assert_string_equal (host->vm_dir, "/v");
    assert_string_equal (host->run_dir, "/r");
    assert_string_equal (host->state_dir, "/s");
    assert_string_equal (host->log_dir, "/l");
    assert_int_equal (host->uid_base, 100000);
    assert_non_null (host_plugin (&w.h, "qemu"));
    assert_string_equal (settings_get (host->defaults, "stop_timeout"), "5s");
    /* One id is for the programs that are asked. */
    if (geteuid () == 0) {
        assert_int_equal (host->uid_count, 9);
        assert_int_equal (w.h.probe_uid, 100009);
    }
}

static void
test_relative_places (void **state)
{
    const struct host *host;

    assert_int_equal (open_conf ("plugin_dir = {p, q/r}\nvm_dir = v\n"
                                 "run_dir = r\nstate_dir = s\n"
                                 "log_dir = ../l\n"),
                      0);
    host = w.h.host;
    assert_string_equal (host->vm_dir, world_path (&w, "v"));
    assert_string_equal (host->run_dir, world_path (&w, "r"));
    assert_string_equal (host->state_dir, world_path (&w, "s"));
    assert_string_equal (host->log_dir, world_path (&w, "../l"));
    /* A path that is not absolute would be looked up elsewhere, too. */
    assert_string_equal (host->plugin_dirs.p[0], world_path (&w, "p"));
    assert_string_equal (host->plugin_dirs.p[1], world_path (&w, "q/r"));
}

/* "-c x.conf" is relative to where we are, and so are its neighbours. */
static void
test_relative_file (void **state)
{
    char cwd[4096];

    world_file (&w, "x.conf", "run_dir = r\n");
    assert_non_null (getcwd (cwd, sizeof cwd));
    assert_int_equal (chdir (w.dir), 0);
    assert_int_equal (hvctl_open (&w.h, "x.conf", &w.err), 0);
    assert_int_equal (chdir (cwd), 0);
    assert_string_equal (w.h.host->file, world_path (&w, "x.conf"));
    assert_string_equal (w.h.host->vm_dir, world_path (&w, "vm.d"));
    assert_string_equal (w.h.host->run_dir, world_path (&w, "r"));
}

static void
test_refused (void **state)
{
    refused ("vm_dirr = /x\n",
             "1: unknown key 'vm_dirr': did you mean 'vm_dir'?");
    refused ("uid_base = 999\n", "1: uid_base and uid_count");
    refused ("uid_base = 0\n", "uid_base and uid_count");
    refused ("\nuid_count = 1\n", "uid_base and uid_count");
    refused ("uid_base = 4294967290\nuid_count = 100\n", "uid_base");
    refused ("uid_base = 1000\nuid_count = 18446744073709551\n", "uid_base");
    refused ("uid_base = root\n", "is not a whole number");
    refused ("network br { bridge = br0 }\n", "'type' is missing");
    refused ("pool p { path = /x }\n", "'type' is missing");
    refused ("netwrok br { type = bridge }\n", "did you mean 'network'");
    refused ("defaults { machne = q35 }\n", "did you mean 'machine'?");
    refused ("defaults { stop_timeout = x }\n", "is not a duration");
    refused ("network a { type = user }\nnetwork a { type = user }\n", ":2: ");
    refused ("run_dir = \"\"\n", "is empty");
    refused ("a = 1\nb = 2\nc = 3\n", ":3: unknown key 'c'");
    assert_contains (w.err.text, ":1: unknown key 'a'");
    assert_contains (w.err.text, ":2: unknown key 'b'");
}

static void
test_file_missing (void **state)
{
    /* Given by the user, it has to be there... */
    assert_true (hvctl_open (&w.h, world_path (&w, "none.conf"), &w.err) < 0);
    assert_int_equal (exit_code_of (&w.err), EXIT_NOT_FOUND);
    assert_contains (w.err.text, "none.conf: No such file");
}

/* ... else a user's places are those of XDG. */
static void
test_user_places (void **state)
{
    bool root = geteuid () == 0;

    setenv ("HOME", w.dir, 1);
    setenv ("XDG_CONFIG_HOME", world_path (&w, "c"), 1);
    setenv ("XDG_STATE_HOME", "relative/is/ignored", 1);
    unsetenv ("XDG_DATA_HOME");
    setenv ("XDG_RUNTIME_DIR", world_path (&w, "rt"), 1);
    if (root) {
        assert_int_equal (seteuid (65534), 0);
    }
    assert_int_equal (hvctl_open (&w.h, NULL, &w.err), 0);
    assert_false (w.h.host->root);
    assert_false (w.h.host->found);
    assert_string_equal (w.h.host->file, world_path (&w, "c/hvctl/hvctl.conf"));
    assert_string_equal (w.h.host->vm_dir, world_path (&w, "c/hvctl/vm.d"));
    assert_string_equal (w.h.host->run_dir, world_path (&w, "rt/hvctl"));
    assert_string_equal (w.h.host->state_dir,
                         world_path (&w, ".local/share/hvctl"));
    assert_string_equal (w.h.host->log_dir,
                         world_path (&w, ".local/state/hvctl/log"));
    assert_int_equal (w.h.probe_uid, 0);
    hvctl_close (&w.h);
    memset (&w.h, 0, sizeof w.h);
    unsetenv ("XDG_RUNTIME_DIR");
    assert_int_equal (hvctl_open (&w.h, NULL, &w.err), 0);
    assert_string_equal (w.h.host->run_dir,
                         world_path (&w, ".local/state/hvctl/run"));
    if (root) {
        assert_int_equal (seteuid (0), 0);
    }
}

static void
test_no_such (void **state)
{
    assert_int_equal (open_conf ("network br { type = bridge }\n"), 0);
    assert_true (
        host_no_such (&w.h, &w.h.host->networks, "network", "brr", &w.err) < 0);
    assert_int_equal (exit_code_of (&w.err), EXIT_NOT_FOUND);
    assert_contains (w.err.text,
                     "there is no network 'brr': did you mean 'br' (");
    assert_contains (w.err.text, ".conf:");
    assert_true (
        host_no_such (&w.h, &w.h.host->networks, "network", "x", &w.err) < 0);
    assert_contains (w.err.text, "there is no network 'x': there are br, user");
}

/* A list that is longer than what holds it. */
static void
test_no_such_many (void **state)
{
    const char *conf = "";

    for (int i = 0; i < 300; i++) {
        conf = arena_format (&w.arena, "%snetwork net%d { type = user }\n",
                             conf, i);
    }
    assert_int_equal (open_conf (conf), 0);
    assert_true (
        host_no_such (&w.h, &w.h.host->networks, "network", "x", &w.err) < 0);
    assert_contains (w.err.text, "net0, net1, ");
}

static void
test_make_dirs (void **state)
{
    struct stat st;

    assert_int_equal (file_make_dirs (world_path (&w, "a/b/c"), 0700, &w.err),
                      0);
    assert_int_equal (stat (world_path (&w, "a/b"), &st), 0);
    assert_int_equal (st.st_mode & 07777, 0755);
    assert_int_equal (stat (world_path (&w, "a/b/c"), &st), 0);
    assert_int_equal (st.st_mode & 07777, 0700);
    assert_int_equal (file_make_dirs (world_path (&w, "a/b/c"), 0700, &w.err),
                      0);
    world_file (&w, "file", "");
    assert_int_equal (file_make_dirs (world_path (&w, "file/x"), 0700, &w.err),
                      -ENOTDIR);
    assert_contains (w.err.text, "cannot create the directory");
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_built_in),      CASE (test_built_in_replaced),
        CASE (test_all_keys),      CASE (test_relative_places),
        CASE (test_relative_file), CASE (test_refused),
        CASE (test_file_missing),  CASE (test_user_places),
        CASE (test_no_such),       CASE (test_no_such_many),
        CASE (test_make_dirs),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
