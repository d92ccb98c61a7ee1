/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The cloud-hypervisor plugin with a process on the other side: first the
 * contract server, then the real program, if there is one and KVM.  All of it
 * is done twice but what only the server can be made to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/test-ch.h"
#include "tests/kit/timing.h"

/* The steps of a start: configured, not running, running. */
static void
test_start (void **state)
{
    struct run r;

    prepare (&r, "wait");
    run_start (&r);
    assert_state (&r, HV_PREPARED);
    assert_int_equal (OP (ready), 0);
    assert_state (&r, HV_PREPARED);
    assert_null (strstr (run_text (&r, "events.log"), "boot"));
    assert_int_equal (OP (go), 0);
    assert_state (&r, HV_RUNNING);
    assert_true (run_guest_says (&r, GUEST_HELLO));
    assert_true (run_says (&r, "events.log", "\"event\": \"booted\""));
    run_finish (&r);
}

static void
test_power_button (void **state)
{
    struct run r;

    prepare (&r, "wait");
    run (&r);
    assert_true (run_guest_says (&r, GUEST_HELLO));
    assert_int_equal (OP (powerdown), 0);
    assert_true (run_says (&r, "events.log", "\"event\": \"shutdown\""));
    /* That word is what hvctl watches for; it looks, and ends the process. */
    assert_state (&r, HV_PREPARED);
    assert_false (run_ends (&r, 100));
    assert_int_equal (OP (quit), 0);
    assert_true (run_ends (&r, 5000));
    assert_int_equal (r.status, 0);
    /* To nobody, all of these are done already. */
    run_finish (&r);
}

static void
test_deaf_guest_and_quit (void **state)
{
    struct run r;

    prepare (&r, "deaf");
    run (&r);
    assert_int_equal (OP (powerdown), 0);
    assert_false (run_ends (&r, 300));
    assert_int_equal (OP (quit), 0);
    assert_true (run_ends (&r, 5000));
    assert_int_equal (OP (quit), 0);
    assert_int_equal (OP (powerdown), 0);
    run_finish (&r);
}

/* It is gone before anybody can ask: it ran. */
static void
test_quick_guest (void **state)
{
    struct run r;

    prepare (&r, "poweroff");
    run (&r);
    assert_true (run_says (&r, "events.log", "\"event\": \"shutdown\""));
    assert_state (&r, HV_PREPARED);
    /* The button ends it then: nobody would answer. */
    assert_int_equal (OP (powerdown), 0);
    assert_true (run_ends (&r, 5000));
    assert_int_equal (r.status, 0);
    run_finish (&r);
}

static void
test_pause (void **state)
{
    struct run r;

    prepare (&r, "wait");
    run (&r);
    for (int i = 0; i < 2; i++) {
        assert_int_equal (OP (pause), 0);
        assert_state (&r, HV_PAUSED);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal (OP (resume), 0);
        assert_state (&r, HV_RUNNING);
    }
    assert_int_equal (OP (pause), 0);
    assert_int_equal (OP (quit), 0);
    assert_true (run_ends (&r, 5000));
    run_finish (&r);
}

static void
test_missing_files (void **state)
{
    struct run r;

    prepare (&r, "wait");
    r.vm.kernel = "/nonexistent/vmlinuz";
    run_start (&r);
    assert_int_equal (OP (ready), 0);
    assert_int_equal (OP (go), -EIO);
    /* The outermost cause and the root. */
    assert_message (&r, "The VM could not boot: ");
    assert_message (&r, "No such file or directory");
    run_finish (&r);

    prepare (&r, "wait");
    r.vm.kernel = run_image (&r, "zeroes", 65536);
    run_start (&r);
    assert_int_equal (OP (ready), 0);
    assert_int_equal (OP (go), -EIO);
    assert_message (&r, "Invalid bzImage");
    run_finish (&r);
}

/* The process stays, and makes the machine anew. */
static void
test_reboot (void **state)
{
    struct run r;

    prepare (&r, "triple");
    run (&r);
    assert_true (run_says (&r, "events.log", "\"event\": \"rebooted\""));
    assert_true (run_guest_says (&r, GUEST_HELLO));
    assert_int_equal (OP (quit), 0);
    assert_true (run_ends (&r, 5000));
    run_finish (&r);
}

/* Other clients hold all of its connections: said so, and no wait. */
static void
test_too_many_connections (void **state)
{
    int fds[10];
    struct run r;

    prepare (&r, "wait");
    run (&r);
    for (int i = 0; i < 10; i++) {
        fds[i] = r.f->host.connect (&r.f->ctx, r.dir, "api");
        assert_true (fds[i] >= 0);
    }
    poll (NULL, 0, 100);
    assert_int_equal (OP (pause), -EBUSY);
    assert_message (&r, "Too many open connections");
    for (int i = 0; i < 10; i++) {
        close (fds[i]);
    }
    poll (NULL, 0, 100);
    assert_int_equal (OP (pause), 0);
    run_finish (&r);
}

