/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Run directories: what runs is the kernel's word, whatever the files say. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kit/core-world.h"
#include "common/cleanup.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/process.h"
#include "core/config/host.h"
#include "core/state/holders.h"
#include "core/state/state-changes.h"
#include "core/state/state-lock.h"
#include "core/state/state-uid.h"
#include "core/state/state-run.h"
#include "core/state/state.h"
#include "tests/kit/range.h"

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

/* A process that is there until it is told to go. */
struct other {
    pid_t pid;
    int end;
};

static void
lock_as (const char *file, int mode, short type)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET };
    int fd = open (world_path (&w, file), mode | O_CREAT, 0600);

    if (fd < 0 || fcntl (fd, F_SETLK, &lock) < 0) {
        _exit (1);
    }
}

/* With a lock, as hypervisors have ("lock"), or none. */
static struct other
begin_process (const char *file)
{
    struct other o = { 0 };
    int go[2], ready[2];
    char c;

    assert_int_equal (pipe2 (go, O_CLOEXEC), 0);
    assert_int_equal (pipe2 (ready, O_CLOEXEC), 0);
    o.pid = fork ();
    if (o.pid == 0) {
        close (go[1]);
        if (file) {
            lock_as (file, O_RDONLY, F_RDLCK);
        }
        (void)!write (ready[1], "", 1);
        _exit (read (go[0], &c, 1) != 0);
    }
    close (go[0]);
    close (ready[1]);
    assert_int_equal (read (ready[0], &c, 1), 1);
    close (ready[0]);
    o.end = go[1];
    return o;
}

/* With the command line and the lock of a supervisor. */
static struct other
begin_supervisor (const struct other *of)
{
    struct other o = { 0 };
    int go[2], ready[2];
    char pid[32], start[32], c;

    snprintf (pid, sizeof pid, "pid=%d", (int)of->pid);
    snprintf (start, sizeof start, "start=%llu",
              (unsigned long long)process_start_time (of->pid));
    assert_int_equal (pipe2 (go, O_CLOEXEC), 0);
    assert_int_equal (pipe (ready), 0);
    o.pid = fork ();
    if (o.pid == 0) {
        dup2 (go[0], 0);
        dup2 (ready[1], 1);
        lock_as ("run/vm/vm1/supervisor", O_RDWR, F_WRLCK);
        close (of->end);
        execl ("/bin/sh", "sh", "-c", "echo; exec >&-; read x", "s", pid, start,
               "--", "pid=1", NULL);
        _exit (127);
    }
    close (go[0]);
    close (ready[1]);
    assert_int_equal (read (ready[0], &c, 1), 1);
    close (ready[0]);
    o.end = go[1];
    return o;
}

static void
end_process (struct other *o)
{
    int status;

    close (o->end);
    assert_int_equal (waitpid (o->pid, &status, 0), o->pid);
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
test_life (void **state)
{
    int lock = -1, starter = -1;
    struct other o;

    assert_int_equal (run_of ("vm1"), RUN_STOPPED);
    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    /* Who has it and is no starter releases something. */
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    assert_int_equal (state_lock_starter (&w.h, "vm1", &starter, &w.err), 0);
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    o = begin_process ("run/vm/vm1/lock");
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    write_state_of (RUN_STARTING, o.pid);
    close (starter);
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    write_state_of (RUN_RUNNING, o.pid);
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    write_state_of (RUN_PAUSED, o.pid);
    close (lock);
    assert_int_equal (run_of ("vm1"), RUN_PAUSED);
    end_process (&o);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    state_remove (&w.h, "vm1");
    assert_int_equal (run_of ("vm1"), RUN_STOPPED);
    assert_true (access (world_path (&w, "run/vm/vm1"), F_OK) < 0);
}

static pid_t
pid_of (const char *name)
{
    struct vm_state s;

    state_read (&w.h, name, &s);
    return s.run > RUN_STALE ? s.pid : 0;
}

/* Whatever became of the state file, and in whatever order witnesses go. */
static void
test_witnesses (void **state)
{
    static const char *const texts[] = { NULL, "", "{", "garbage",
                                         "{\"state\":\"running\"}" };
    int fd = -1;

    for (size_t i = 0; i < ARRAY_SIZE (texts); i++) {
        struct other o, supervisor;
        int why;

        assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), 0);
        o = begin_process ("run/vm/vm1/lock");
        supervisor = begin_supervisor (&o);
        close (fd);
        if (texts[i]) {
            world_file (&w, "run/vm/vm1/state", texts[i]);
        }
        assert_int_equal (run_of ("vm1"), RUN_RUNNING);
        assert_int_equal (pid_of ("vm1"), o.pid);
        assert_int_equal (state_supervisor (&w.h, "vm1", &why), supervisor.pid);
        assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), -EBUSY);
        assert_int_equal (exit_code_of (&w.err), EXIT_RUNNING);
        /* The supervisor's word alone: the lock is the hypervisor's to drop. */
        assert_int_equal (unlink (world_path (&w, "run/vm/vm1/lock")), 0);
        assert_int_equal (pid_of ("vm1"), o.pid);
        /* And none but the state's. */
        end_process (&supervisor);
        assert_int_equal (state_supervisor (&w.h, "vm1", &why), 0);
        assert_int_equal (why, 0);
        assert_int_equal (pid_of ("vm1"), 0);
        write_state_of (RUN_PAUSED, o.pid);
        assert_int_equal (run_of ("vm1"), RUN_PAUSED);
        assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), -EBUSY);
        end_process (&o);
        assert_int_equal (run_of ("vm1"), RUN_STALE);
        state_remove (&w.h, "vm1");
    }
}

