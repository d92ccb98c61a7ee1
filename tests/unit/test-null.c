/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The test plugin against the test host: if one of them lies, nothing that is
 * tested with them is worth much. */

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

static char dir[] = "/tmp/hvctl-test-null.XXXXXX";
static char hypervisor[4096];

static int
setup (void **state)
{
    const char *build = getenv ("abs_top_builddir");

    snprintf (hypervisor, sizeof hypervisor, "%s/tests/null-hypervisor",
              build ? build : ".");
    if (!mkdtemp (dir)) {
        return -1;
    }
    setenv ("HVCTL_NULL_DIR", dir, 1);
    setenv ("HVCTL_NULL_HYPERVISOR", hypervisor, 1);
    return 0;
}

static int
teardown (void **state)
{
    /* Fails, and with it the test, if something was left there. */
    return rmdir (dir);
}

static int
new_fake (void **state)
{
    unsetenv ("HVCTL_NULL_FAIL");
    return fake_setup (state);
}

static void
test_attach (void **state)
{
    struct fake *f = *state;
    struct hv_port port = { .vm = "vm1", .name = "lan", .queues = 2 };
    int fds[2] = { -1, -1 };

    assert_int_equal (hv_plugin.network->attach (&f->ctx, &port, fds), 0);
    assert_true (fds[0] >= 0 && fds[1] >= 0 && fds[0] != fds[1]);
    close (fds[0]);
    close (fds[1]);
    assert_int_equal (hv_plugin.network->attach (&f->ctx, &port, fds), -EEXIST);
    assert_non_null (strstr (f->message, "port-vm1-lan"));
    assert_int_equal (hv_plugin.network->detach (&f->ctx, &port), 0);
    assert_int_equal (hv_plugin.network->detach (&f->ctx, &port), 0);
    assert_true (fake_logged (f, HV_DEBUG, "network.attach vm1-lan"));
}

static void
test_fail (void **state)
{
    struct fake *f = *state;
    struct hv_port port = { .vm = "vm1", .name = "lan", .queues = 1 };
    struct hv_nic nic = { 0 };
    int fd = -1;

    setenv ("HVCTL_NULL_FAIL", "go attach:28 network.check", 1);
    assert_int_equal (hv_plugin.network->attach (&f->ctx, &port, &fd), -ENOSPC);
    assert_int_equal (fd, -1);
    assert_string_equal (f->message, "network.attach was told to fail");
    assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic), -EIO);
    assert_int_equal (hv_plugin.network->detach (&f->ctx, &port), 0);
    setenv ("HVCTL_NULL_FAIL", "detach:hang", 1);
    fake_limit (f, 50);
    assert_int_equal (hv_plugin.network->detach (&f->ctx, &port), -ETIMEDOUT);
}

static void
test_storage (void **state)
{
    struct fake *f = *state;
    const struct hv_storage *s = hv_plugin.storage;
    struct hv_volume vol = { .name = "root", .pool = "p", .size = 8192 };
    struct hv_chain *chain = fake_chain (f);
    struct hv_volume_info info = { 0 };

    vol.options = fake_options (f, s->keys, "path", dir, NULL);
    assert_int_equal (s->chain (&f->ctx, &vol, chain, &info), -ENOENT);
    assert_int_equal (s->create (&f->ctx, &vol), 0);
    assert_int_equal (s->create (&f->ctx, &vol), -EEXIST);
    assert_int_equal (s->chain (&f->ctx, &vol, chain, &info), 0);
    assert_int_equal (chain->n, 1);
    assert_string_equal (chain->layers[0].format, "raw");
    assert_int_equal (info.size, 8192);
    assert_int_equal (s->activate (&f->ctx, &vol), 0);
    assert_int_equal (s->deactivate (&f->ctx, &vol), 0);
    assert_int_equal (s->destroy (&f->ctx, &vol), 0);
    assert_int_equal (s->destroy (&f->ctx, &vol), 0);
}

