/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Run directories: what runs is who holds a lock, whatever the files say. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/core-world.h"
#include "common/cleanup.h"
#include "core/spawn.h"
#include "core/state.h"

static struct world w;

static int
begin (void **state)
{
    world_begin (&w);
    return world_open (&w, "uid_count = 8\n");
}

static int
end (void **state)
{
    world_end (&w);
    return 0;
}

static enum run_state
run_of (const char *name)
{
    struct vm_state s;

    state_read (&w.h, name, &s);
    assert_string_equal (s.name, name);
    return s.run;
}

static void
write_state_of (enum run_state run, pid_t pid)
{
    struct vm_state s = { .name = "vm1",
                          .run = run,
                          .pid = pid,
                          .start_time = process_start_time (pid),
                          .supervisor = 4712,
                          .supervisor_start = 12,
                          .started = 1763701234,
                          .uuid = "u",
                          .hypervisor = "null",
                          .arch = "x86_64",
                          .program = "/bin/p",
                          .machine = "m",
                          .accelerator = "tcg",
                          .accelerator_why = "no \"kvm\"\n",
                          .weaker = "a\nb",
                          .file = "/f",
                          .memory = UINT64_C (1) << 40,
                          .cpus = 3,
                          .uid = 4000000000 };

    assert_int_equal (state_write (&w.h, &s, &w.err), 0);
}

static void
write_state (enum run_state run)
{
    write_state_of (run, getpid ());
}

static void
test_life (void **state)
{
    int lock = -1, starter = -1;

    assert_int_equal (run_of ("vm1"), RUN_STOPPED);
    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    /* Who has it and is no starter releases something. */
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    assert_int_equal (state_lock_starter (&w.h, "vm1", &starter, &w.err), 0);
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    write_state (RUN_STARTING);
    close (starter);
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    write_state (RUN_RUNNING);
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    write_state (RUN_PAUSED);
    assert_int_equal (run_of ("vm1"), RUN_PAUSED);
    /* The process ends: the kernel drops its lock. */
    close (lock);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    state_remove (&w.h, "vm1");
    assert_int_equal (run_of ("vm1"), RUN_STOPPED);
    assert_true (access (world_path (&w, "run/vm/vm1"), F_OK) < 0);
}

static void
test_round_trip (void **state)
{
    struct vm_state s;
    CLEANUP_CLOSE int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    write_state (RUN_RUNNING);
    state_read (&w.h, "vm1", &s);
    assert_int_equal (s.pid, getpid ());
    assert_int_equal (s.start_time, process_start_time (getpid ()));
    assert_int_equal (s.supervisor, 4712);
    assert_int_equal (s.supervisor_start, 12);
    assert_int_equal (s.started, 1763701234);
    assert_string_equal (s.uuid, "u");
    assert_string_equal (s.hypervisor, "null");
    assert_string_equal (s.arch, "x86_64");
    assert_string_equal (s.program, "/bin/p");
    assert_string_equal (s.machine, "m");
    assert_string_equal (s.accelerator, "tcg");
    assert_string_equal (s.accelerator_why, "no \"kvm\"\n");
    assert_string_equal (s.weaker, "a\nb");
    assert_string_equal (s.file, "/f");
    assert_int_equal (s.memory, UINT64_C (1) << 40);
    assert_int_equal (s.cpus, 3);
    assert_int_equal (s.uid, 4000000000);
    assert_null (world_read (&w, "run/vm/vm1/state.new"));
}

/* A file that says "running" is no proof. */
static void
test_stale (void **state)
{
    int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    write_state (RUN_RUNNING);
    close (lock);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    /* As after a boot: there is not even a lock. */
    unlink (world_path (&w, "run/vm/vm1/lock"));
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    unlink (world_path (&w, "run/vm/vm1/state"));
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    close (lock);
}

static void
test_two_lockers (void **state)
{
    int first = -1, second = -1;
    struct vm_state s;

    assert_int_equal (state_lock (&w.h, "vm1", &first, &w.err), 0);
    write_state (RUN_RUNNING);
    /* Another open file description, as another hvctl has. */
    assert_int_equal (state_lock (&w.h, "vm1", &second, &w.err), -EBUSY);
    assert_int_equal (exit_code_of (&w.err), EXIT_RUNNING);
    assert_contains (w.err.text, "vm1 is running");
    assert_int_equal (second, -1);
    /* Reading takes nothing away. */
    state_read (&w.h, "vm1", &s);
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    close (first);
    assert_int_equal (state_lock (&w.h, "vm1", &second, &w.err), 0);
    close (second);
}

/* Nothing runs, and the lock is held: by who cleans up, which passes; but not
 * for ever. */
