/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The jail and the supervisor, with the probe in a hypervisor's place. */

#include "tests/unit/test-spawn-start.h"

#include <dirent.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "tests/probe/attacks.h"
#include "core/base/process.h"

/* ------------------------------------------------------------------ tests */

static enum outcome
outcome_of (size_t n)
{
    char number[16];
    struct start s;
    int status;

    snprintf (number, sizeof number, "%zu", n);
    prepare (&s, "attack", number);
    start_and_seal (&s);
    say (&s);
    status = end_status (&s);
    if (WIFSIGNALED (status)) {
        assert_int_equal (WTERMSIG (status), SIGSYS);
        return KILLED;
    }
    return WEXITSTATUS (status) == 0 ? REFUSED : HARMLESS;
}

static void
test_attacks (void **state)
{
    static const char *const words[] = { "killed", "refused", "successful" };
    unsigned count[3] = { 0 }, wrong = 0;

    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        enum outcome outcome = outcome_of (i);

        count[outcome]++;
        if (outcome != attacks[i].expected) {
            print_error ("%s: %s, and not %s\n", attacks[i].name,
                         words[outcome], words[attacks[i].expected]);
            wrong++;
        }
    }
    print_message ("%zu calls: %u killed, %u refused, %u successful\n",
                   sizeof attacks / sizeof *attacks, count[KILLED],
                   count[REFUSED], count[HARMLESS]);
    assert_int_equal (wrong, 0);
}

static void
status_line (pid_t pid, const char *key, char *line, size_t size)
{
    char path[64];
    FILE *f;

    snprintf (path, sizeof path, "/proc/%d/status", (int)pid);
    f = fopen (path, "re");
    assert_non_null (f);
    while (fgets (line, (int)size, f)) {
        if (!strncmp (line, key, strlen (key))) {
            fclose (f);
            return;
        }
    }
    fclose (f);
    fail_msg ("no %s in %s", key, path);
}

static void
assert_status (pid_t pid, const char *key, const char *value)
{
    char line[256], expected[256];

    status_line (pid, key, line, sizeof line);
    snprintf (expected, sizeof expected, "%s\t%s\n", key, value);
    assert_string_equal (line, expected);
}

static void
assert_namespaces_differ (pid_t pid, bool user)
{
    static const char *const names[] = { "mnt",    "pid", "ipc", "uts",
                                         "cgroup", "net", "user" };

    for (size_t i = 0; i < 6U + user; i++) {
        char path[64], theirs[64] = "", ours[64] = "";

        snprintf (path, sizeof path, "/proc/%d/ns/%s", (int)pid, names[i]);
        assert_true (readlink (path, theirs, sizeof theirs - 1) > 0);
        snprintf (path, sizeof path, "/proc/self/ns/%s", names[i]);
        assert_true (readlink (path, ours, sizeof ours - 1) > 0);
        assert_string_not_equal (theirs, ours);
    }
}

static unsigned
entries (const char *path)
{
    DIR *d = opendir (path);
    struct dirent *e;
    unsigned n = 0;

    assert_non_null (d);
    while ((e = readdir (d))) {
        n += strcmp (e->d_name, ".") && strcmp (e->d_name, "..") ? 1 : 0;
    }
    closedir (d);
    return n;
}

/* What the kernel says of the process, from outside. */
static void
test_state (void **state)
{
    static const char *const sets[] = { "CapInh:", "CapPrm:", "CapEff:",
                                        "CapBnd:", "CapAmb:" };
    unsigned uid = geteuid () == 0 ? VM_USER : geteuid ();
    char path[64], ids[128];
    struct start s;

    prepare (&s, "exit", "0");
    assert_int_equal (start (&s), 0);
    wait_until_ready (&s);
    if (s.weaker) {
        print_message ("weaker: %s", s.weaker);
    }
    snprintf (ids, sizeof ids, "%u\t%u\t%u\t%u", uid, uid, uid, uid);
    assert_status (s.process.pid, "Uid:", ids);
    assert_status (s.process.pid, "NoNewPrivs:", "1");
    assert_status (s.process.pid, "Seccomp:", "2");
    if (geteuid () == 0) {
        assert_status (s.process.pid, "Groups:", " ");
    }
    for (size_t i = 0; i < 5 && s.process.own_root; i++) {
        assert_status (s.process.pid, sets[i], "0000000000000000");
    }
    snprintf (path, sizeof path, "/proc/%d/root", (int)s.process.pid);
    if (s.process.own_root) {
        assert_namespaces_differ (s.process.pid, geteuid () != 0);
        assert_true (entries (path) > 2);
        assert_int_equal (spawn_seal (&s.process, &s.err), 0);
        assert_int_equal (entries (path), 0);
    } else {
        assert_non_null (strstr (s.weaker, "namespaces"));
        assert_int_equal (spawn_seal (&s.process, &s.err), 0);
    }
    say (&s);
    assert_int_equal (end_status (&s), 0);
}

