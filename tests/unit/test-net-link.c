/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-bridge or net-macvtap (TEST_TYPE says which), as far as it goes without
 * privilege: what they refuse.  The rest is in tests/root. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "plugins/common/port.h"
#include "tests/kit/fake-host.h"

#define NOWHERE "hv-nowhere"

/* The key that names what is on the host. */
static const char *
place_key (void)
{
    return strcmp (TEST_TYPE, "bridge") ? "parent" : "bridge";
}

static void
expect (struct fake *f, const struct hv_port *port, int result,
        const char *message)
{
    struct hv_nic nic = { 0 };
    int r;

    fake_reset (f);
    r = hv_plugin.network->check (&f->ctx, port, &nic);
    if (r != result || !f->message || !strstr (f->message, message)) {
        fail_msg ("%d, %s; expected %d, %s", r,
                  f->message ? f->message : "no message", result, message);
    }
    assert_int_equal (f->error, -result);
}

static void
test_table (void **state)
{
    assert_string_equal (hv_plugin.name, "net-" TEST_TYPE);
    assert_string_equal (hv_plugin.network->type, TEST_TYPE);
    assert_true (hv_plugin.network->keys[0].required);
    assert_string_equal (hv_plugin.network->keys[0].name, place_key ());
}

static void
test_place (void **state)
{
    static const char lo_bridge[] = "'lo' is not a bridge but";
    static const char lo_macvtap[] = "'lo' is not an Ethernet interface";
    const struct hv_key *keys = hv_plugin.network->keys;
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = {
        .vm = "vm1", .name = "lan", .queues = 1, .ifname = "vm1-lan"
    };

    port.options = fake_options (f, keys, NULL);
    expect (f, &port, -EINVAL, "is missing");
    port.options = fake_options (f, keys, place_key (), NOWHERE, NULL);
    expect (f, &port, -ENODEV, "'" NOWHERE "'");
    port.options = fake_options (f, keys, place_key (),
                                 "a-name-longer-than-any-interface", NULL);
    expect (f, &port, -ENODEV, "'a-name-longer-than-any-interface'");
    port.options = fake_options (f, keys, place_key (), "lo", NULL);
    expect (f, &port, -ENOTSUP,
            strcmp (TEST_TYPE, "bridge") ? lo_macvtap : lo_bridge);
    fake_free (f);
}

static void
test_numbers (void **state)
{
    const struct hv_key *keys = hv_plugin.network->keys;
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = {
        .vm = "vm1", .name = "lan", .queues = 1, .ifname = "vm1-lan"
    };

    port.options =
        fake_options (f, keys, place_key (), NOWHERE, "mtu", "67", NULL);
    expect (f, &port, -EINVAL, "an MTU of 67");
    port.mtu = 70000;
    expect (f, &port, -EINVAL, "an MTU of 70000");
    port.mtu = 1500; /* The NIC's own goes first. */
    expect (f, &port, -ENODEV, NOWHERE);
    port.queues = 257;
    expect (f, &port, -EINVAL, "257 queues");
    port.queues = 0;
    expect (f, &port, -EINVAL, "0 queues");
    fake_free (f);
}

static void
test_own_words (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = {
        .vm = "vm1", .name = "lan", .queues = 1, .ifname = "vm1-lan"
    };

    if (strcmp (TEST_TYPE, "macvtap")) {
        fake_free (f);
        return;
    }
    for (const char *const *mode =
             (const char *const[]){ "source", "Bridge", "", NULL };
         *mode; mode++) {
        port.options = fake_options (f, hv_plugin.network->keys, "parent",
                                     NOWHERE, "mode", *mode, NULL);
        expect (f, &port, -EINVAL, "is not bridge, vepa, private or passthru");
    }
    for (const char *const *mode =
             (const char *const[]){ "bridge", "vepa", "private", "passthru",
                                    NULL };
         *mode; mode++) {
        port.options = fake_options (f, hv_plugin.network->keys, "parent",
                                     NOWHERE, "mode", *mode, NULL);
        expect (f, &port, -ENODEV, NOWHERE);
    }
    port.options = fake_options (f, hv_plugin.network->keys, "parent",
                                 "02:ff:ff:ff:ff:fe", NULL);
    expect (f, &port, -ENODEV, "has the MAC address 02:ff:ff:ff:ff:fe");
    fake_free (f);
}

