/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Streams of storage-qcow2 whose other end is slow, while signals come that
 * are no business of the plugin: nothing is lost, and nobody takes a signal for
 * the end of the time. */
#include "tests/unit/test-storage.h"

#include <signal.h>
#include <time.h>

static void
heed (int number)
{
}

/* Without SA_RESTART, which poll() does not heed anyhow. */
static void
heed_signals (void)
{
    struct sigaction action = { .sa_handler = heed };

    assert_int_equal (sigaction (SIGUSR1, &action, NULL), 0);
}

/* For so long that some of them come while the parent waits. */
static void
disturb (void)
{
    const struct timespec pause = { .tv_nsec = 5000000 };

    for (int i = 0; i < 40; i++) {
        kill (getppid (), SIGUSR1);
        nanosleep (&pause, NULL);
    }
}

/* Copies, with a disturbance after the first piece. */
static _Noreturn void
copy (int from, int to)
{
    char buffer[4096];
    ssize_t n;

    for (int i = 0; (n = read (from, buffer, sizeof buffer)) > 0; i++) {
        if (write (to, buffer, (size_t)n) != n) {
            break;
        }
        if (i == 0) {
            disturb ();
        }
    }
    _exit (n != 0);
}

/* Starts a process that copies to or from a pipe; stores our end of it. */
static pid_t
start_copy (const char *path, bool feeds, int *end)
{
    int fds[2], file;
    pid_t pid;

    file = open (path, feeds ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true (file >= 0);
    assert_int_equal (pipe (fds), 0);
    pid = fork ();
    assert_true (pid >= 0);
    if (pid == 0) {
        close (fds[!feeds]);
        copy (feeds ? file : fds[0], feeds ? fds[1] : file);
    }
    close (file);
    close (fds[feeds]);
    *end = fds[!feeds];
    return pid;
}

static void
end_copy (pid_t pid, int end)
{
    int status;

    close (end);
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
}

static void
test_slow (void **state)
{
    const struct scratch *s = *state;
    const struct hv_storage *storage = hv_plugin.storage;
    struct hv_volume root = volume (s, "root", 4 * MIB);
    struct hv_volume other = volume (s, "other", 0);
    pid_t pid;
    int end;

    check_done (s, storage->create (&s->f->ctx, &root));
    TOOL ("qemu-io", "-f", "qcow2", "-c", "write -q -P 7 0 1M",
          at (s, "pool/root.qcow2"));
    root.size = 0;
    check_done (s, storage->snapshot (&s->f->ctx, &root, "s"));
    heed_signals ();

    pid = start_copy (at (s, "image"), false, &end);
    check_done (s, storage->send (&s->f->ctx, &root, "s", NULL, end));
    end_copy (pid, end);

    pid = start_copy (at (s, "image"), true, &end);
    check_done (s, storage->receive (&s->f->ctx, &other, NULL, end));
    end_copy (pid, end);
    TOOL ("qemu-img", "compare", "-q", "-f", "qcow2", "-F", "qcow2",
          at (s, "pool/root@s.qcow2"), at (s, "pool/other.qcow2"));
}

/* And the end of the time is one. */
static void
test_late (void **state)
{
    const struct scratch *s = *state;
    struct hv_volume other = volume (s, "other", 0);
    int fds[2];

    assert_int_equal (pipe (fds), 0);
    fake_limit (s->f, 100);
    check_failed (s,
                  hv_plugin.storage->receive (&s->f->ctx, &other, NULL, fds[0]),
                  ETIMEDOUT, "the other end of the pipe does not respond");
    assert_int_equal (count_entries (at (s, "pool")), 0);
    close (fds[0]);
    close (fds[1]);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_slow),
        TEST (test_late),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
