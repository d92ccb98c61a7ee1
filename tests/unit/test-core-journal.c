/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The journal: what is written before each step, and undone after a crash at
 * any of them.  The null plugin keeps its ports and activations as files. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/process.h"
#include "core/base/vec.h"
#include "core/config/host.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/network.h"
#include "core/provider/storage.h"
#include "core/state/journal.h"

static struct world w;
static struct plugin *null;

static int
begin (void **state)
{
    unsetenv ("HVCTL_NULL_FAIL");
    world_begin (&w);
    world_plugin (&w, "null.so", "null.so");
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    assert_int_equal (
        file_make_dirs (world_path (&w, "run/vm/vm1"), 0700, &w.err), 0);
    null = loader_find (&w.h, "null");
    assert_non_null (null);
    return 0;
}

static int
end (void **state)
{
    unsetenv ("HVCTL_NULL_FAIL");
    world_end (&w);
    return 0;
}

static bool
exists (const char *name)
{
    return access (world_path (&w, name), F_OK) == 0;
}

/* As acquire.c does it: the journal first. */
static void
attach (const char *nic)
{
    struct hv_port port = { .vm = "vm1",
                            .vm_uuid = "uuid",
                            .name = nic,
                            .network = "null",
                            .ifname = "vm1-x",
                            .mac = { 0x52, 0x54, 0, 1, 2, 3 },
                            .queues = 1,
                            .options = host_network (&w.h, "null") };
    int fd = -1;

    assert_int_equal (journal_port (&w.h, "vm1", null, &port, &w.err), 0);
    assert_int_equal (
        network_attach (null, &port, &(struct hv_nic){ 0 }, &fd, &w.err), 0);
    close (fd);
}

static void
activate (const char *volume)
{
    struct hv_volume vol = { .name = volume,
                             .pool = "null",
                             .options = host_pool (&w.h, "null") };

    assert_int_equal (journal_volume (&w.h, "vm1", null, &vol, &w.err), 0);
    assert_int_equal (storage_activate (null, &vol, &w.err), 0);
}

static void
append_raw (const char *text)
{
    FILE *f = fopen (world_path (&w, "run/vm/vm1/journal"), "a");

    assert_non_null (f);
    fputs (text, f);
    fclose (f);
}

static int
undo (void)
{
    memset (&w.err, 0, sizeof w.err);
    return journal_undo (&w.h, "vm1", &w.err);
}

/* The operations that undid, in order. */
static void
assert_undone (const char *expected)
{
    const char *log = world_read (&w, "null.log"), *line;
    const char *undone = "";

    for (line = log; line && *line; line = strchr (line, '\n') + 1) {
        size_t len = strcspn (line, "\n");

        if (!strncmp (line, "network.detach", 14)
            || !strncmp (line, "storage.deactivate", 18)) {
            undone = arena_format (&w.arena, "%s%.*s;", undone, (int)len, line);
        }
    }
    assert_string_equal (undone, expected);
}

static void
test_nothing (void **state)
{
    assert_int_equal (undo (), 0);
    append_raw ("");
    assert_int_equal (undo (), 0);
    assert_false (exists ("run/vm/vm1/journal"));
}

static void
test_reverse_order (void **state)
{
    activate ("root");
    activate ("data");
    attach ("lan");
    attach ("wan");
    assert_true (exists ("null/port-vm1-lan"));
    assert_true (exists ("null/active-root"));
    assert_int_equal (undo (), 0);
    assert_undone ("network.detach vm1-wan;network.detach vm1-lan;"
                   "storage.deactivate data;storage.deactivate root;");
    assert_int_equal (rmdir (world_path (&w, "null")), 0);
    assert_false (exists ("run/vm/vm1/journal"));
}

/* A crash between writing the journal and the step itself. */
static void
test_step_not_done (void **state)
{
    attach ("lan");
    attach ("wan");
    unlink (world_path (&w, "null/port-vm1-wan"));
    assert_int_equal (undo (), 0);
    assert_int_equal (rmdir (world_path (&w, "null")), 0);
}

