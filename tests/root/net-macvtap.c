/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-macvtap in a namespace: frames between a macvtap on one end of a veth
 * and its other end, and what can be a parent. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/root/net-macvtap.h"

static const uint8_t parent_mac[6] = { 2, 0, 0, 0, 0, 0xaa };

static void
test_modes (void **state)
{
    static const char *const modes[] = { "bridge", "vepa", "private",
                                         "passthru" };
    struct lab *lab = *state;
    struct netlink_link link, parent;

    for (size_t i = 0; i < ARRAY_SIZE (modes); i++) {
        int fd = -1;

        lab->port.options = OPTIONS (lab, "parent", "v0", "mode", modes[i]);
        lab_attach (lab, &fd);
        assert_true (lab_link ("vm1-lan", &link));
        assert_true (lab_link ("v0", &parent));
        assert_string_equal (link.kind, "macvtap");
        assert_string_equal (link.alias, "hvctl:vm1/lan");
        assert_int_equal (link.lower, parent.index);
        assert_true (link.flags & IFF_UP);
        assert_memory_equal (link.mac, mac1, 6);
        assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
        lab_detach (lab);
        assert_false (lab_link ("vm1-lan", &link));
        lab_detach (lab);
        close (fd);
        /* The kernel has given the parent its address back. */
        assert_true (lab_link ("v0", &parent));
        assert_memory_equal (parent.mac, parent_mac, 6);
    }
}

/* The interface stays when the descriptor goes: detach() has work to do, and
 * attach() replaces what a lost journal has left; another VM's it does not. */
static void
test_outlives (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link, again;
    int fd = -1;

    lab_attach (lab, &fd);
    close (fd);
    assert_true (lab_link ("vm1-lan", &link));
    lab_attach (lab, &fd);
    close (fd);
    assert_true (lab_link ("vm1-lan", &again));
    assert_int_not_equal (again.index, link.index);
    lab_run ("ip link set vm1-lan alias hvctl:vm2/lan");
    lab_attach_refused (lab, -EEXIST,
                        "taken by a macvtap with the alias "
                        "'hvctl:vm2/lan'");
    lab_run ("ip link set vm1-lan alias hvctl:vm1/lan");
    lab_detach (lab);
    assert_false (lab_link ("vm1-lan", &link));
}

static void
test_foreign (void **state)
{
    static const char *const others[] = {
        "ip link add vm1-lan type veth peer name v3",
        "ip link add vm1-lan address 52:54:00:01:02:05 link v0 type macvtap",
        "ip link add vm1-lan address 52:54:00:01:02:03 link v0 type macvlan",
        "ip tuntap add vm1-lan mode tap",
    };
    struct lab *lab = *state;
    struct netlink_link link;

    for (size_t i = 0; i < ARRAY_SIZE (others); i++) {
        lab_run ("%s", others[i]);
        lab_refused (lab, -EEXIST,
                     "the interface name 'vm1-lan' is taken by a ");
        lab_detach (lab);
        assert_true (lab_link ("vm1-lan", &link));
        lab_run ("ip link delete vm1-lan");
    }
    lab_run ("ip link add vm1-lan address 52:54:00:01:02:03 link v0 "
             "type macvtap");
    lab_run ("ip link set vm1-lan alias hvctl:vm2/lan");
    lab_detach (lab);
    assert_true (lab_link ("vm1-lan", &link));
}

static void
test_parent_down (void **state)
{
    struct lab *lab = *state;
    struct netlink_link parent;
    int fd = -1;

    lab_run ("ip link set v0 down");
    lab_attach (lab, &fd);
    assert_true (lab_link ("v0", &parent));
    assert_true (parent.flags & IFF_UP);
    assert_true (lab_connected (fd, LAB_VNET_HDR, mac1, lab->peer));
    close (fd);
    lab_run ("ip link set v0 down");
    lab_run ("ip link set vm1-lan alias hvctl:vm2/lan");
    lab_attach_refused (lab, -EEXIST, "is taken");
    assert_true (lab_link ("v0", &parent)); /* It was put back. */
    assert_false (parent.flags & IFF_UP);
    lab_run ("ip link set vm1-lan alias hvctl:vm1/lan");
    lab_detach (lab);
}