static void
test_probe (void **state)
{
    struct fake *f = *state;
    struct hv_list *facts = fake_list (f);
    const char *program = NULL;

    assert_int_equal (
        hv_plugin.hypervisor->locate (&f->ctx, "x86_64", &program), 0);
    f->execute = true;
    assert_int_equal (
        hv_plugin.hypervisor->probe (&f->ctx, "x86_64", program, facts), 0);
    assert_string_equal (fake_list_get (facts, "version"),
                         "null-hypervisor 1.0\n");
}

static void
test_describe (void **state)
{
    struct fake *f = *state;
    struct hv_launch *launch = fake_launch (f, false);
    const struct hv_disk *disks[] = { NULL };
    const struct hv_nic *nics[] = { NULL };
    struct hv_vm vm = { .name = "vm1",
                        .rundir = dir,
                        .disks = disks,
                        .nics = nics,
                        .program = hypervisor };

    vm.options =
        fake_options (f, hv_plugin.hypervisor->keys, "mode", "deaf", NULL);
    assert_int_equal (hv_plugin.hypervisor->describe (&f->ctx, &vm, launch), 0);
    assert_string_equal (fake_arg (launch, "--mode", 0), "deaf");
    assert_string_equal (fake_arg (launch, "--control", 0), "3");
    assert_int_equal (fake_fd (launch, FAKE_LISTEN, "null")->number, 3);
    assert_true (fake_needs (launch, "listener"));
}

/* Starts the real program; the fake's next connection goes to it. */
static pid_t
start_hypervisor (struct fake *f, const char *mode)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    socklen_t len = sizeof addr.sun_family;
    int listener = socket (AF_UNIX, SOCK_STREAM, 0);
    char number[16];
    pid_t pid;

    /* Binding to no name: the kernel makes an abstract one. */
    assert_int_equal (bind (listener, (struct sockaddr *)&addr, len), 0);
    assert_int_equal (listen (listener, 8), 0);
    len = sizeof addr;
    getsockname (listener, (struct sockaddr *)&addr, &len);
    f->socket = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal (connect (f->socket, (struct sockaddr *)&addr, len), 0);
    snprintf (number, sizeof number, "%d", listener);
    pid = fork ();
    if (pid == 0) {
        execl (hypervisor, "null-hypervisor", "--control", number, "--mode",
               mode, NULL);
        _exit (127);
    }
    close (listener);
    return pid;
}

static void
test_talk (void **state)
{
    struct fake *f = *state;
    struct hv_vm vm = { .name = "vm1", .rundir = dir };
    pid_t pid = start_hypervisor (f, "obey");
    int status;

    assert_int_equal (hv_plugin.hypervisor->powerdown (&f->ctx, &vm), 0);
    assert_string_equal (f->connected, "null");
    assert_int_equal (waitpid (pid, &status, 0), pid);
    assert_int_equal (status, 0);
    /* The socket has been used up: nobody is there. */
    assert_int_equal (hv_plugin.hypervisor->powerdown (&f->ctx, &vm),
                      -ECONNREFUSED);
}

static void
talk_badly (struct fake *f, const char *mode, int error)
{
    struct hv_vm vm = { .name = "vm1", .rundir = dir };
    pid_t pid = start_hypervisor (f, mode);

    fake_limit (f, 300);
    assert_int_equal (hv_plugin.hypervisor->ready (&f->ctx, &vm), -error);
    kill (pid, SIGKILL);
    waitpid (pid, NULL, 0);
}

static void
test_talk_badly (void **state)
{
    struct fake *f = *state;

    talk_badly (f, "hang", ETIMEDOUT);
    talk_badly (f, "garbage", EPIPE);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (test_attach, new_fake, fake_teardown),
        cmocka_unit_test_setup_teardown (test_fail, new_fake, fake_teardown),
        cmocka_unit_test_setup_teardown (test_storage, new_fake, fake_teardown),
        cmocka_unit_test_setup_teardown (test_probe, new_fake, fake_teardown),
        cmocka_unit_test_setup_teardown (test_describe, new_fake,
                                         fake_teardown),
        cmocka_unit_test_setup_teardown (test_talk, new_fake, fake_teardown),
        cmocka_unit_test_setup_teardown (test_talk_badly, new_fake,
                                         fake_teardown),
    };

    return cmocka_run_group_tests (tests, setup, teardown);
}