/* A crash in the midst of writing it. */
static void
test_cut_off (void **state)
{
    const char *whole, *cut;

    attach ("lan");
    whole = world_read (&w, "run/vm/vm1/journal");
    for (size_t len = 1; len < strlen (whole); len += 7) {
        attach ("wan");
        unlink (world_path (&w, "run/vm/vm1/journal"));
        cut = arena_format (&w.arena, "%s%.*s", whole, (int)len, whole);
        append_raw (cut);
        unlink (world_path (&w, "null/port-vm1-wan"));
        assert_int_equal (undo (), 0);
        assert_false (exists ("null/port-vm1-lan"));
        attach ("lan");
        unlink (world_path (&w, "run/vm/vm1/journal"));
    }
}

/* What is written after that must not be lost with it. */
static void
test_append_to_cut_off (void **state)
{
    attach ("lan");
    append_raw ("{\"op\":\"atta");
    attach ("wan");
    assert_int_equal (undo (), 0);
    assert_undone ("network.detach vm1-wan;network.detach vm1-lan;");
    assert_int_equal (rmdir (world_path (&w, "null")), 0);
}

/* A step that failed took nothing: the file that is in its way is another's. */
static void
test_cancel (void **state)
{
    struct hv_port port = { .vm = "vm1",
                            .name = "wan",
                            .ifname = "vm1-x",
                            .queues = 1,
                            .options = host_network (&w.h, "null") };
    int fd = -1;

    attach ("lan");
    world_file (&w, "null/port-vm1-wan", "");
    assert_int_equal (journal_port (&w.h, "vm1", null, &port, &w.err), 0);
    assert_int_equal (
        network_attach (null, &port, &(struct hv_nic){ 0 }, &fd, &w.err),
        -EEXIST);
    assert_int_equal (journal_cancel (&w.h, "vm1", &w.err), 0);
    assert_int_equal (undo (), 0);
    assert_undone ("network.detach vm1-lan;");
    assert_true (exists ("null/port-vm1-wan"));
}

static void
test_cancel_alone (void **state)
{
    assert_int_equal (journal_cancel (&w.h, "vm1", &w.err), 0);
    assert_int_equal (undo (), 0);
}

/* One that fails does not keep the others; the journal is kept, and the next
 * command tries again. */
static void
test_going_on (void **state)
{
    activate ("root");
    attach ("lan");
    setenv ("HVCTL_NULL_FAIL", "network.detach:16", 1);
    assert_int_equal (undo (), -EBUSY);
    assert_contains (w.err.text, "was told to fail");
    assert_contains (w.err.text, "nic lan");
    assert_false (exists ("null/active-root"));
    assert_true (exists ("null/port-vm1-lan"));
    assert_true (exists ("run/vm/vm1/journal"));
    unsetenv ("HVCTL_NULL_FAIL");
    assert_int_equal (undo (), 0);
    assert_int_equal (rmdir (world_path (&w, "null")), 0);
    assert_false (exists ("run/vm/vm1/journal"));
}

static void
test_plugin_gone (void **state)
{
    attach ("lan");
    unlink (world_path (&w, "plugins/null.so"));
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    assert_int_equal (undo (), -ENOENT);
    assert_contains (w.err.text, "plugin null, which vm1 uses, is no longer "
                                 "installed");
    assert_true (exists ("run/vm/vm1/journal"));
    world_plugin (&w, "null.so", "null.so");
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    assert_int_equal (undo (), 0);
    assert_false (exists ("null/port-vm1-lan"));
}

/* The configuration may have changed since: what was true then counts. */
static void
test_options_kept (void **state)
{
    struct hv_volume vol = { .name = "root",
                             .pool = "null",
                             .options = host_pool (&w.h, "null") };
    const char *journal;

    assert_int_equal (journal_volume (&w.h, "vm1", null, &vol, &w.err), 0);
    journal = world_read (&w, "run/vm/vm1/journal");
    assert_contains (journal, "\"path\":");
    assert_contains (journal, "disks");
    assert_contains (journal, "\"plugin\":\"null\"");
}

