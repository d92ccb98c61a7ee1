/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The qemu plugin's control operations against a peer with bad habits: the
 * other end of a socketpair, played by a thread from a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

#define GREETING "{\"QMP\":{\"version\":{},\"capabilities\":[\"oob\"]}}\r\n"
#define EVENT                                                                  \
    "{\"timestamp\":{\"seconds\":1,\"microseconds\":2},\"event\":\"STOP\"}"    \
    "\r\n"
#define OK(id) "{\"return\":{},\"id\":" id "}\r\n"
#define STATUS(id, status)                                                     \
    "{\"return\":{\"status\":\"" status "\",\"running\":true},\"id\":" id      \
    "}\r\n"

/* What the peer does, in order. */
struct step {
    const char *expect; /* Waits for a line that has this in it. */
    const char *say;
    bool bytewise; /* Each byte in a write of its own. */
    bool hang;     /* Says nothing more, and keeps the socket. */
    bool flood;    /* Says 'say' for as long as it is taken. */
};

struct peer {
    const struct step *steps;
    int fd;
    pthread_t thread;
    bool wrong; /* Got something it did not expect. */
    unsigned int lines;
    long before; /* The number of the first command, less one. */
};

static const struct hv_vm vm = { .name = "vm1", .rundir = "/run/vm1" };

/* Reads a line; false at the end of the connection. */
static bool
read_line (int fd, char line[256])
{
    size_t n = 0;

    while (n < 255 && read (fd, line + n, 1) == 1) {
        if (line[n++] == '\n') {
            line[n] = '\0';
            return true;
        }
    }
    return false;
}

/* Numbers of commands are counted from 1 here; the client begins elsewhere. */
static void
renumber (const struct peer *p, const char *from, char to[1024])
{
    static const char key[] = "\"id\":";
    size_t n = 0;

    while (*from && n < 1000) {
        bool here = !strncmp (from, key, sizeof key - 1)
                    && isdigit ((unsigned char)from[sizeof key - 1]);

        if (here) {
            char *end;
            long id = strtol (from + sizeof key - 1, &end, 10);

            n += (size_t)sprintf (to + n, "%s%ld", key, p->before + id);
            from = end;
        } else {
            to[n++] = *from++;
        }
    }
    to[n] = '\0';
}

static bool
say (struct peer *p, const struct step *s)
{
    char text[1024];
    size_t len, chunk;

    renumber (p, s->say, text);
    len = strlen (text);
    chunk = s->bytewise ? 1 : len;
    for (size_t i = 0; i < len; i += chunk) {
        if (send (p->fd, text + i, chunk, MSG_NOSIGNAL) < 0) {
            return false;
        }
    }
    return true;
}

/* "id" is the last member of a command. */
static void
note_number (struct peer *p, const char *line)
{
    const char *id = strstr (line, "\"id\":");

    if (p->lines == 0 && id) {
        p->before = strtol (id + 5, NULL, 10) - 1;
    }
}

static void *
play (void *arg)
{
    struct peer *p = arg;
    char line[256];

    for (const struct step *s = p->steps; s->expect || s->say || s->hang; s++) {
        if (s->expect) {
            p->wrong |= !read_line (p->fd, line) || !strstr (line, s->expect);
            note_number (p, line);
            p->lines++;
        }
        if (s->say && !say (p, s)) {
            break;
        }
        while (s->flood && say (p, s)) {
        }
        if (s->hang) {
            read_line (p->fd, line);
        }
    }
    close (p->fd);
    return NULL;
}

static void
start (struct fake *f, struct peer *p, const struct step *steps)
{
    int fds[2];

    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                      0);
    f->socket = fds[0];
    *p = (struct peer){ .steps = steps, .fd = fds[1] };
    assert_int_equal (pthread_create (&p->thread, NULL, play, p), 0);
}

static void
finish (struct peer *p)
{
    pthread_join (p->thread, NULL);
    assert_false (p->wrong);
}

static void
go_well (struct fake *f, const struct step *steps)
{
    struct peer peer;

    start (f, &peer, steps);
    assert_int_equal (hv_plugin.hypervisor->go (&f->ctx, &vm), 0);
    finish (&peer);
}

/* A whole start, with events wherever they may come, in three requests. */
static void
test_start (void **state)
{
    static const struct step steps[] = {
        { .say = GREETING, .bytewise = true },
        { .expect = "qmp_capabilities",
          .say = OK ("1") EVENT,
          .bytewise = true },
        { .expect = "\"cont\"", .say = EVENT OK ("2") EVENT EVENT },
        { .expect = "query-status", .say = EVENT },
        { .say = STATUS ("3", "running") },
        { 0 },
    };
    struct fake *f = *state;
    struct peer peer;

    start (f, &peer, steps);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &vm), 0);
    assert_string_equal (f->connected, "qmp");
    assert_int_equal (hv_plugin.hypervisor->go (&f->ctx, &vm), 0);
    finish (&peer);
    assert_int_equal (peer.lines, 3);
}