/* A supervisor that outlives its process says nothing of another; nor does a
 * lock that nobody has a number for. */
static void
test_forged (void **state)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    struct other o = begin_process (NULL), supervisor;
    CLEANUP_CLOSE int fd = -1;
    CLEANUP_CLOSE int held = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), 0);
    supervisor = begin_supervisor (&o);
    end_process (&o);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    held = open (world_path (&w, "run/vm/vm1/lock"),
                 O_RDONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal (fcntl (held, F_OFD_SETLK, &lock), 0);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    end_process (&supervisor);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
}

/* A lost state's words are those of the plan. */
static void
test_plan_words (void **state)
{
    struct other o;
    struct vm_state s;
    int fd;

    assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), 0);
    close (fd);
    o = begin_process ("run/vm/vm1/lock");
    world_file (&w, "run/vm/vm1/plan",
                "{\"uuid\":\"u\",\"hypervisor\":\"null\",\"memory\":5,"
                "\"cpus\":2,\"launch\":{\"program\":\"/bin/p\"}}");
    state_read (&w.h, "vm1", &s);
    assert_int_equal (s.run, RUN_RUNNING);
    assert_string_equal (s.hypervisor, "null");
    assert_string_equal (s.program, "/bin/p");
    assert_int_equal (s.memory, 5);
    end_process (&o);
}

/* Who may not look is not told that it is stopped; nor who cannot. */
static void
test_unknown (void **state)
{
    struct rlimit few, before;
    struct vm_state s;
    struct other o;
    int fd, spare;

    assert_int_equal (state_lock (&w.h, "vm1", &fd, &w.err), 0);
    o = begin_process ("run/vm/vm1/lock");
    write_state_of (RUN_RUNNING, o.pid);
    if (geteuid () == 0) {
        assert_int_equal (chmod (w.dir, 0755), 0);
        assert_int_equal (seteuid (65534), 0);
        state_read (&w.h, "vm1", &s);
        assert_int_equal (seteuid (0), 0);
    } else {
        assert_int_equal (chmod (world_path (&w, "run/vm/vm1"), 0), 0);
        state_read (&w.h, "vm1", &s);
        assert_int_equal (chmod (world_path (&w, "run/vm/vm1"), 0700), 0);
    }
    assert_int_equal (s.run, RUN_UNKNOWN);
    assert_int_equal (state_unknown (&w.h, &s, &w.err), -EACCES);
    assert_contains (w.err.text,
                     "cannot tell whether vm1 is running: Permission");
    /* No descriptor is left. */
    spare = dup (0);
    assert_int_equal (getrlimit (RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){ (rlim_t)spare, before.rlim_max };
    close (spare);
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &few), 0);
    state_read (&w.h, "vm1", &s);
    assert_int_equal (setrlimit (RLIMIT_NOFILE, &before), 0);
    assert_int_equal (s.run, RUN_UNKNOWN);
    assert_int_equal (s.why, EMFILE);
    close (fd);
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    end_process (&o);
}