static void
test_damaged (void **state)
{
    static const char *const lines[] = {
        "{}\n",
        "[]\n",
        "7\n",
        "\"attach\"\n",
        "{\"op\":null,\"plugin\":null}\n",
        "{\"op\":7,\"plugin\":8}\n",
        "{\"op\":\"attach\",\"plugin\":\"null\"}\n",
        "{\"op\":\"attach\",\"plugin\":\"null\",\"name\":\"x\",\"mac\":\"y\"}"
        "\n",
        "{\"op\":\"activate\",\"plugin\":\"null\"}\n",
        "{\"op\":\"steal\",\"plugin\":\"null\",\"name\":\"x\"}\n",
        "{\"op\":\"attach\",\"plugin\":\"bad-none\",\"name\":\"x\","
        "\"ifname\":\"y\",\"mac\":\"52:54:00:00:00:01\"}\n",
        "{\"op\":\"attach\",\"plugin\":\"../../null\"}\n",
    };

    world_plugin (&w, "bad_none.so", "bad_none.so");
    assert_int_equal (world_open (&w, world_null_conf (&w)), 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        append_raw (lines[i]);
        if (undo () == 0) {
            fail_msg ("taken: %s", lines[i]);
        }
        assert_true (w.err.text[0]);
        unlink (world_path (&w, "run/vm/vm1/journal"));
    }
}

static void
test_cannot_write (void **state)
{
    assert_int_equal (rmdir (world_path (&w, "run/vm/vm1")), 0);
    assert_int_equal (journal_cancel (&w.h, "vm1", &w.err), -ENOENT);
    assert_contains (w.err.text, "No such file or directory");
}

/* A process that does nothing; to be ended by its number and start time. */
static pid_t
sleeper (void)
{
    pid_t pid = fork ();

    if (pid == 0) {
        pause ();
        _exit (0);
    }
    assert_true (pid > 0);
    return pid;
}

static bool
was_killed (pid_t pid)
{
    int status = 0;

    return waitpid (pid, &status, WNOHANG) == pid && WIFSIGNALED (status)
           && WTERMSIG (status) == SIGKILL;
}

/* The last word on each NIC counts; undoing ends those that are the ones that
 * were meant, and no other that has the number by now. */
static void
test_helpers (void **state)
{
    pid_t one = sleeper (), two = sleeper (), other = sleeper ();
    struct vec list = { 0 };
    const struct helper_entry *e;
    int status;

    assert_int_equal (journal_helper (&w.h, "vm1", "a", one,
                                      process_start_time (one), &w.err),
                      0);
    assert_int_equal (journal_helper (&w.h, "vm1", "b", two,
                                      process_start_time (two), &w.err),
                      0);
    assert_int_equal (journal_helper (&w.h, "vm1", "c", other,
                                      process_start_time (other) + 1, &w.err),
                      0);
    assert_int_equal (journal_helper (&w.h, "vm1", "a", 0, 0, &w.err), 0);
    journal_helpers (&w.h, "vm1", &list);
    assert_int_equal (list.n, 3);
    e = list.p[0];
    assert_string_equal (e->nic, "a");
    assert_int_equal (e->pid, 0);
    e = list.p[1];
    assert_string_equal (e->nic, "b");
    assert_int_equal (e->pid, two);
    assert_int_equal (e->start_time, process_start_time (two));
    assert_int_equal (journal_undo (&w.h, "vm1", &w.err), 0);
    assert_true (was_killed (one));
    assert_true (was_killed (two));
    assert_int_equal (waitpid (other, &status, WNOHANG), 0);
    kill (other, SIGKILL);
    waitpid (other, &status, 0);
    assert_false (exists ("run/vm/vm1/journal"));
}

/* They are gone, and their numbers free: nothing to be done. */
static void
test_helper_gone (void **state)
{
    pid_t pid = sleeper ();
    uint64_t start_time = process_start_time (pid);

    kill (pid, SIGKILL);
    waitpid (pid, NULL, 0);
    assert_int_equal (
        journal_helper (&w.h, "vm1", "a", pid, start_time, &w.err), 0);
    append_raw ("{\"op\":\"helper\"}\n");
    assert_int_equal (journal_undo (&w.h, "vm1", &w.err), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_nothing),           CASE (test_reverse_order),
        CASE (test_step_not_done),     CASE (test_cut_off),
        CASE (test_append_to_cut_off), CASE (test_cancel),
        CASE (test_cancel_alone),      CASE (test_going_on),
        CASE (test_plugin_gone),       CASE (test_options_kept),
        CASE (test_damaged),           CASE (test_cannot_write),
        CASE (test_helpers),           CASE (test_helper_gone),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