static void
test_slow_release (void **state)
{
    int first = -1, second = -1;
    int64_t before = now_ms ();

    assert_int_equal (state_lock (&w.h, "vm1", &first, &w.err), 0);
    assert_int_equal (state_lock_within (&w.h, "vm1", 200, &second, &w.err),
                      -ETIMEDOUT);
    assert_int_equal (exit_code_of (&w.err), EXIT_TIMEOUT);
    assert_contains (w.err.text, "vm1 has ended");
    assert_contains (w.err.text, "released by another hvctl");
    assert_contains (w.err.text, "0.2 seconds");
    assert_true (now_ms () - before >= 200);
    hvctl_interrupted = 1;
    assert_int_equal (state_lock_within (&w.h, "vm1", 20000, &second, &w.err),
                      -EBUSY);
    hvctl_interrupted = 0;
    close (first);
    assert_int_equal (state_lock_within (&w.h, "vm1", 0, &second, &w.err), 0);
    close (second);
}

/* The lock lives on in who inherited it, and nowhere else. */
static void
test_inherited (void **state)
{
    int lock = -1, pipes[2], status;
    pid_t pid;

    assert_int_equal (pipe (pipes), 0);
    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    assert_true (fcntl (lock, F_GETFD) & FD_CLOEXEC);
    pid = fork ();
    if (pid == 0) {
        char c;

        close (pipes[1]);
        _exit (read (pipes[0], &c, 1) != 0);
    }
    close (pipes[0]);
    close (lock);
    write_state_of (RUN_RUNNING, pid);
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    close (pipes[1]);
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
}

static void
test_starter (void **state)
{
    int lock = -1, starter = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    assert_false (state_has_starter (&w.h, "vm1"));
    assert_int_equal (state_lock_starter (&w.h, "vm1", &starter, &w.err), 0);
    assert_true (state_has_starter (&w.h, "vm1"));
    assert_true (fcntl (starter, F_GETFD) & FD_CLOEXEC);
    close (starter);
    assert_false (state_has_starter (&w.h, "vm1"));
    close (lock);
}

static void *
hold_a_moment (void *fd)
{
    usleep (30000);
    close (*(int *)fd);
    return NULL;
}

/* A sweep holds the lock for a moment, and is not taken for a VM. */
static void
test_passing (void **state)
{
    int passing = -1, lock = -1;
    pthread_t thread;

    assert_int_equal (state_lock (&w.h, "vm1", &passing, &w.err), 0);
    assert_int_equal (pthread_create (&thread, NULL, hold_a_moment, &passing),
                      0);
    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    pthread_join (thread, NULL);
    close (lock);
}

/* Locks and removes, again and again, as releases do. */
static _Noreturn void
contend (int ready, int n)
{
    struct hvctl h = w.h;
    struct error err = { 0 };
    char c;
    int won = 0;

    h.arena = (struct arena){ 0 };
    if (read (ready, &c, 1) != 0) {
        _exit (99);
    }
    for (int i = 0; i < n; i++) {
        CLEANUP_CLOSE int fd = -1;
        CLEANUP_CLOSE int mark = -1;
        const char *path = world_path (&w, "run/vm/vm1/mark");

        if (state_lock (&h, "vm1", &fd, &err) < 0) {
            if (err.exit_code != EXIT_RUNNING && err.code != EAGAIN) {
                fprintf (stderr, "%s\n", err.text);
                _exit (98);
            }
            continue;
        }
        /* Who has the lock is alone in the directory. */
        mark = open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
        if (mark < 0) {
            fprintf (stderr, "%s: %m\n", path);
            _exit (97);
        }
        won++;
        state_remove (&h, "vm1");
    }
    _exit (won ? 0 : 96);
}

static void
test_same_inode_race (void **state)
{
    int pipes[2], status;
    pid_t pids[4];

    assert_int_equal (pipe (pipes), 0);
    for (size_t i = 0; i < ARRAY_SIZE (pids); i++) {
        pids[i] = fork ();
        if (pids[i] == 0) {
            close (pipes[1]);
            contend (pipes[0], 300);
        }
    }
    close (pipes[0]);
    close (pipes[1]);
    for (size_t i = 0; i < ARRAY_SIZE (pids); i++) {
        assert_int_equal (waitpid (pids[i], &status, 0), pids[i]);
        assert_true (WIFEXITED (status));
        assert_int_equal (WEXITSTATUS (status), 0);
    }
}