/* What was meant for who was here before, as QEMU sends it to the next. */
static void
test_left_over (void **state)
{
    static const struct step steps[] = {
        { .say = EVENT "{\"return\":{},\"id\":2}\r\n" GREETING EVENT },
        { .expect = "qmp_capabilities",
          .say = "{\"error\":{\"class\":\"GenericError\",\"desc\":\"no\"},"
                 "\"id\":-1}\r\n" OK ("1") },
        { .expect = "\"cont\"", .say = OK ("1") OK ("2") },
        { .expect = "query-status", .say = STATUS ("3", "running") },
        { 0 },
    };
    long before = -1;

    for (int i = 0; i < 2; i++) {
        struct fake *f = *state;
        struct peer peer;

        start (f, &peer, steps);
        assert_int_equal (hv_plugin.hypervisor->go (&f->ctx, &vm), 0);
        finish (&peer);
        assert_true (peer.before != before);
        before = peer.before;
    }
}

/* go() waits for the state; one that never comes ends with the time. */
static void
test_go_waits (void **state)
{
    static const struct step steps[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"cont\"", .say = OK ("2") },
        { .expect = "query-status", .say = STATUS ("3", "prelaunch") },
        { .expect = "query-status", .say = STATUS ("4", "running") },
        { 0 },
    };

    go_well (*state, steps);
}

/* A guest that powers off at once has run. */
static void
test_go_brief (void **state)
{
    static const struct step steps[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"cont\"", .say = OK ("2") EVENT },
        { 0 },
    };

    go_well (*state, steps);
}

/* Two VMs that start together do not get each other's connection. */
static void
test_two (void **state)
{
    static const struct step first[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"cont\"", .say = OK ("2") },
        { .expect = "query-status", .say = STATUS ("3", "running") },
        { 0 },
    };
    static const struct step second[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"quit\"", .say = OK ("2") },
        { 0 },
    };
    struct hv_vm other = { .name = "vm2", .rundir = "/run/vm2" };
    struct fake *f = *state;
    struct peer a, b;

    start (f, &a, first);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &vm), 0);
    start (f, &b, second);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &other), 0);
    assert_int_equal (hv_plugin.hypervisor->go (&f->ctx, &vm), 0);
    assert_int_equal (hv_plugin.hypervisor->quit (&f->ctx, &other), 0);
    finish (&a);
    finish (&b);
}

/* Reads all that has come, as text. */
static const char *
read_all (int fd, char text[4096])
{
    ssize_t n = recv (fd, text, 4095, MSG_DONTWAIT);

    assert_true (n > 0);
    text[n] = '\0';
    return text;
}

/* Before the seal QEMU gets the beginning of the first command about a disk, of
 * which no prefix is a command; afterwards, all of them before the first reply,
 * and none that asks for what an event has said. */
static void
test_announced (void **state)
{
    static const char answers[] = OK ("2") OK ("3") "{\"event\":\"RESUME\"}"
                                                    "\r\n" OK ("4");
    const struct hv_layer layer = { "/a.qcow2", "qcow2" };
    const struct hv_layer *const layers[] = { &layer, NULL };
    const struct hv_disk disk = { .name = "root", .layers = layers };
    const struct hv_disk *const disks[] = { &disk, NULL };
    const struct hv_vm with_disk = { .name = "vm1",
                                     .rundir = "/run/vm1",
                                     .disks = disks };
    struct fake *f = *state;
    char text[4096];
    int fds[2];

    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                      0);
    f->socket = fds[0];
    assert_true (dprintf (fds[1], "%s%s", GREETING, OK ("1")) > 0);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &with_disk), 0);
    read_all (fds[1], text);
    assert_non_null (strstr (text, "\"enable\":[\"oob\"]},\"id\":1}\n"));
    assert_non_null (strstr (text, "\n{\"execute\":\"blockdev-add\""));
    assert_string_equal (text + strlen (text) - 6, "\"id\":2");

    assert_true (dprintf (fds[1], "%s", answers) > 0);
    assert_int_equal (hv_plugin.hypervisor->go (&f->ctx, &with_disk), 0);
    read_all (fds[1], text);
    assert_int_equal (strncmp (text, "}\n{\"execute\":\"qom-set\"", 22), 0);
    assert_non_null (strstr (text, "{\"execute\":\"cont\",\"id\":4}\n"));
    assert_null (strstr (text, "query-status"));
    close (fds[1]);
}