static void
test_parent_by_mac (void **state)
{
    struct lab *lab = *state;
    struct netlink_link parent, link;
    int fd = -1;

    lab_run ("ip link add up0 address " PARENT_MAC " link v0 type macvlan "
             "mode private");
    lab->port.options = OPTIONS (lab, "parent", PARENT_MAC);
    lab_attach (lab, &fd);
    assert_true (lab_link ("v0", &parent));
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.lower, parent.index);
    close (fd);
    lab_detach (lab);
    lab_run ("ip link add w0 address " PARENT_MAC " type veth peer name w1");
    lab_check_refused (lab, -ENOTUNIQ,
                       "several interfaces have the MAC address " PARENT_MAC);
    assert_non_null (strstr (lab->f->message, "v0"));
    assert_non_null (strstr (lab->f->message, "w0"));
    assert_null (strstr (lab->f->message, "up0"));
    lab->port.options = OPTIONS (lab, "parent", "02:00:00:00:00:ab");
    lab_refused (lab, -ENODEV, "no interface has the MAC address");
}

static void
test_bad_parents (void **state)
{
    struct lab *lab = *state;

    lab->port.options = OPTIONS (lab, "parent", "eth7");
    lab_refused (lab, -ENODEV, "there is no interface 'eth7'");
    lab->port.options = OPTIONS (lab, "parent", "lo");
    lab_refused (lab, -ENOTSUP, "'lo' is not an Ethernet interface");
    lab_run ("ip link add br0 type bridge");
    lab->port.options = OPTIONS (lab, "parent", "br0");
    lab_refused (lab, -ENOTSUP, "'br0' is a bridge: give the network the type");
    lab_run ("ip link set v0 master br0");
    lab->port.options = OPTIONS (lab, "parent", "v0");
    lab_refused (lab, -EBUSY, "'v0' is a port of the bridge 'br0'");
}

static void
test_passthru_is_alone (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    lab->port.options = OPTIONS (lab, "parent", "v0", "mode", "passthru");
    lab_attach (lab, &fd);
    close (fd);
    lab->port.vm = "vm2";
    lab->port.ifname = "vm2-lan";
    memcpy (lab->port.mac, mac2, sizeof mac2);
    lab_refused (lab, -EBUSY, "'v0' already serves 'vm1-lan' (hvctl:vm1/lan)");
    lab->port.options = OPTIONS (lab, "parent", "v0");
    lab_attach_refused (lab, -EBUSY,
                        "'v0' already serves 'vm1-lan' (hvctl:vm1/lan)");
    assert_false (lab_link ("vm2-lan", &link));
    lab->port.vm = "vm1";
    lab->port.ifname = "vm1-lan";
    lab_detach (lab);
    lab_attach (lab, &fd);
    close (fd);
    lab->port.ifname = "vm2-lan";
    lab->port.options = OPTIONS (lab, "parent", "v0", "mode", "passthru");
    lab_refused (lab, -EBUSY, "uses a card for a single port");
}

static void
test_addresses (void **state)
{
    struct lab *lab = *state;
    struct netlink_link link;
    int fd = -1;

    lab_attach (lab, &fd);
    close (fd);
    lab->port.ifname = "vm2-lan";
    lab_attach_refused (lab, -EADDRINUSE,
                        "another port of 'v0' already has the MAC "
                        "address 52:54:00:01:02:03");
    memcpy (lab->port.mac, parent_mac, sizeof parent_mac);
    lab_refused (lab, -EADDRINUSE, "has the MAC address of 'v0' itself");
    assert_false (lab_link ("vm2-lan", &link));
}

static void
test_mtu (void **state)
{
    struct lab *lab = *state;
    struct hv_nic nic = { 0 };
    struct netlink_link link;
    int fd = -1;

    lab->port.mtu = 1501;
    lab_refused (lab, -EINVAL, "an MTU of 1501 is more than the 1500 of 'v0'");
    lab->port.mtu = 1400;
    lab_attach (lab, &fd);
    assert_true (lab_link ("vm1-lan", &link));
    assert_int_equal (link.mtu, 1400);
    close (fd);
    lab_detach (lab);
    lab_run ("ip link set v0 mtu 9000");
    lab->port.mtu = 0;
    assert_int_equal (hv_plugin.network->check (&lab->f->ctx, &lab->port, &nic),
                      0);
    assert_int_equal (nic.mtu, 9000);
}

static void
test_no_privilege (void **state)
{
    struct lab *lab = *state;

    assert_int_equal (lab_without_privilege (lab), -EPERM);
    assert_non_null (strstr (lab->f->message, "the network 'user'"));
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown (name, macvtap_setup, lab_teardown)
        CASE (test_modes),
        CASE (test_outlives),
        CASE (test_foreign),
        CASE (test_parent_down),
        CASE (test_parent_by_mac),
        CASE (test_bad_parents),
        CASE (test_passthru_is_alone),
        CASE (test_addresses),
        CASE (test_mtu),
        CASE (test_no_privilege),
    };

    lab_need_root ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
