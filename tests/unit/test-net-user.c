/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-user: which options it takes and what it says to the others. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/kit/fake-host.h"

static int
check (struct fake *f, const char *key, const char *value, const char *forward,
       struct hv_nic *nic)
{
    struct hv_port port = {
        .vm = "vm1",
        .name = "lan",
        .ifname = "vm1-lan",
        .mac = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 },
        .queues = 1,
        .options = fake_options (f, hv_plugin.network->keys, key, value, NULL),
    };

    nic->forward = forward;
    return hv_plugin.network->check (&f->ctx, &port, nic);
}

static void
test_defaults (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_nic nic = { .mac = { 2, 0, 0, 0, 0, 1 },
                          .mtu = 7,
                          .offload = true };
    static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

    assert_int_equal (check (f, "backend", "slirp", NULL, &nic), 0);
    assert_null (f->message);
    assert_int_equal (nic.kind, HV_NIC_USER);
    assert_string_equal (nic.why, "backend = slirp");
    assert_int_equal (nic.queues, 1);
    assert_int_equal (nic.mtu, 0);
    assert_false (nic.offload);
    assert_null (nic.ifname);
    assert_memory_equal (nic.mac, mac, sizeof mac);
    fake_free (f);
}

static void
test_options (void **state)
{
    static const struct {
        const char *key, *value, *message; /* Null: it is good. */
    } cases[] = {
        { "subnet", "192.168.7.0/24", NULL },
        { "subnet", "10.0.0.0/8", NULL },
        { "subnet", "10.0.2.32/27", NULL },
        { "subnet", "10.0.2.0", "is not an IPv4 network with a prefix" },
        { "subnet", "10.0.2.0/28", "prefix from 8 to 27" },
        { "subnet", "10.0.0.0/7", "prefix from 8 to 27" },
        { "subnet", "10.0.2.0/", "prefix from 8 to 27" },
        { "subnet", "10.0.2.0/24x", "prefix from 8 to 27" },
        { "subnet", "10.0.2.0/ 24", "prefix from 8 to 27" },
        { "subnet", "/24", "'' is not a valid IPv4 address for a guest" },
        { "subnet", "fec0::/24",
          "'fec0::' is not a valid IPv4 address for a guest" },
        { "subnet", "10.0.2/24", "is not a valid IPv4 address for a guest" },
        { "subnet", "127.0.0.0/8", "is not a valid IPv4 address for a guest" },
        { "subnet", "224.0.0.0/24", "is not a valid IPv4 address for a guest" },
        { "subnet", "0.0.0.0/24", "is not a valid IPv4 address for a guest" },
        { "subnet", "10.0.2.7/24", "write 10.0.2.0/24" },
        { "subnet", "1000000000000000000000000000000/24", "prefix from" },
        { "dns", "10.0.2.9", NULL },
        { "dns", "9.9.9.9", NULL },
        { "dns", "10.0.2.2", "must differ" },
        { "dns", "10.0.2.15", "must differ" },
        { "dns", "dns.example", "\"dns.example\" is not an IPv4 address" },
        { "dns", "10.0.2.3,hostfwd=tcp::1-:1", "is not an IPv4 address" },
        { "dhcp_start", "10.0.2.100", NULL },
        { "dhcp_start", "10.0.3.1", "not an address in the subnet 10.0.2.0" },
        { "dhcp_start", "10.0.2.0", "not an address in the subnet" },
        { "dhcp_start", "10.0.2.255", "not an address in the subnet" },
        { "dhcp_start", "10.0.2.3", "must differ" },
        { "hostname", "guest-1.example", NULL },
        { "hostname", "a", NULL },
        { "hostname", "a,restrict=off", "is not a host name" },
        { "hostname", "a b", "is not a host name" },
        { "hostname", "", "is not a host name" },
        { "hostname", "-a", "is not a host name" },
        { "hostname", "a.", "is not a host name" },
        { "hostname", "abcdefghijklmnopqrstuvwxyzabcdefg", "at most 32" },
        { "restrict", "yes", NULL },
        { "backend", "auto", NULL },
        { "backend", "slirp", NULL },
        { "backend", "vde", "not passt, slirp or auto" },
    };
    struct fake *f = fake_new (&hv_plugin);

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_nic nic = { 0 };
        int r;

        fake_reset (f);
        r = check (f, cases[i].key, cases[i].value, NULL, &nic);
        if (!cases[i].message) {
            if (r < 0) {
                fail_msg ("%s = %s: %s", cases[i].key, cases[i].value,
                          f->message);
            }
            continue;
        }
        assert_int_equal (r, -EINVAL);
        if (!f->message || !strstr (f->message, cases[i].message)) {
            fail_msg ("%s = %s: %s", cases[i].key, cases[i].value,
                      f->message ? f->message : "no message");
        }
    }
    fake_free (f);
}

