/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The supervisor as the one who is connected to a serial port: what comes is
 * in the log, whoever is connected to the console, and whatever that one does.
 * We are the hypervisor; a process that sleeps is its. */

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/error.h"
#include "core/base/process.h"
#include "core/process/supervise.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/kit/range.h"
#include "tests/kit/timing.h"
#include "tests/kit/unix.h"

#define PATIENCE_MS 20000
#define MIB (1 << 20)

struct world {
    char dir[64];
    int listener, port, client;
    pid_t hypervisor, supervisor;
};

static const char *
path_in (const struct world *w, const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf (path, sizeof *paths, "%s/%s", w->dir, name);
    return path;
}

static int
await (int fd, short events)
{
    struct pollfd p = { .fd = fd, .events = events };

    return poll (&p, 1, PATIENCE_MS);
}

/* ------------------------------------------------------------ what we are */

static void
put (int fd, const char *text)
{
    assert_int_equal (send (fd, text, strlen (text), MSG_NOSIGNAL),
                      strlen (text));
}

/* The next bytes from there. */
static void
expect (int fd, const char *text)
{
    char got[128];
    size_t n = 0, len = strlen (text);

    while (n < len) {
        ssize_t r;

        assert_int_equal (await (fd, POLLIN), 1);
        r = read (fd, got + n, len - n);
        assert_true (r > 0);
        n += (size_t)r;
    }
    got[n] = '\0';
    assert_string_equal (got, text);
}

static void
expect_end (int fd)
{
    char byte;

    assert_int_equal (await (fd, POLLIN), 1);
    assert_true (read (fd, &byte, 1) <= 0);
}

static long
size_of (const struct world *w, const char *name)
{
    struct stat st;

    return stat (path_in (w, name), &st) == 0 ? (long)st.st_size : -1;
}

/* Until all that was sent there has been read. */
static void
settle (int port)
{
    double until = now () + PATIENCE_MS;
    int unread = 1;

    while (ioctl (port, SIOCOUTQ, &unread) == 0 && unread && now () < until) {
        poll (NULL, 0, 5);
    }
    assert_int_equal (unread, 0);
    poll (NULL, 0, 50); /* And passed on. */
}

/* The whole log, once it is as long as that. */
static void
expect_log (const struct world *w, const char *text)
{
    double until = now () + PATIENCE_MS;
    char got[4096] = "";
    int fd = open (path_in (w, "log/console.log"), O_RDONLY | O_CLOEXEC);

    assert_true (fd >= 0);
    while (pread (fd, got, sizeof got - 1, 0) < (ssize_t)strlen (text)
           && now () < until) {
        poll (NULL, 0, 5);
    }
    close (fd);
    assert_string_equal (got, text);
}

/* Serial numbers, so that nothing can be lost or come twice unseen. */
static void
fill (char *block, size_t size, unsigned *number)
{
    for (size_t at = 0; at < size; at += 8) {
        char text[16];

        snprintf (text, sizeof text, "%07u\n", (*number)++);
        memcpy (block + at, text, 8);
    }
}

static void
flood (int port, size_t size)
{
    char block[4096];
    unsigned number = 0;

    for (size_t at = 0; at < size; at += sizeof block) {
        fill (block, sizeof block, &number);
        for (size_t sent = 0; sent < sizeof block;) {
            ssize_t n;

            assert_int_equal (await (port, POLLOUT), 1);
            n = send (port, block + sent, sizeof block - sent, MSG_DONTWAIT);
            assert_true (n > 0 || errno == EAGAIN);
            sent += n > 0 ? (size_t)n : 0;
        }
    }
}

static void
expect_flood (int fd, size_t size)
{
    char block[4096], got[4096];
    unsigned number = 0;

    for (size_t at = 0; at < size; at += sizeof block) {
        fill (block, sizeof block, &number);
        for (size_t have = 0; have < sizeof got;) {
            ssize_t n;

            assert_int_equal (await (fd, POLLIN), 1);
            n = read (fd, got + have, sizeof got - have);
            assert_true (n > 0);
            have += (size_t)n;
        }
        assert_memory_equal (got, block, sizeof got);
    }
}