/* A connection that waits for the end of a command is of no use for others. */
static void
test_announced_in_vain (void **state)
{
    static const struct step second[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"quit\"", .say = OK ("2") },
        { 0 },
    };
    const struct hv_layer layer = { "/a.qcow2", "qcow2" };
    const struct hv_layer *const layers[] = { &layer, NULL };
    const struct hv_disk disk = { .name = "root", .layers = layers };
    const struct hv_disk *const disks[] = { &disk, NULL };
    const struct hv_vm with_disk = { .name = "vm1",
                                     .rundir = "/run/vm1",
                                     .disks = disks };
    struct fake *f = *state;
    struct peer peer;
    int fds[2];

    assert_int_equal (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds),
                      0);
    f->socket = fds[0];
    assert_true (dprintf (fds[1], "%s%s", GREETING, OK ("1")) > 0);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &with_disk), 0);
    start (f, &peer, second);
    assert_int_equal (hv_plugin.hypervisor->quit (&f->ctx, &with_disk), 0);
    finish (&peer);
    close (fds[1]);
}

/* ready() fails with this errno and these words. */
static void
check_ready (struct fake *f, const struct step *steps, int error,
             const char *words)
{
    struct peer peer;

    start (f, &peer, steps);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &vm), -error);
    finish (&peer);
    assert_non_null (strstr (f->message, words));
}

static void
test_early_end (void **state)
{
    static const struct step at_once[] = { { 0 } };
    static const struct step in_greeting[] = { { .say = "{\"QMP\":{" }, { 0 } };
    static const struct step in_reply[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = "{\"return\"" },
        { 0 },
    };

    check_ready (*state, at_once, ECONNRESET, "exited");
    check_ready (*state, in_greeting, ECONNRESET, "exited");
    check_ready (*state, in_reply, ECONNRESET, "exited");
}

static void
test_garbage (void **state)
{
    static const char *const garbage[] = {
        "SSH-2.0-OpenSSH\r\n",
        "[]\r\n",
        "123 \r\n",
        "null\r\n",
        "{\"QMP\":}\r\n",
        "\"QMP\"\r\n",
        "{\"QMP\":1}\r\n",
        "{\"hello\":\"world\"}\r\n",
        "\001\377\r\n",
        "}\r\n",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    };

    for (size_t i = 0; i < ARRAY_SIZE (garbage); i++) {
        struct step steps[] = { { .say = garbage[i] },
                                { .hang = true },
                                { 0 } };

        check_ready (*state, steps, EPROTO, "control socket is not");
    }
}

/* Replies that are none. */
static void
test_no_reply (void **state)
{
    static const struct step no_result[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = "{\"id\":1}\r\n" },
        { .hang = true },
        { 0 },
    };
    static const struct step others[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities",
          .say = "{\"return\":{},\"id\":7}\r\n{\"return\":{}}\r\n"
                 "{\"return\":{},\"id\":\"1\"}\r\n"
                 "{\"event\":\"X\",\"id\":1,\"return\":{}}\r\n" },
        { 0 },
    };

    check_ready (*state, no_result, EPROTO, "no result");
    check_ready (*state, others, ECONNRESET, "exited");
}

/* QEMU's words, without what could play tricks on a terminal. */
static void
test_refused (void **state)
{
    static const struct step steps[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"stop\"",
          .say = "{\"id\":2,\"error\":{\"class\":\"GenericError\","
                 "\"desc\":\"No \\u001b[31m way.\"}}\r\n" },
        { 0 },
    };
    struct fake *f = *state;
    struct peer peer;

    start (f, &peer, steps);
    assert_int_equal (hv_plugin.hypervisor->pause (&f->ctx, &vm), -EIO);
    finish (&peer);
    assert_string_equal (f->message, "QEMU rejected 'stop': No ?[31m way");
}

/* One that never stops talking is not listened to for ever, whether it is in
 * one message or in many, and whether there is time left or not. */
static void
test_endless (void **state)
{
    static const struct step events[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = EVENT, .flood = true },
        { 0 },
    };
    static const struct step text[] = {
        { .say = "{\"QMP\":\"" },
        { .say = "aaaaaaaaaaaaaaaa", .flood = true },
        { 0 },
    };
    static const struct step spaces[] = {
        { .say = "                         ", .flood = true },
        { 0 },
    };
    struct fake *f = *state;

    fake_limit (f, 60000);
    check_ready (f, events, EPROTO, "no reply");
    check_ready (f, text, EPROTO, "no reply");
    check_ready (f, spaces, EPROTO, "no reply");
}