static void
test_restricted_dns (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_nic nic = { 0 };
    struct hv_port port = {
        .queues = 1,
        .options = fake_options (f, hv_plugin.network->keys, "restrict", "yes",
                                 "dns", "9.9.9.9", NULL),
    };

    assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic), -EINVAL);
    assert_non_null (strstr (f->message, "restrict = yes"));
    fake_free (f);
}

/* Where the gateway is, as QEMU 7.2 was seen to have it: it is refused as the
 * address of DNS there and nowhere else. */
static void
test_gateway (void **state)
{
    static const struct {
        const char *subnet, *gateway, *free;
    } cases[] = {
        { "10.0.0.0/8", "10.0.2.2", "10.0.0.2" },
        { "10.4.0.0/22", "10.4.2.2", "10.4.0.2" },
        { "10.4.0.0/23", "10.4.0.2", "10.4.1.2" },
        { "10.0.2.32/27", "10.0.2.34", "10.0.2.36" },
    };
    struct fake *f = fake_new (&hv_plugin);

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_nic nic = { 0 };
        struct hv_port port = { .queues = 1 };

        port.options =
            fake_options (f, hv_plugin.network->keys, "subnet", cases[i].subnet,
                          "dns", cases[i].free, NULL);
        assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic), 0);
        port.options =
            fake_options (f, hv_plugin.network->keys, "subnet", cases[i].subnet,
                          "dns", cases[i].gateway, NULL);
        assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
                          -EINVAL);
        assert_non_null (strstr (f->message, cases[i].gateway));
    }
    fake_free (f);
}

static void
test_forward (void **state)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        { "tcp:127.0.0.1:2222:22", true },
        { "tcp:127.0.0.1:2222:22,udp:0.0.0.0:53:5353", true },
        { "tcp:127.0.0.1:65535:1", true },
        { "", false },
        { "tcp", false },
        { "tcp:127.0.0.1:2222", false },
        { "tcp:127.0.0.1:2222:22:1", false },
        { "tcp:127.0.0.1:2222:22,", false },
        { "tcp:127.0.0.1:0:22", false },
        { "tcp:127.0.0.1:2222:65536", false },
        { "tcp:127.0.0.1:2222:-1", false },
        { "tcp:localhost:2222:22", false },
        { "sctp:127.0.0.1:2222:22", false },
        { "tcp::2222:22", false },
        { "tcp:127.0.0.1:2222:22,restrict=off", false },
    };
    struct fake *f = fake_new (&hv_plugin);

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_nic nic = { 0 };
        int r;

        fake_reset (f);
        r = check (f, NULL, NULL, cases[i].text, &nic);
        if (r != (cases[i].good ? 0 : -EINVAL)) {
            fail_msg ("\"%s\": %d", cases[i].text, r);
        }
        assert_true (cases[i].good || strstr (f->message, "forward: \""));
    }
    fake_free (f);
}

/* What the plugin cannot do is refused, not left out. */
static void
test_refused (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_nic nic = { 0 };
    struct hv_port port = {
        .queues = 2,
        .options =
            fake_options (f, hv_plugin.network->keys, "backend", "slirp", NULL),
    };

    assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
                      -ENOTSUP);
    assert_non_null (strstr (f->message, "has one queue, not 2"));
    port.queues = 1;
    port.mtu = 9000;
    assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
                      -ENOTSUP);
    assert_non_null (strstr (f->message, "'mtu'"));
    fake_free (f);
}

/* ----------------------------------------------------------------- passt */

/* Any program will do: nothing is started. */
static void
have_passt (struct fake *f, const char *path)
{
    f->own = fake_options (f, hv_plugin.keys, "program", path, NULL);
}