static void
test_round_trip (void **state)
{
    struct vm_state s;
    CLEANUP_CLOSE int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    write_state_of (RUN_RUNNING, getpid ());
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
    struct other o = begin_process (NULL);
    int lock = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    write_state_of (RUN_RUNNING, o.pid);
    close (lock);
    end_process (&o);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    /* As after a boot: there is not even a lock. */
    unlink (world_path (&w, "run/vm/vm1/busy"));
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
    struct other o = begin_process (NULL);

    assert_int_equal (state_lock (&w.h, "vm1", &first, &w.err), 0);
    write_state_of (RUN_RUNNING, o.pid);
    /* Another open file description, as another hvctl has. */
    assert_int_equal (state_lock (&w.h, "vm1", &second, &w.err), -EBUSY);
    assert_int_equal (exit_code_of (&w.err), EXIT_RUNNING);
    assert_contains (w.err.text, "vm1 is running");
    assert_int_equal (second, -1);
    /* Reading takes nothing away. */
    assert_int_equal (run_of ("vm1"), RUN_RUNNING);
    end_process (&o);
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
    assert_contains (w.err.text, "vm1 has stopped");
    assert_contains (w.err.text, "another hvctl or its supervisor");
    assert_contains (w.err.text, "0.2 seconds");
    assert_contains (w.err.text, "hvctl kill vm1");
    assert_true (now_ms () - before >= 200);
    interrupt_came = 1;
    assert_int_equal (state_lock_within (&w.h, "vm1", 20000, &second, &w.err),
                      -EBUSY);
    interrupt_came = 0;
    close (first);
    assert_int_equal (state_lock_within (&w.h, "vm1", 0, &second, &w.err), 0);
    close (second);
}

static void
test_starter (void **state)
{
    int lock = -1, starter = -1;
    uint64_t start_time = 0;
    pid_t pid = 0;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    assert_false (state_is_held (&w.h, "vm1", STARTER_FILE));
    assert_true (state_is_held (&w.h, "vm1", BUSY_FILE));
    assert_int_equal (state_lock_starter (&w.h, "vm1", &starter, &w.err), 0);
    assert_true (state_is_held (&w.h, "vm1", STARTER_FILE));
    assert_true (fcntl (starter, F_GETFD) & FD_CLOEXEC);
    assert_true (fcntl (lock, F_GETFD) & FD_CLOEXEC);
    assert_true (state_holder (&w.h, "vm1", STARTER_FILE, &pid, &start_time));
    assert_int_equal (pid, getpid ());
    assert_int_equal (start_time, process_start_time (pid));
    world_file (&w, "run/vm/vm1/starter", "x");
    assert_false (state_holder (&w.h, "vm1", STARTER_FILE, &pid, &start_time));
    close (starter);
    assert_false (state_is_held (&w.h, "vm1", STARTER_FILE));
    close (lock);
}

/* A process that has the lock of the changes of 'key' until it is killed. */
static pid_t
changer (const char *key, bool alone)
{
    struct error err = { 0 };
    int done[2], fd;
    pid_t pid;
    char c = 0;

    assert_int_equal (pipe (done), 0);
    pid = fork ();
    if (pid == 0) {
        c = state_lock_changes_within (&w.h, key, alone, 0, &fd, &err) == 0;
        (void)!write (done[1], &c, 1);
        pause ();
    }
    assert_int_equal (read (done[0], &c, 1), 1);
    assert_int_equal (c, 1);
    close (done[0]);
    close (done[1]);
    return pid;
}

static void
end_changer (pid_t pid)
{
    assert_int_equal (kill (pid, SIGKILL), 0);
    assert_int_equal (waitpid (pid, NULL, 0), pid);
}

static size_t
count_changers (const char *key)
{
    struct vec list = { 0 };

    holders_of_changes (&w.h, key, &list);
    return list.n;
}