static void
test_mark (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = { .vm = "vm1", .name = "lan" };

    assert_string_equal (port_mark (&f->ctx, &port), "hvctl:vm1/lan");
    assert_true (port_mark_is_ours (&f->ctx, "hvctl:vm2/wan"));
    assert_false (port_mark_is_ours (&f->ctx, "hvctl:vm2/wan@/run/b"));
    f->owner = "/run/b";
    assert_string_equal (port_mark (&f->ctx, &port), "hvctl:vm1/lan@/run/b");
    assert_true (port_mark_is_ours (&f->ctx, "hvctl:vm2/wan@/run/b"));
    assert_false (port_mark_is_ours (&f->ctx, "hvctl:vm2/wan"));
    assert_false (port_mark_is_ours (&f->ctx, "hvctl:vm2/wan@/run/bb"));
    f->owner = hv_format (&f->ctx, "/%0300d/x", 0);
    assert_int_equal (strlen (port_mark (&f->ctx, &port)), 13 + 1 + 100);
    assert_true (port_mark_is_ours (&f->ctx, port_mark (&f->ctx, &port)));
    f->owner = NULL;
    fake_free (f);
}

/* Without capabilities, nothing is promised and nothing is done. */
static void
test_no_privilege (void **state)
{
    struct fake *f = fake_new (&hv_plugin);
    struct netlink nl = { 0 };
    struct netlink_change up = { .name = "lo", .up = true };

    if (geteuid () == 0) {
        assert_int_equal (seteuid (65534), 0);
    }
    assert_int_equal (port_permission (&f->ctx), -EPERM);
    assert_non_null (strstr (f->message, "CAP_NET_ADMIN"));
    assert_non_null (strstr (f->message, "'user'"));
    assert_int_equal (netlink_open (&nl, 1000), 0);
    assert_int_equal (netlink_set (&nl, &up), -EPERM);
    assert_non_null (strstr (nl.reason, "permitted"));
    netlink_close (&nl);
    if (getuid () == 0) {
        assert_int_equal (seteuid (0), 0);
    }
    fake_free (f);
}

static bool
count_one (const struct netlink_link *link, void *data)
{
    ++*(int *)data;
    return false;
}

static bool
find_lo (const struct netlink_link *link, void *data)
{
    if (!strcmp (link->name, "lo")) {
        *(struct netlink_link *)data = *link;
    }
    return true;
}

static void
test_netlink (void **state)
{
    struct netlink nl = { 0 };
    struct netlink_link lo, same = { 0 };
    int calls = 0;

    assert_int_equal (netlink_open (&nl, 1000), 0);
    assert_int_equal (netlink_get (&nl, "lo", &lo), 0);
    assert_true (lo.flags & IFF_LOOPBACK);
    assert_string_equal (lo.kind, "");
    assert_int_equal (netlink_get_index (&nl, lo.index, &same), 0);
    assert_string_equal (same.name, "lo");
    assert_int_equal (netlink_get (&nl, NOWHERE, &same), -ENODEV);
    assert_int_equal (netlink_get (&nl, "", &same), -ENODEV);
    assert_int_equal (netlink_get_index (&nl, 0x7ffffff0, &same), -ENODEV);
    memset (&same, 0, sizeof same);
    assert_int_equal (netlink_each (&nl, find_lo, &same), 0);
    assert_int_equal (same.index, lo.index);
    assert_int_equal (netlink_each (&nl, count_one, &calls), 0);
    assert_int_equal (calls, 1);
    netlink_close (&nl);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_table),   cmocka_unit_test (test_place),
        cmocka_unit_test (test_numbers), cmocka_unit_test (test_own_words),
        cmocka_unit_test (test_mark),    cmocka_unit_test (test_no_privilege),
        cmocka_unit_test (test_netlink),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