/* All permutations of three descriptors onto each other's numbers. */
static void
test_overlapping_descriptors (void **state)
{
    static const char *const files[] = { "one", "two", "three" };
    static const int turns[][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
                                    { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };

    for (int i = 0; i < 3; i++) {
        lab_write (files[i], files[i], 0644);
    }
    for (size_t t = 0; t < 6; t++) {
        char text[512], expected[512] = "0:\n1:\n2:\n";
        int fds[3], low = 40;
        struct start s;

        prepare (&s, "fds", NULL);
        s.jail.n_fds = 3; /* Without the word's. */
        for (int i = 0; i < 3; i++) {
            int fd = open (lab_path (files[i]), O_RDONLY | O_CLOEXEC);

            fds[i] = fcntl (fd, F_DUPFD_CLOEXEC, low + i);
            close (fd);
            assert_int_equal (fds[i], low + i);
            s.fds[3 + i] = (struct jail_fd){ fds[i], low + turns[t][i] };
        }
        for (int n = 0; n < 3; n++) {
            for (int i = 0; i < 3; i++) {
                if (turns[t][i] == n) {
                    sprintf (expected + strlen (expected), "%d:%s\n", low + n,
                             files[i]);
                }
            }
        }
        s.jail.n_fds = 6;
        assert_int_equal (
            spawn_jailed (&s.jail, &s.sup, &s.process, &s.weaker, &s.err), 0);
        close (s.fds[1].from);
        read_output (&s, text, sizeof text);
        assert_string_equal (text, expected);
        spawn_abort (&s.process);
        for (int i = 0; i < 3; i++) {
            close (fds[i]);
        }
        close (s.fds[0].from);
        finish (&s);
    }
}

/* A file that others may not read is there for the process, unchanged for
 * the others. */
static void
test_files (void **state)
{
    struct jail_file files[2];
    struct stat st;
    struct start s;
    char text[512];

    lab_write ("public", "public ", 0644);
    lab_write ("secret", "secret", 0600);
    files[0] = (struct jail_file){ .path = lab_path ("public"),
                                   .as = "/given/public" };
    files[1] = (struct jail_file){ .path = lab_path ("secret"),
                                   .as = "/given/secret" };
    prepare (&s, "files", "/given/public");
    s.argv[3] = "/given/secret";
    s.jail.files = files;
    s.jail.n_files = 2;
    assert_int_equal (start (&s), 0);
    read_output (&s, text, sizeof text);
    assert_string_equal (text, "public secret");
    spawn_abort (&s.process);
    finish (&s);
    assert_int_equal (stat (files[1].path, &st), 0);
    assert_int_equal (st.st_mode & 0777, 0600);
}

static void
assert_fails (struct start *s, int code, const char *words)
{
    assert_int_equal (start (s), -code);
    if (!strstr (s->err.text, words)) {
        fail_msg ("'%s' does not say '%s'", s->err.text, words);
    }
    assert_int_equal (waitpid (-1, NULL, WNOHANG), -1);
    assert_int_equal (errno, ECHILD);
    finish (s);
}

/* Each is told, and nothing is left. */
static void
test_failures (void **state)
{
    static const char *const unknown[] = { "execve", NULL };
    struct jail_file missing = { .path = "/no/such/file", .as = "/given" };
    struct jail_file odd[] = { { .path = "/", .as = "/given" },
                               { .path = "/dev/null", .as = "/given" } };

    for (int foreground = 0; foreground < 2; foreground++) {
        struct start s;

        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.jail.program = "/no/such/program";
        assert_fails (&s, ENOENT, "/no/such/program");

        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.jail.groups = unknown;
        assert_fails (&s, EINVAL, "execve");

        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.jail.files = &missing;
        s.jail.n_files = 1;
        assert_fails (&s, ENOENT, "/no/such/file");

        /* What is wrong with a file is not a lack of namespaces. */
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            prepare (&s, "exit", "0");
            s.sup.foreground = foreground;
            s.jail.files = &odd[i];
            s.jail.n_files = 1;
            assert_fails (&s, EINVAL, "is not a regular file");
        }
        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.sup.supervisor = lab_path ("unexecutable");
        lab_write ("unexecutable", "", 0644);
        assert_fails (&s, EACCES, "unexecutable");

        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.sup.supervisor = "/no/such/supervisor";
        assert_fails (&s, ENOENT, "supervisor");

        lab_write ("script", "\177ELF, not really\n", 0755);
        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.jail.program = lab_path ("script");
        assert_fails (&s, ENOEXEC, "architecture");

        prepare (&s, "exit", "0");
        s.sup.foreground = foreground;
        s.fds[3].from = 999;
        assert_fails (&s, EBADF, "999");
    }
}