/* The kernel tells who has it, or shares it; those who do not are not found. */
static void
test_changers (void **state)
{
    int lock = -1;
    pid_t first, second;

    assert_int_equal (count_changers ("vm1"), 0);
    first = changer ("vm1", true);
    second = changer ("vm2", true);
    assert_int_equal (count_changers ("vm1"), 1);
    assert_int_equal (count_changers ("vm3"), 0);
    assert_string_equal (
        holders_text (&w.h, "vm1"),
        arena_format (&w.h.arena, " (process %d)", (int)first));
    assert_int_equal (state_try_changes (&w.h, "vm1", &lock, &w.err), -EBUSY);
    assert_contains (w.err.text, holders_text (&w.h, "vm1"));
    assert_int_equal (
        state_lock_changes_within (&w.h, "vm1", false, 1, &lock, &w.err),
        -ETIMEDOUT);
    assert_contains (w.err.text, holders_text (&w.h, "vm1"));
    assert_contains (w.err.text, "hvctl kill vm1");
    end_changer (first);
    end_changer (second);
    assert_string_equal (holders_text (&w.h, "vm1"), "");
    first = changer ("pool@vm1", false);
    second = changer ("pool@vm1", false);
    assert_int_equal (count_changers ("pool@vm1"), 2);
    assert_int_equal (
        state_lock_changes_within (&w.h, "pool@vm1", true, 1, &lock, &w.err),
        -ETIMEDOUT);
    assert_contains (w.err.text, "or terminate that process");
    end_changer (first);
    end_changer (second);
    assert_int_equal (
        state_lock_changes_within (&w.h, "vm1", true, 0, &lock, &w.err), 0);
    assert_int_equal (count_changers ("vm1"), 0); /* Not ourselves. */
    close (lock);
}

/* Who looks after a VM is not taken for who starts it; but the run directory is
 * not given to the next run meanwhile. */
