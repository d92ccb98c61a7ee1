/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs while parts of Open vSwitch are stopped, gone or restarted: no wait
 * is longer than its limit, and nothing is left. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/kit/range.h"
#include "tests/root/net-ovs-lab.h"
#include "tests/kit/timing.h"

#define LIMIT 1000

static void
attach (struct ovs_lab *lab, int *fd)
{
    fake_reset (lab->f);
    *fd = -1;
    if (hv_plugin.network->attach (&lab->f->ctx, &lab->ports[0], fd) < 0) {
        fail_msg ("%s", lab->f->message);
    }
}

static int
ready (struct ovs_lab *lab)
{
    return hv_plugin.network->ready (&lab->f->ctx, &lab->ports[0]);
}

/* As the core does it when ready() fails. */
static void
roll_back (struct ovs_lab *lab, int fd)
{
    close (fd);
    fake_limit (lab->f, 5000);
    ovs_detach (lab, 0);
    assert_true (ovs_is_clean (lab));
}

static void
expect_late (struct ovs_lab *lab, int fd)
{
    int64_t start = now ();

    fake_limit (lab->f, LIMIT);
    ovs_expect (
        lab, ready (lab), -ETIMEDOUT,
        "ovs-vswitchd did not configure the port 'vm0-lan' within 0.9 s");
    assert_between (now () - start, LIMIT / 2, LIMIT + 200);
    roll_back (lab, fd);
}

static void
test_vswitchd_stopped (void **state)
{
    struct ovs_lab *lab = *state;
    int fd;

    kill (lab->vswitchd, SIGSTOP);
    attach (lab, &fd);
    expect_late (lab, fd);
    /* Nor is a second one attached before the first one is out of the way. */
    fake_limit (lab->f, LIMIT);
    fd = -1;
    ovs_expect (lab,
                hv_plugin.network->attach (&lab->f->ctx, &lab->ports[0], &fd),
                -ETIMEDOUT, "it is not running, stopped or overloaded");
    assert_int_equal (fd, -1);
    assert_true (ovs_is_clean (lab));
    kill (lab->vswitchd, SIGCONT);
    fake_limit (lab->f, 10000);
    ovs_attach (lab, 0, &fd);
    roll_back (lab, fd);
}

/* Sends 'number' to vswitchd while the test does something else. */
static pid_t
signal_later (struct ovs_lab *lab, int number, int ms)
{
    pid_t child = fork ();

    if (child == 0) {
        poll (NULL, 0, ms);
        kill (lab->vswitchd, number);
        _exit (0);
    }
    return child;
}

/* A port that is removed and added while vswitchd does not look would keep the
 * socket of the tap that is gone: what the guest sends would be lost. */
static void
test_unseen (void **state)
{
    struct ovs_lab *lab = *state;
    bool there = false;
    int fd, peer;
    pid_t child;

    ovs_attach (lab, 1, &peer);
    ovs_attach (lab, 0, &fd);
    kill (lab->vswitchd, SIGSTOP);
    close (fd);
    ovs_detach (lab, 0);
    child = signal_later (lab, SIGCONT, 300);
    attach (lab, &fd);
    assert_int_equal (ready (lab), 0);
    assert_int_equal (waitpid (child, NULL, 0), child);
    for (int i = 0; i < 50 && !there; i++) {
        there = ovs_reaches (fd, peer, 50);
    }
    assert_true (there);
    close (fd);
    close (peer);
}

static void
test_vswitchd_gone (void **state)
{
    struct ovs_lab *lab = *state;
    int fd;

    ovs_kill (&lab->vswitchd);
    attach (lab, &fd);
    expect_late (lab, fd);
}

/* It comes back while we wait. */
static void
test_vswitchd_restarted (void **state)
{
    struct ovs_lab *lab = *state;
    int fd;

    ovs_kill (&lab->vswitchd);
    attach (lab, &fd);
    ovs_start_vswitchd (lab);
    assert_int_equal (ready (lab), 0);
    roll_back (lab, fd);
}