/* Checks and describes a port; the words of the command, or null. */
static const char *
describe (struct fake *f, const struct hv_port *port, struct hv_nic *nic,
          struct hv_launch *launch)
{
    const char *words = "";

    if (hv_plugin.network->check (&f->ctx, port, nic) < 0
        || nic->kind != HV_NIC_STREAM
        || hv_plugin.network->helper (&f->ctx, port, nic, launch) < 0) {
        return NULL;
    }
    for (size_t i = 0; i < launch->n_args; i++) {
        words =
            hv_format (&f->ctx, "%s%s%s", words, i ? " " : "", launch->args[i]);
    }
    return words;
}

static void
test_passt (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_launch *launch = fake_launch (f, false);
    struct hv_nic nic = { .forward =
                              "tcp:127.0.0.1:2222:22,udp:0.0.0.0:53:54" };
    struct hv_port port = {
        .vm = "vm1",
        .name = "lan",
        .queues = 1,
        .mtu = 9000,
        .options =
            fake_options (f, hv_plugin.network->keys, "subnet", "10.4.0.0/22",
                          "dns", "10.4.0.9", "dhcp_start", "10.4.1.1", NULL),
    };

    have_passt (f, "/bin/sh");
    assert_string_equal (
        describe (f, &port, &nic, launch),
        "/bin/sh --foreground --quiet --ipv4-only --interface lo "
        "--mac-addr 52:55:0a:04:02:02 --address 10.4.1.1 --netmask 22 "
        "--gateway 10.4.2.2 --dns-forward 10.4.0.9 --no-dhcp-search "
        "--mtu 9000 -t 127.0.0.1/2222:22 -u 0.0.0.0/53:54 --fd 3");
    assert_int_equal (nic.mtu, 9000);
    assert_null (nic.why);
    assert_int_equal (launch->n_fds, 1);
    assert_int_equal (launch->fds[0].kind, FAKE_PORT);
    assert_string_equal (launch->fds[0].what, "lan");
    assert_true (fake_needs (launch, "passt"));
    assert_true (fake_needs (launch, "outbound"));
    assert_false (fake_needs (launch, "slirp"));
    fake_free (f);
}

/* That of 2023 has to be told where to log, which later ones are going to
 * refuse: it is by the help in the program's file that they differ. */
static void
test_passt_stderr (void **state)
{
    static const struct {
        const char *help;
        bool told;
    } cases[] = {
        { "  -e, --stderr\t\tLog to stderr too\n", true },
        { "--stderr will be dropped soon\n", false },
        { "", false },
    };
    struct fake *f = fake_new (&hv_plugin);
    char path[] = "/tmp/passt.XXXXXX";
    int fd = mkstemp (path);

    assert_true (fd >= 0);
    assert_int_equal (fchmod (fd, 0700), 0);
    have_passt (f, path);
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_launch *launch = fake_launch (f, false);
        struct hv_nic nic = { 0 };
        struct hv_port port = {
            .name = "lan",
            .queues = 1,
            .options = fake_options (f, hv_plugin.network->keys, NULL),
        };
        size_t len = strlen (cases[i].help);
        const char *words;

        assert_int_equal (ftruncate (fd, 0), 0);
        assert_int_equal (pwrite (fd, cases[i].help, len, 0), len);
        words = describe (f, &port, &nic, launch);
        assert_non_null (words);
        assert_int_equal (strstr (words, " --stderr ") != NULL, cases[i].told);
    }
    close (fd);
    unlink (path);
    fake_free (f);
}

/* A restricted guest's passt has not the calls to connect. */
static void
test_passt_restricted (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_launch *launch = fake_launch (f, false);
    struct hv_nic nic = { .forward = "tcp:127.0.0.1:2222:22" };
    struct hv_port port = {
        .name = "lan",
        .queues = 1,
        .options =
            fake_options (f, hv_plugin.network->keys, "restrict", "yes", NULL),
    };
    const char *words;

    have_passt (f, "/bin/sh");
    words = describe (f, &port, &nic, launch);
    assert_non_null (strstr (words, " --no-udp --no-icmp --no-map-gw "));
    assert_true (fake_needs (launch, "passt"));
    assert_false (fake_needs (launch, "outbound"));
    fake_free (f);
}

/* What passt lacks is the hypervisor's to do, and said; or refused if it has
 * to be passt. */