static void
test_looked_after (void **state)
{
    struct vm_state s = { .name = "vm1",
                          .run = RUN_RUNNING,
                          .pid = getpid (),
                          .start_time = process_start_time (getpid ()) + 1 };
    int lock = -1, starter = -1;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    assert_int_equal (state_lock_starter (&w.h, "vm1", &starter, &w.err), 0);
    assert_int_equal (run_of ("vm1"), RUN_STARTING);
    assert_int_equal (state_write (&w.h, &s, &w.err), 0);
    state_read (&w.h, "vm1", &s);
    assert_int_equal (s.run, RUN_STARTING);
    assert_int_equal (s.pid, 0);
    close (lock);
    assert_int_equal (run_of ("vm1"), RUN_STALE);
    assert_int_equal (state_lock_within (&w.h, "vm1", 50, &lock, &w.err),
                      -ETIMEDOUT);
    assert_int_equal (exit_code_of (&w.err), EXIT_TIMEOUT);
    assert_contains (w.err.text, "hvctl kill vm1");
    close (starter);
    assert_int_equal (state_lock_within (&w.h, "vm1", 0, &lock, &w.err), 0);
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

/* Who is in the directory before all else has gone would lose what it makes
 * there: whatever the order in which the directory has them. */
static void
test_lock_goes_last (void **state)
{
    char last[NAME_MAX + 1] = "";
    char events[8192] __attribute__ ((aligned (8)));
    int watch = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK), lock = -1, n = 0;
    ssize_t len;

    assert_int_equal (state_lock (&w.h, "vm1", &lock, &w.err), 0);
    for (int i = 0; i < 30; i++) {
        char name[32];
        int fd;

        snprintf (name, sizeof name, "run/vm/vm1/%c%d", 'a' + i % 26, i);
        fd = open (world_path (&w, name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        assert_true (fd >= 0);
        close (fd);
    }
    assert_true (
        inotify_add_watch (watch, world_path (&w, "run/vm/vm1"), IN_DELETE)
        >= 0);
    state_remove (&w.h, "vm1");
    while ((len = read (watch, events, sizeof events)) > 0) {
        for (char *p = events; p < events + len; n++) {
            const struct inotify_event *e = (const void *)p;

            if (e->mask & IN_DELETE) {
                snprintf (last, sizeof last, "%s", e->name);
            }
            p += sizeof *e + e->len;
        }
    }
    assert_true (n >= 31);
    assert_string_equal (last, BUSY_FILE);
    close (watch);
    close (lock);
}

struct taken {
    uint64_t uid;
    int lock, fd;
};

static int
take (const char *name, struct taken *t)
{
    return state_take_uid (&w.h, name, &t->uid, &t->lock, &t->fd, &w.err);
}

static void
let_go (struct taken *t)
{
    close (t->lock);
    close (t->fd);
}

static void
test_uids (void **state)
{
    struct host *host = w.h.host;
    struct taken all[16], more;

    assert_int_equal (file_make_dirs (host->run_dir, 0755, &w.err), 0);
    for (size_t i = 0; i < host->uid_count; i++) {
        /* The same name on purpose: its favourite is taken. */
        assert_int_equal (take ("vm1", &all[i]), 0);
        assert_int_equal (fcntl (all[i].fd, F_GETFL) & O_ACCMODE, O_RDONLY);
        assert_between (all[i].uid, host->uid_base,
                        host->uid_base + host->uid_count - 1);
        assert_true (all[i].uid != w.h.probe_uid);
        for (size_t k = 0; k < i; k++) {
            assert_true (all[k].uid != all[i].uid);
        }
    }
    assert_int_equal (take ("vm1", &more), -EUSERS);
    assert_contains (w.err.text, "raise uid_count");
    let_go (&all[3]);
    assert_int_equal (take ("other", &more), 0);
    assert_int_equal (more.uid, all[3].uid);
    let_go (&more);
    for (size_t i = 0; i < host->uid_count; i++) {
        if (i != 3) {
            let_go (&all[i]);
        }
    }
    /* A VM gets the same one again, if it can. */
    assert_int_equal (take ("vm1", &more), 0);
    assert_int_equal (more.uid, all[0].uid);
    let_go (&more);
}

/* A process that was taken over claims them all, or drops its claim: neither
 * gives its own to another, nor keeps others from theirs. */
static void
test_hostile_claims (void **state)
{
    struct flock all = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
    struct taken first, second;
    pid_t pid = -1;
    int go[2], status;
    char c;

    assert_int_equal (file_make_dirs (w.h.host->run_dir, 0755, &w.err), 0);
    assert_int_equal (take ("vm1", &first), 0);
    if (geteuid () == 0) {
        assert_int_equal (pipe (go), 0);
        pid = fork ();
        if (pid == 0) {
            close (go[1]);
            _exit (setuid ((uid_t)first.uid) < 0 || read (go[0], &c, 1) != 0);
        }
        close (go[0]);
        usleep (50000);
    }
    close (first.lock);
    all.l_type = F_UNLCK;
    assert_int_equal (fcntl (first.fd, F_OFD_SETLK, &all), 0);
    assert_int_equal (take ("vm1", &second), 0);
    assert_true (geteuid () || second.uid != first.uid);
    let_go (&second);
    all.l_type = F_RDLCK;
    assert_int_equal (fcntl (first.fd, F_OFD_SETLK, &all), 0);
    all.l_type = F_WRLCK;
    assert_int_equal (fcntl (first.fd, F_OFD_SETLK, &all), -1);
    assert_int_equal (take ("vm1", &second), 0);
    assert_true (geteuid () || second.uid != first.uid);
    let_go (&second);
    close (first.fd);
    if (pid > 0) {
        close (go[1]);
        assert_int_equal (waitpid (pid, &status, 0), pid);
        assert_int_equal (status, 0);
    }
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
        file_write (world_path (&w, "f"), 0600, "one\ntwo\n", &w.err), 0);
    assert_int_equal (stat (world_path (&w, "f"), &st), 0);
    assert_int_equal (st.st_mode & 07777, 0600);
    assert_string_equal (world_read (&w, "f"), "one\ntwo\n");
    assert_string_equal (state_read_line (&w.h, world_path (&w, "f")), "one");
    assert_null (state_read_line (&w.h, world_path (&w, "none")));
    assert_null (state_read_line (&w.h, w.dir));
    assert_int_equal (file_write (world_path (&w, "no/f"), 0600, "", &w.err),
                      -ENOENT);
    assert_contains (w.err.text, "No such file");
    /* A link that somebody put there is not followed. */
    assert_int_equal (symlink (world_path (&w, "f"), world_path (&w, "g.new")),
                      0);
    assert_int_equal (file_write (world_path (&w, "g"), 0600, "x", &w.err),
                      -ELOOP);
    assert_string_equal (world_read (&w, "f"), "one\ntwo\n");
    assert_int_equal (truncate (world_path (&w, "f"), (1 << 20) + 1), 0);
    text = file_read (world_path (&w, "f"));
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
        CASE (test_life),           CASE (test_round_trip),
        CASE (test_stale),          CASE (test_two_lockers),
        CASE (test_slow_release),   CASE (test_witnesses),
        CASE (test_forged),         CASE (test_plan_words),
        CASE (test_unknown),        CASE (test_starter),
        CASE (test_changers),       CASE (test_looked_after),
        CASE (test_passing),        CASE (test_same_inode_race),
        CASE (test_lock_goes_last), CASE (test_uids),
        CASE (test_hostile_claims), CASE (test_other_process),
        CASE (test_damaged),        CASE (test_files),
        CASE (test_names),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