static void
in_background (struct start *s)
{
    prepare (s, "exit", "5");
    s->sup.foreground = false;
    s->release[3] = lab_path ("released");
    s->sup.release = s->release;
}

/* The supervisor records the end, and runs the release after it. */
static void
test_supervisor (void **state)
{
    char text[128];
    struct start s;

    in_background (&s);
    start_and_seal (&s);
    assert_int_equal (process_start_time (s.process.pid), s.process.start_time);
    say (&s);
    assert_true (lab_read ("end", text, sizeof text));
    assert_int_equal (strncmp (text, "exit 5 ", 7), 0);
    assert_true (lab_read ("released", text, sizeof text));
    assert_int_equal (waitpid (s.process.supervisor, NULL, 0),
                      s.process.supervisor);
    finish (&s);
}

static void
test_supervisor_tells_signals (void **state)
{
    char text[128];
    struct start s;

    in_background (&s);
    s.argv[1] = "attack";
    s.argv[2] = "0";
    start_and_seal (&s);
    say (&s);
    assert_true (lab_read ("end", text, sizeof text));
    assert_int_equal (strncmp (text, "signal 31 ", 10), 0);
    assert_int_equal (waitpid (s.process.supervisor, NULL, 0),
                      s.process.supervisor);
    finish (&s);
}

static bool
has_ended (int pidfd)
{
    struct pollfd p = { .fd = pidfd, .events = POLLIN };

    return poll (&p, 1, 5000) == 1;
}

/* Whoever starts a VM and dies before it is sealed takes it along. */
static void
test_starter_dies (void **state)
{
    char text[128];
    struct start s;

    in_background (&s);
    assert_int_equal (start (&s), 0);
    close (s.process.control); /* As the kernel does then. */
    assert_true (has_ended (s.process.pidfd));
    assert_true (lab_read ("end", text, sizeof text));
    assert_int_equal (strncmp (text, "signal 9 ", 9), 0);
    assert_true (lab_read ("released", text, sizeof text));
    assert_int_equal (waitpid (s.process.supervisor, NULL, 0),
                      s.process.supervisor);
    finish (&s);
}

static void
test_abort (void **state)
{
    struct start s;

    for (int foreground = 0; foreground < 2; foreground++) {
        in_background (&s);
        s.sup.foreground = foreground;
        assert_int_equal (start (&s), 0);
        spawn_abort (&s.process);
        assert_int_equal (waitpid (-1, NULL, WNOHANG), -1);
        assert_int_equal (access (lab_path ("end"), F_OK), -1);
        assert_int_equal (access (lab_path ("released"), F_OK), -1);
        finish (&s);
    }
}

/* A killed supervisor takes nothing along; a new one can not be the parent,
 * and knows the status only from a kernel that keeps it (6.15). */
static void
test_new_supervisor (void **state)
{
    char text[128];
    struct timespec moment = { 0, 200 * 1000 * 1000 };
    struct start s;
    pid_t second = 0;

    in_background (&s);
    start_and_seal (&s);
    prctl (PR_SET_CHILD_SUBREAPER, 1);
    kill (s.process.supervisor, SIGKILL);
    waitpid (s.process.supervisor, NULL, 0);
    assert_int_equal (process_start_time (s.process.pid), s.process.start_time);
    assert_int_equal (supervise_start (&s.sup, s.process.pid,
                                       s.process.start_time, &second, &s.err),
                      0);
    nanosleep (&moment, NULL); /* It finds the process. */
    say (&s);
    waitpid (s.process.pid, NULL, 0);
    prctl (PR_SET_CHILD_SUBREAPER, 0);
    assert_true (lab_read ("end", text, sizeof text));
    assert_true (!strncmp (text, "exit 5 ", 7)
                 || !strncmp (text, "unknown ", 8));
    print_message ("the new supervisor says: %s", text);
    assert_true (lab_read ("released", text, sizeof text));
    waitpid (second, NULL, 0);
    finish (&s);
}