/* ------------------------------------------- what only the server can do */

/* A key that it does not know is dropped without a word, and seen by us. */
static void
test_dropped_keys (void **state)
{
    static const char *const keys[] = { "image_type", "backing_files",
                                        "system_uuid", "max_vcpus", "pvpanic" };
    struct run r;

    for (size_t i = 0; i < ARRAY_SIZE (keys); i++) {
        prepare (&r, "wait");
        r.vm.disks = DISKS ((&(const struct hv_disk){
            .name = "root",
            .layers =
                LAYERS (LAYER (run_image (&r, "d.raw", 1 << 20), "raw")) }));
        setenv ("CH_SERVER_DROP", keys[i], 1);
        run_start (&r);
        unsetenv ("CH_SERVER_DROP");
        assert_int_equal (OP (ready), -ENOTSUP);
        assert_message (&r, keys[i]);
        run_finish (&r);
    }
}

/* "vm.info" says "Created" after a shutdown: the button ends it then. */
static void
test_created_after_shutdown (void **state)
{
    static const char request[] =
        "PUT /api/v1/vm.shutdown HTTP/1.1\r\nHost: x\r\n\r\n";
    char text[256];
    struct run r;
    int fd;

    prepare (&r, "wait");
    run (&r);
    fd = r.f->host.connect (&r.f->ctx, r.dir, "api");
    assert_int_equal (write (fd, request, strlen (request)), strlen (request));
    poll (&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, 2000);
    assert_true (read (fd, text, sizeof text) > 12);
    assert_memory_equal (text, "HTTP/1.1 204", 12);
    close (fd);
    assert_state (&r, HV_PREPARED);
    assert_int_equal (OP (powerdown), 0);
    assert_true (run_ends (&r, 5000));
    run_finish (&r);
}

/* It ends in the middle of an action: one sentence, at once. */
static void
test_dies (void **state)
{
    static const char *const actions[] = { "vmm.ping", "vm.create", "vm.info",
                                           "vm.boot" };
    struct run r;

    for (size_t i = 0; i < ARRAY_SIZE (actions); i++) {
        int rc;

        prepare (&r, "wait");
        setenv ("CH_SERVER_DIE", actions[i], 1);
        run_start (&r);
        unsetenv ("CH_SERVER_DIE");
        rc = OP (ready);
        rc = rc < 0 ? rc : OP (go);
        assert_int_equal (rc, -ECONNRESET);
        assert_message (&r, "exited before it answered");
        assert_true (run_ends (&r, 1000));
        run_finish (&r);
    }
}

/* While it is at work on one request, it answers no other. */
static void
test_blocked (void **state)
{
    int64_t from = now ();
    struct run r;

    prepare (&r, "wait");
    setenv ("CH_SERVER_SLOW", "vm.boot", 1);
    run_start (&r);
    unsetenv ("CH_SERVER_SLOW");
    assert_int_equal (OP (ready), 0);
    fake_limit (r.f, 200);
    assert_int_equal (OP (go), -ETIMEDOUT);
    assert_message (&r, "does not answer");
    fake_limit (r.f, 200);
    assert_int_equal (OP (pause), -ETIMEDOUT);
    assert_true (now () - from < 3000);
    run_finish (&r);
}

static void
test_old_version (void **state)
{
    struct run r;

    prepare (&r, "wait");
    setenv ("CH_SERVER_VERSION", "41.0.0", 1);
    run_start (&r);
    unsetenv ("CH_SERVER_VERSION");
    assert_int_equal (OP (ready), -ENOTSUP);
    assert_message (&r, "41.0.0");
    run_finish (&r);
}

/* The server's limit, in its own words, which are no JSON. */
static void
test_large_configuration (void **state)
{
    char *cmdline = malloc (60001);
    struct run r;

    memset (cmdline, 'x', 60000);
    cmdline[60000] = '\0';
    prepare (&r, cmdline);
    run_start (&r);
    assert_int_equal (OP (ready), -EINVAL);
    assert_message (&r, "51200");
    run_finish (&r);
    free (cmdline);
}

static const struct CMUnitTest both[] = {
    cmocka_unit_test (test_start),
    cmocka_unit_test (test_power_button),
    cmocka_unit_test (test_deaf_guest_and_quit),
    cmocka_unit_test (test_quick_guest),
    cmocka_unit_test (test_pause),
    cmocka_unit_test (test_missing_files),
    cmocka_unit_test (test_reboot),
    cmocka_unit_test (test_too_many_connections),
    cmocka_unit_test (test_large_configuration),
};

static const struct CMUnitTest server_only[] = {
    cmocka_unit_test (test_dropped_keys),
    cmocka_unit_test (test_created_after_shutdown),
    cmocka_unit_test (test_dies),
    cmocka_unit_test (test_blocked),
    cmocka_unit_test (test_old_version),
};

int
main (void)
{
    return RUN_BOTH (both, server_only);
}