/* ------------------------------------------------------------- the others */

static void
supervise (struct world *w)
{
    static const char *release[] = { "/bin/touch", NULL, NULL };
    static char run[128], log[128], released[128];
    /* tests/shell/musl.sh */
    const char *other = getenv ("HVCTL_TEST_SUPERVISOR");
    struct supervision sup = { .supervisor = other ? other : SUPERVISOR,
                               .release = release,
                               .serial = run,
                               .logs = log };
    struct error err = { 0 };

    snprintf (run, sizeof run, "%s/run", w->dir);
    snprintf (log, sizeof log, "%s/log", w->dir);
    snprintf (released, sizeof released, "%s/released", w->dir);
    release[1] = released;
    if (supervise_start (&sup, w->hypervisor,
                         process_start_time (w->hypervisor), &w->supervisor,
                         &err)
        < 0) {
        fail_msg ("%s", err.text);
    }
}

static int
take_port (const struct world *w)
{
    int fd;

    assert_int_equal (await (w->listener, POLLIN), 1);
    fd = accept4 (w->listener, NULL, NULL, SOCK_CLOEXEC);
    assert_true (fd >= 0);
    return fd;
}

/* Connects, and returns once that has been seen: else what the guest says may
 * come before. */
static int
attach (const struct world *w)
{
    double until = now () + PATIENCE_MS;
    int fd;

    while ((fd = unix_connect (path_in (w, "run/console.sock"))) < 0
           && now () < until) {
        poll (NULL, 0, 5);
    }
    assert_true (fd >= 0);
    put (fd, "?");
    expect (w->port, "?");
    return fd;
}

static void
make_world (struct world *w)
{
    *w = (struct world){ .client = -1 };
    snprintf (w->dir, sizeof w->dir, "/tmp/hvctl-console.XXXXXX");
    assert_non_null (mkdtemp (w->dir));
    assert_int_equal (mkdir (path_in (w, "run"), 0700), 0);
    assert_int_equal (mkdir (path_in (w, "log"), 0700), 0);
    w->listener = unix_listen (path_in (w, "run/serial.sock"), 8);
    assert_true (w->listener >= 0);
    w->hypervisor = fork ();
    if (w->hypervisor == 0) {
        for (;;) {
            pause ();
        }
    }
}

static void
begin (struct world *w)
{
    make_world (w);
    supervise (w);
    w->port = take_port (w);
}

static void
finish (struct world *w)
{
    static const char *const names[] = {
        "run/serial.sock",
        "run/console.sock",
        "run",
        "log/console.log.1",
        "log/console.log",
        "log",
        "victim",
        "released",
        "",
    };

    kill (w->hypervisor, SIGKILL);
    waitpid (w->hypervisor, NULL, 0);
    waitpid (w->supervisor, NULL, 0);
    close (w->listener);
    close (w->port);
    if (w->client >= 0) {
        close (w->client);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        remove (path_in (w, names[i]));
    }
    assert_int_equal (access (w->dir, F_OK), -1);
}

/* Clock ticks of the processor that it has used. */
static unsigned long
ticks_of (pid_t pid)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, kernel = 0;
    int fd;

    snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    assert_true (read (fd, text, sizeof text - 1) > 0);
    close (fd);
    assert_int_equal (sscanf (strrchr (text, ')'),
                              ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
                              "%lu %lu",
                              &user, &kernel),
                      2);
    return user + kernel;
}

static void
expect_idle (const struct world *w)
{
    unsigned long before;

    poll (NULL, 0, 100);
    before = ticks_of (w->supervisor);
    poll (NULL, 0, 1000);
    assert_between (ticks_of (w->supervisor) - before, 0, 10);
}