static void
test_uids (void **state)
{
    struct host *host = w.h.host;
    uint64_t uids[16], uid;
    int fds[16], fd;

    assert_int_equal (make_dirs (host->run_dir, 0755, &w.err), 0);
    for (size_t i = 0; i < host->uid_count; i++) {
        /* The same name on purpose: its favourite is taken. */
        assert_int_equal (
            state_take_uid (&w.h, "vm1", &uids[i], &fds[i], &w.err), 0);
        assert_in_range (uids[i], host->uid_base,
                         host->uid_base + host->uid_count - 1);
        assert_true (uids[i] != w.h.probe_uid);
        for (size_t k = 0; k < i; k++) {
            assert_true (uids[k] != uids[i]);
        }
    }
    assert_int_equal (state_take_uid (&w.h, "vm1", &uid, &fd, &w.err), -EUSERS);
    assert_contains (w.err.text, "raise uid_count");
    close (fds[3]);
    assert_int_equal (state_take_uid (&w.h, "other", &uid, &fd, &w.err), 0);
    assert_int_equal (uid, uids[3]);
    close (fd);
    for (size_t i = 0; i < host->uid_count; i++) {
        if (i != 3) {
            close (fds[i]);
        }
    }
    /* A VM gets the same one again, if it can. */
    assert_int_equal (state_take_uid (&w.h, "vm1", &uid, &fd, &w.err), 0);
    assert_int_equal (uid, uids[0]);
    close (fd);
}

/* A pid that another process has by now. */
static void
test_other_process (void **state)
{
    struct vm_state s = { .name = "vm1",
                          .run = RUN_RUNNING,
                          .pid = getpid (),
                          .start_time = process_start_time (getpid ()) + 1 };
    CLEANUP_CLOSE int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    assert_int_equal (state_write (&w.h, &s, &w.err), 0);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
}

/* What is in the files is not believed. */
static void
test_damaged (void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "7",
        "\"x\"",
        "{\"pid\":\"x\"}",
        "{\"state\":7,\"pid\":-1,\"uuid\":[],\"memory\":-5}",
        "{\"state\":null,\"hypervisor\":null}",
    };
    struct vm_state s;
    CLEANUP_CLOSE int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    for (size_t i = 0; i < ARRAY_SIZE (texts); i++) {
        world_file (&w, "run/vm/vm1/state", texts[i]);
        state_read (&w.h, "vm1", &s);
        assert_int_equal (s.run, RUN_STALE);
    }
    unlink (world_path (&w, "run/vm/vm1/state"));
    assert_int_equal (mkfifo (world_path (&w, "run/vm/vm1/state"), 0600), 0);
    state_read (&w.h, "vm1", &s);
    assert_int_equal (s.run, RUN_STALE);
}

static void
test_files (void **state)
{
    char *text;
    struct stat st;

    assert_int_equal (
        write_file (world_path (&w, "f"), 0600, "one\ntwo\n", &w.err), 0);
    assert_int_equal (stat (world_path (&w, "f"), &st), 0);
    assert_int_equal (st.st_mode & 07777, 0600);
    assert_string_equal (world_read (&w, "f"), "one\ntwo\n");
    assert_string_equal (state_read_line (&w.h, world_path (&w, "f")), "one");
    assert_null (state_read_line (&w.h, world_path (&w, "none")));
    assert_null (state_read_line (&w.h, w.dir));
    assert_int_equal (write_file (world_path (&w, "no/f"), 0600, "", &w.err),
                      -ENOENT);
    assert_contains (w.err.text, "No such file");
    /* A link that somebody put there is not followed. */
    assert_int_equal (symlink (world_path (&w, "f"), world_path (&w, "g.new")),
                      0);
    assert_int_equal (write_file (world_path (&w, "g"), 0600, "x", &w.err),
                      -ELOOP);
    assert_string_equal (world_read (&w, "f"), "one\ntwo\n");
    assert_int_equal (truncate (world_path (&w, "f"), (1 << 20) + 1), 0);
    text = read_small_file (world_path (&w, "f"));
    assert_null (text);
}

static void
test_names (void **state)
{
    struct vec names = { 0 };
    int fd;

    state_names (&w.h, &names);
    assert_int_equal (names.n, 0);
    assert_int_equal (state_lock (&w.h, "b", &fd, &w.err), 0);
    close (fd);
    assert_int_equal (state_lock (&w.h, "a", &fd, &w.err), 0);
    close (fd);
    state_names (&w.h, &names);
    assert_int_equal (names.n, 2);
}

#define CASE(test) cmocka_unit_test_setup_teardown (test, begin, end)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        CASE (test_life),
        CASE (test_round_trip),
        CASE (test_stale),
        CASE (test_two_lockers),
        CASE (test_slow_release),
        CASE (test_inherited),
        CASE (test_starter),
        CASE (test_passing),
        CASE (test_same_inode_race),
        CASE (test_uids),
        CASE (test_other_process),
        CASE (test_damaged),
        CASE (test_files),
        CASE (test_names),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