static void
test_silence (void **state)
{
    static const struct step at_once[] = { { .hang = true }, { 0 } };
    static const struct step halfway[] = {
        { .say = GREETING "{\"ret" },
        { .expect = "qmp" },
        { .hang = true },
        { 0 },
    };
    struct fake *f = *state;

    fake_limit (f, 50);
    check_ready (f, at_once, ETIMEDOUT, "does not answer");
    fake_limit (f, 50);
    check_ready (f, halfway, ETIMEDOUT, "does not answer");
    assert_int_equal (hv_remaining (&f->ctx), 0);
}

/* To end what is gone succeeds; to pause it does not. */
static void
test_gone (void **state)
{
    static const struct step dies[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "\"", .say = EVENT },
        { 0 },
    };
    struct fake *f = *state;
    struct hv_status status = { 0 };
    struct peer peer;

    assert_int_equal (hv_plugin.hypervisor->quit (&f->ctx, &vm), 0);
    assert_int_equal (hv_plugin.hypervisor->powerdown (&f->ctx, &vm), 0);
    assert_int_equal (hv_plugin.hypervisor->pause (&f->ctx, &vm),
                      -ECONNREFUSED);
    assert_int_equal (hv_plugin.hypervisor->status (&f->ctx, &vm, &status),
                      -ECONNREFUSED);
    start (f, &peer, dies);
    assert_int_equal (hv_plugin.hypervisor->quit (&f->ctx, &vm), 0);
    finish (&peer);
    start (f, &peer, dies);
    assert_int_equal (hv_plugin.hypervisor->resume (&f->ctx, &vm), -ECONNRESET);
    finish (&peer);
}

static void
check_status (struct fake *f, const char *reply, const char *block,
              enum hv_state wanted, const char *detail)
{
    const struct step steps[] = {
        { .say = GREETING },
        { .expect = "qmp_capabilities", .say = OK ("1") },
        { .expect = "query-status", .say = reply },
        { .expect = block ? "query-block" : NULL, .say = block },
        { 0 },
    };
    struct hv_status status = { 0 };
    struct peer peer;

    start (f, &peer, steps);
    assert_int_equal (hv_plugin.hypervisor->status (&f->ctx, &vm, &status), 0);
    finish (&peer);
    assert_int_equal (status.state, wanted);
    if (detail) {
        assert_string_equal (status.detail, detail);
    } else {
        assert_null (status.detail);
    }
}

static void
test_status (void **state)
{
    struct fake *f = *state;

    check_status (f, STATUS ("2", "running"), NULL, HV_RUNNING, NULL);
    check_status (f, STATUS ("2", "prelaunch"), NULL, HV_PREPARED, NULL);
    check_status (f, STATUS ("2", "paused"), NULL, HV_PAUSED, NULL);
    check_status (f, STATUS ("2", "guest-panicked"), NULL, HV_FAILED,
                  "the guest panicked");
    check_status (f, STATUS ("2", "new in 2031"), NULL, HV_FAILED,
                  "in an unknown state");
    check_status (f, "{\"return\":[],\"id\":2}\r\n", NULL, HV_FAILED,
                  "in an unknown state");
}

static void
test_status_disk (void **state)
{
    struct fake *f = *state;

    check_status (f, STATUS ("2", "io-error"),
                  "{\"id\":3,\"return\":[{\"io-status\":\"ok\",\"qdev\":"
                  "\"/machine/peripheral/disk-a/virtio-backend\"},"
                  "{\"io-status\":\"nospace\",\"qdev\":"
                  "\"/machine/peripheral/disk-root/virtio-backend\"}]}\r\n",
                  HV_PAUSED, "no space left on the host for disk 'root'");
    check_status (f, STATUS ("2", "io-error"),
                  "{\"id\":3,\"return\":[{\"io-status\":\"failed\",\"qdev\":"
                  "\"/machine/peripheral/disk-b\"},7,null]}\r\n",
                  HV_PAUSED, "I/O error on disk 'b'");
    check_status (f, STATUS ("2", "io-error"), "{\"id\":3,\"return\":{}}\r\n",
                  HV_PAUSED, "a disk is full or has failed");
}

#define TEST(name)                                                             \
    cmocka_unit_test_setup_teardown (name, fake_setup, fake_teardown)

int
main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (test_start),
        TEST (test_left_over),
        TEST (test_go_waits),
        TEST (test_go_brief),
        TEST (test_two),
        TEST (test_announced),
        TEST (test_announced_in_vain),
        TEST (test_early_end),
        TEST (test_garbage),
        TEST (test_no_reply),
        TEST (test_refused),
        TEST (test_endless),
        TEST (test_silence),
        TEST (test_gone),
        TEST (test_status),
        TEST (test_status_disk),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