/* A datagram socket in a service manager's place, under an abstract name. */
static int
be_service_manager (void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int len = snprintf (address.sun_path + 1, sizeof address.sun_path - 1,
                        "hvctl-test-%d", (int)getpid ());
    char text[128];

    assert_int_equal (
        bind (fd, (struct sockaddr *)&address,
              (socklen_t)(offsetof (struct sockaddr_un, sun_path) + 1 + len)),
        0);
    snprintf (text, sizeof text, "@%s", address.sun_path + 1);
    setenv ("NOTIFY_SOCKET", text, 1);
    return fd;
}

static void
assert_notified (int fd, const char *words)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    char text[128];
    ssize_t n;

    assert_int_equal (poll (&p, 1, 5000), 1);
    n = recv (fd, text, sizeof text - 1, 0);
    assert_true (n > 0);
    text[n] = '\0';
    assert_non_null (strstr (text, words));
}

/* Starts a child that becomes the supervisor in the foreground.  The stop
 * command kills, or, if 'slow', takes its time. */
static pid_t
run_in_foreground (struct start *s, bool slow)
{
    char number[16];
    const char *stop[] = { "/bin/sh", "-c", slow ? "sleep 2" : "kill -9 $0",
                           number, NULL };
    pid_t pid;

    in_background (s);
    s->sup.foreground = true;
    s->argv[2] = "0";
    fflush (NULL);
    pid = fork ();
    if (pid == 0) {
        if (start (s) == 0 && recv (s->word, number, 1, 0) == 1) {
            spawn_seal (&s->process, &s->err);
            snprintf (number, sizeof number, "%d", (int)s->process.pid);
            supervise_here (&s->sup, &s->process, stop, &s->err);
        }
        _exit (99);
    }
    return pid;
}

static void
test_foreground (void **state)
{
    int manager = be_service_manager (), status;
    char text[128];

    for (int way = 0; way < 3; way++) {
        struct start s;
        pid_t pid = run_in_foreground (&s, way == 2);

        assert_notified (manager, "READY=1");
        if (way == 0) {
            say (&s);
        } else {
            kill (pid, SIGTERM);
            assert_notified (manager, "STOPPING=1");
        }
        if (way == 2) {
            kill (pid, SIGINT); /* Impatient. */
        }
        assert_int_equal (waitpid (pid, &status, 0), pid);
        assert_true (WIFEXITED (status));
        assert_int_equal (WEXITSTATUS (status), way == 0 ? 0 : 1);
        assert_true (lab_read ("end", text, sizeof text));
        assert_int_equal (strncmp (text, way ? "signal 9 " : "exit 0 ", 7), 0);
        assert_true (lab_read ("released", text, sizeof text));
        finish (&s);
    }
    unsetenv ("NOTIFY_SOCKET");
    close (manager);
}

/* A number that another process has by now is not waited for. */
static void
test_wrong_start_time (void **state)
{
    const char *release[] = { "/bin/true", NULL };
    struct supervision sup = { .supervisor = lab_path ("supervisor"),
                               .end_file = lab_path ("end"),
                               .release = release };
    struct error err;
    char text[128];
    pid_t pid = 0;

    unlink (lab_path ("end"));
    assert_int_equal (supervise_start (&sup, getpid (), 12345, &pid, &err), 0);
    assert_true (lab_read ("end", text, sizeof text));
    assert_int_equal (strncmp (text, "unknown ", 8), 0);
    waitpid (pid, NULL, 0);
}

static int
run (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_state),
        cmocka_unit_test (test_overlapping_descriptors),
        cmocka_unit_test (test_files),
        cmocka_unit_test (test_failures),
        cmocka_unit_test (test_supervisor),
        cmocka_unit_test (test_supervisor_tells_signals),
        cmocka_unit_test (test_starter_dies),
        cmocka_unit_test (test_abort),
        cmocka_unit_test (test_new_supervisor),
        cmocka_unit_test (test_foreground),
        cmocka_unit_test (test_wrong_start_time),
        cmocka_unit_test (test_attacks),
    };

    return cmocka_run_group_tests_name ("spawn-jail", tests, lab_setup,
                                        lab_teardown);
}

int
main (void)
{
    return lab_main (run);
}