/* Its own words: the tap is gone before it looks. */
static void
test_unusable (void **state)
{
    struct ovs_lab *lab = *state;
    int fd;

    kill (lab->vswitchd, SIGSTOP);
    attach (lab, &fd);
    close (fd);
    kill (lab->vswitchd, SIGCONT);
    ovs_expect (lab, ready (lab), -EIO,
                "Open vSwitch cannot use 'vm0-lan': could not open network "
                "device vm0-lan (No such device)");
    roll_back (lab, -1);
}

static void
test_row_gone (void **state)
{
    struct ovs_lab *lab = *state;
    int fd;

    attach (lab, &fd);
    ovs_vsctl (lab, "del-port vm0-lan");
    ovs_expect (lab, ready (lab), -EIO, "the port 'vm0-lan' was removed");
    roll_back (lab, fd);
}

static void
test_server_stopped (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    const struct hv_port *port = &lab->ports[0];
    struct netlink_link link;
    struct hv_nic nic = { 0 };
    int64_t start;
    int fd = -1;

    kill (lab->server, SIGSTOP);
    start = now ();
    fake_limit (lab->f, 300);
    ovs_expect (lab, hv_plugin.network->check (ctx, port, &nic), -ETIMEDOUT,
                "ovsdb-server does not answer");
    fake_limit (lab->f, 300);
    ovs_expect (lab, hv_plugin.network->attach (ctx, port, &fd), -ETIMEDOUT,
                "ovsdb-server does not answer");
    assert_int_equal (fd, -1);
    fake_limit (lab->f, 300);
    ovs_expect (lab, hv_plugin.network->detach (ctx, port), -ETIMEDOUT,
                "ovsdb-server does not answer");
    assert_between (now () - start, 900, 2000);
    kill (lab->server, SIGCONT);
    assert_false (lab_link (port->ifname, &link));
    assert_true (ovs_is_clean (lab));
}

static void
test_server_gone (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    const struct hv_port *port = &lab->ports[0];
    struct hv_nic nic = { 0 };

    ovs_kill (&lab->server); /* SIGKILL: its socket is still there. */
    ovs_expect (lab, hv_plugin.network->check (ctx, port, &nic), -ECONNREFUSED,
                "systemctl start openvswitch-switch");
    fake_reset (lab->f);
    assert_int_equal (
        hv_plugin.network->sweep (ctx, port->options, (const char *[]){ NULL }),
        0);
    unlink (lab->socket);
    ovs_expect (lab, hv_plugin.network->check (ctx, port, &nic), -ENOENT,
                "database is not served at");
    assert_int_equal (
        hv_plugin.network->sweep (ctx, port->options, (const char *[]){ NULL }),
        0);
    ovs_start_server (lab);
}

/* Restarted while the port waits: the database is on disk, the port stays. */
static void
test_server_restarted (void **state)
{
    struct ovs_lab *lab = *state;
    pid_t child, old = lab->server;
    int fd, status;

    kill (lab->vswitchd, SIGSTOP);
    attach (lab, &fd);
    child = fork ();
    if (child == 0) { /* While the parent is in ready(). */
        poll (NULL, 0, 300);
        kill (old, SIGKILL);
        poll (NULL, 0, 300);
        unlink (lab->socket);
        ovs_start_server (lab);
        poll (NULL, 0, 300);
        kill (lab->vswitchd, SIGCONT);
        poll (NULL, 0, 5000); /* The server ends with us. */
        kill (lab->server, SIGKILL);
        _exit (0);
    }
    if (ready (lab) < 0) {
        fail_msg ("%s", lab->f->message);
    }
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"), "vm0-lan");
    roll_back (lab, fd);
    kill (child, SIGKILL);
    assert_int_equal (waitpid (child, &status, 0), child);
    ovs_kill (&lab->server);
    unlink (lab->socket);
    ovs_start_server (lab);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown (name, ovs_setup, ovs_teardown)
        CASE (test_unseen),           CASE (test_vswitchd_stopped),
        CASE (test_vswitchd_gone),    CASE (test_vswitchd_restarted),
        CASE (test_unusable),         CASE (test_row_gone),
        CASE (test_server_stopped),   CASE (test_server_gone),
        CASE (test_server_restarted),
    };

    ovs_need ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