static void
test_passt_lacks (void **state)
{
    static const struct {
        const char *program, *key, *value, *forward, *why;
    } cases[] = {
        { "/nonexistent", NULL, NULL, NULL,
          "/nonexistent does not exist: remove or correct 'program' in the "
          "section "
          "plugin net-user of hvctl.conf" },
        { "sh", NULL, NULL, NULL, "sh is not an absolute path" },
        { "/bin", NULL, NULL, NULL, "/bin is not a program" },
        { "/etc/passwd", NULL, NULL, NULL, "/etc/passwd cannot be executed" },
        { "/bin/sh", "hostname", "guest", NULL, "a hostname" },
        { "/bin/sh", "restrict", "yes", "udp:127.0.0.1:53:53", "UDP" },
        { "/bin/sh", "restrict", "no",
          "tcp:127.0.0.1:22:22,udp:127.0.0.1:22:1,tcp:127.0.0.2:22:23",
          "the same port of two addresses" },
    };
    struct fake *f = fake_new (&hv_plugin);

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_nic nic = { .forward = cases[i].forward };
        struct hv_port port = {
            .name = "lan",
            .queues = 1,
            .options =
                fake_options (f, hv_plugin.network->keys, "backend", "auto",
                              cases[i].key, cases[i].value, NULL),
        };

        have_passt (f, cases[i].program);
        assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic), 0);
        assert_int_equal (nic.kind, HV_NIC_USER);
        assert_non_null (strstr (nic.why, cases[i].why));
        port.options =
            fake_options (f, hv_plugin.network->keys, "backend", "passt",
                          cases[i].key, cases[i].value, NULL);
        assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
                          -ENOTSUP);
        assert_non_null (strstr (f->message, cases[i].why));
        fake_reset (f);
    }
    fake_free (f);
}

static void
test_passt_mtu (void **state)
{
    static const struct {
        uint32_t mtu;
        int r;
    } cases[] = {
        { 575, -EINVAL }, { 576, 0 }, { 65520, 0 }, { 65521, -EINVAL }
    };
    struct fake *f = fake_new (&hv_plugin);

    have_passt (f, "/bin/sh");
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct hv_nic nic = { 0 };
        struct hv_port port = {
            .name = "lan",
            .queues = 1,
            .mtu = cases[i].mtu,
            .options = fake_options (f, hv_plugin.network->keys, NULL),
        };

        assert_int_equal (hv_plugin.network->check (&f->ctx, &port, &nic),
                          cases[i].r);
    }
    fake_free (f);
}

/* One that ends, and one that never makes a filter of its own. */
static void
test_passt_settled (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = { .name = "lan" };
    pid_t pid = fork ();

    if (pid == 0) {
        _exit (1);
    }
    assert_true (pid > 0);
    assert_int_equal (hv_plugin.network->settled (&f->ctx, &port, (int)pid),
                      -ECHILD);
    assert_non_null (strstr (f->message, "passt exited before it was ready"));
    assert_non_null (strstr (f->message, "backend = slirp"));
    waitpid (pid, NULL, 0);
    assert_int_equal (hv_plugin.network->settled (&f->ctx, &port, (int)pid),
                      -ECHILD);
    fake_limit (f, 20);
    assert_int_equal (
        hv_plugin.network->settled (&f->ctx, &port, (int)getpid ()),
        -ETIMEDOUT);
    fake_free (f);
}

static void
test_nothing_to_attach (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = { .queues = 1 };
    int fds[1] = { -1 };

    assert_int_equal (hv_plugin.network->attach (&f->ctx, &port, fds), 0);
    assert_int_equal (fds[0], -1);
    assert_int_equal (hv_plugin.network->detach (&f->ctx, &port), 0);
    assert_int_equal (f->n_programs, 0);
    fake_free (f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_defaults),
        cmocka_unit_test (test_options),
        cmocka_unit_test (test_restricted_dns),
        cmocka_unit_test (test_gateway),
        cmocka_unit_test (test_forward),
        cmocka_unit_test (test_refused),
        cmocka_unit_test (test_passt),
        cmocka_unit_test (test_passt_stderr),
        cmocka_unit_test (test_passt_restricted),
        cmocka_unit_test (test_passt_lacks),
        cmocka_unit_test (test_passt_mtu),
        cmocka_unit_test (test_passt_settled),
        cmocka_unit_test (test_nothing_to_attach),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