static long
private_kib (pid_t pid)
{
    char path[64], line[256];
    long kib, sum = 0;
    FILE *f;

    snprintf (path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    f = fopen (path, "re");
    while (f && fgets (line, sizeof line, f)) {
        sum += sscanf (line, "Anonymous: %ld", &kib) == 1 ? kib : 0;
    }
    assert_non_null (f);
    fclose (f);
    return sum;
}

/* ---------------------------------------------------------------- the tests */

static void
test_both_ways (void **state)
{
    struct world w;

    begin (&w);
    put (w.port, "from the boot on\n");
    expect_log (&w, "from the boot on\n");
    w.client = attach (&w);
    put (w.port, "and now\n");
    expect (w.client, "and now\n");
    put (w.client, "typed");
    expect (w.port, "typed");
    expect_log (&w, "from the boot on\nand now\n");
    expect_idle (&w);
    finish (&w);
}

/* As it was when the hypervisor was asked itself. */
static void
test_newest_client (void **state)
{
    struct world w;
    int first;

    begin (&w);
    first = attach (&w);
    w.client = attach (&w);
    expect_end (first);
    put (w.port, "for the second");
    expect (w.client, "for the second");
    /* Who says that it will type nothing more is let go. */
    shutdown (w.client, SHUT_WR);
    expect_end (w.client);
    close (first);
    finish (&w);
}

/* Nobody waits for it, and it misses nothing. */
static void
test_slow_client (void **state)
{
    struct world w;
    const long size = 8 * MIB;

    begin (&w);
    w.client = attach (&w);
    flood (w.port, (size_t)size);
    settle (w.port);
    assert_int_equal (size_of (&w, "log/console.log"), size);
    expect_idle (&w);
    expect_flood (w.client, (size_t)size);
    put (w.port, "and so on");
    expect (w.client, "and so on");
    poll (NULL, 0, 1500); /* It gives back what work had needed. */

    print_message ("the supervisor's private memory: %ld KiB\n",
                   private_kib (w.supervisor));
    assert_between (private_kib (w.supervisor), 1, 100);
    finish (&w);
}

/* Of a slow client that goes away, too, nothing is left. */
static void
test_slow_client_leaves (void **state)
{
    struct world w;

    begin (&w);
    w.client = attach (&w);
    flood (w.port, 2 * MIB);
    close (w.client);
    expect_idle (&w);
    w.client = attach (&w);
    put (w.port, "hello");
    expect (w.client, "hello");
    finish (&w);
}

/* A guest that takes nothing makes the one who types wait, and nobody else. */
static void
test_deaf_guest (void **state)
{
    char block[4096];
    size_t typed = 0, n_blocks = 0;
    unsigned number = 0;
    struct world w;
    ssize_t n;

    begin (&w);
    w.client = attach (&w);
    for (;;) {
        struct pollfd p = { .fd = w.client, .events = POLLOUT };

        fill (block, sizeof block, &number);
        if (poll (&p, 1, 500) != 1) {
            break;
        }
        n = send (w.client, block, sizeof block, MSG_DONTWAIT);
        if (n != sizeof block) {
            typed += n > 0 ? (size_t)n : 0;
            break;
        }
        typed += sizeof block;
        n_blocks++;
        assert_true (typed < 16 * MIB);
    }
    put (w.port, "still here");
    expect (w.client, "still here");
    expect_log (&w, "still here");
    expect_idle (&w);
    expect_flood (w.port, n_blocks * sizeof block);

    /* It leaves while some of it is on its way. */
    for (int i = 0; i < 64; i++) {
        (void)!send (w.client, block, sizeof block, MSG_DONTWAIT);
    }
    close (w.client);
    expect_idle (&w);
    finish (&w);
}

/* The guest reboots: the connection ends, and there is another. */
static void
test_reboot (void **state)
{
    struct world w;
    double until;
    int times = 0;

    begin (&w);
    w.client = attach (&w);
    put (w.port, "first\n");
    poll (NULL, 0, 150);
    close (w.port);
    w.port = take_port (&w);
    put (w.port, "second\n");
    expect (w.client, "first\nsecond\n");
    put (w.client, "typed");
    expect (w.port, "typed");
    expect_log (&w, "first\nsecond\n");
    /* One that reboots for ever keeps nobody busy. */
    for (until = now () + 1000; now () < until; times++) {
        close (w.port);
        w.port = take_port (&w);
    }
    assert_between (times, 1, 15);
    put (w.port, "third");
    expect (w.client, "third");
    finish (&w);
}

static void
test_end (void **state)
{
    struct world w;

    begin (&w);
    w.client = attach (&w);
    kill (w.supervisor, SIGSTOP);
    put (w.port, "last words");
    kill (w.hypervisor, SIGKILL);
    waitpid (w.hypervisor, NULL, 0);
    kill (w.supervisor, SIGCONT);
    expect (w.client, "last words");
    expect_end (w.client);
    expect_log (&w, "last words");
    waitpid (w.supervisor, NULL, 0);
    assert_int_equal (access (path_in (&w, "released"), F_OK), 0);
    finish (&w);
}

/* Somebody may have put something else in the log's place. */
static void
test_other_than_file (void **state)
{
    for (int fifo = 0; fifo < 2; fifo++) {
        struct world w;

        make_world (&w);
        if (fifo) {
            assert_int_equal (mkfifo (path_in (&w, "log/console.log"), 0600),
                              0);
        } else {
            close (open (path_in (&w, "victim"), O_CREAT | O_WRONLY, 0600));
            assert_int_equal (symlink (path_in (&w, "victim"),
                                       path_in (&w, "log/console.log")),
                              0);
        }
        supervise (&w);
        w.port = take_port (&w);
        w.client = attach (&w);
        put (w.port, "hello");
        expect (w.client, "hello");
        assert_true (size_of (&w, "victim") <= 0);
        finish (&w);
    }
}

static void
test_bound_of_log (void **state)
{
    struct world w;
    char block[4096];

    begin (&w);
    flood (w.port, 40 * MIB);
    settle (w.port);
    w.client = attach (&w);
    put (w.port, "hello");
    expect (w.client, "hello");
    assert_between (size_of (&w, "log/console.log"), 1,
                    16 * MIB + sizeof block);
    assert_between (size_of (&w, "log/console.log.1"), 16 * MIB,
                    16 * MIB + sizeof block);
    assert_true (size_of (&w, "log/console.log") > 7 * MIB);
    finish (&w);
}

/* No room for the log: what a limit refuses is like what a full disk does. */
static void
test_no_room (void **state)
{
    struct rlimit before, less;
    struct world w;

    getrlimit (RLIMIT_FSIZE, &before);
    less = before;
    less.rlim_cur = MIB;
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &less), 0);
    begin (&w);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &before), 0);
    flood (w.port, 2 * MIB);
    settle (w.port);
    w.client = attach (&w);
    put (w.port, "hello");
    expect (w.client, "hello");
    assert_int_equal (size_of (&w, "log/console.log"), MIB);
    finish (&w);
}

/* It dies, and another takes its place. */
static void
test_successor (void **state)
{
    struct world w;

    begin (&w);
    w.client = attach (&w);
    put (w.port, "one, ");
    expect (w.client, "one, ");
    kill (w.supervisor, SIGKILL);
    waitpid (w.supervisor, NULL, 0);
    expect_end (w.client);
    expect_end (w.port);
    close (w.client);
    close (w.port);
    supervise (&w);
    w.port = take_port (&w);
    w.client = attach (&w);
    put (w.port, "two");
    expect (w.client, "two");
    expect_log (&w, "one, two");
    finish (&w);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_both_ways),
        cmocka_unit_test (test_newest_client),
        cmocka_unit_test (test_slow_client),
        cmocka_unit_test (test_slow_client_leaves),
        cmocka_unit_test (test_deaf_guest),
        cmocka_unit_test (test_reboot),
        cmocka_unit_test (test_end),
        cmocka_unit_test (test_other_than_file),
        cmocka_unit_test (test_bound_of_log),
        cmocka_unit_test (test_no_room),
        cmocka_unit_test (test_successor),
    };

    alarm (240);
    return cmocka_run_group_tests (tests, NULL, NULL);
}
