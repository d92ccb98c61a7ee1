/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs with a real Open vSwitch: what its database has, and which frames
 * go where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/root/net-ovs-lab.h"

static const char *
port_column (struct ovs_lab *lab, const char *column)
{
    return ovs_vsctl (lab, "get port vm0-lan %s", column);
}

static const char *
interface_column (struct ovs_lab *lab, const char *column)
{
    return ovs_vsctl (lab, "get interface vm0-lan %s", column);
}

static void
test_rows (void **state)
{
    struct ovs_lab *lab = *state;
    struct netlink_link link;
    int fd;

    lab->ports[0].options = OVS_OPTIONS (lab, "tag", "100", NULL);
    ovs_attach (lab, 0, &fd);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"), "vm0-lan");
    assert_string_equal (port_column (lab, "tag"), "100");
    assert_string_equal (port_column (lab, "trunks"), "[]");
    assert_string_equal (port_column (lab, "vlan_mode"), "[]");
    assert_string_equal (port_column (lab, "external_ids:hvctl-owner"),
                         "\"hvctl:vm0/lan\"");
    assert_string_equal (port_column (lab, "external_ids:hvctl-bridge"), "br0");
    assert_string_equal (interface_column (lab, "type"), "\"\"");
    assert_string_equal (interface_column (lab, "external_ids:iface-id"),
                         "\"0f3a7ba2-5d0a-4a44-9a0b-0123456789a0-lan\"");
    assert_string_equal (interface_column (lab, "external_ids:attached-mac"),
                         "\"52:54:00:01:02:00\"");
    assert_string_equal (interface_column (lab, "external_ids:vm-id"),
                         "\"0f3a7ba2-5d0a-4a44-9a0b-0123456789a0\"");
    assert_string_equal (interface_column (lab, "external_ids:iface-status"),
                         "active");
    assert_string_equal (interface_column (lab, "ofport"), "1");
    assert_true (lab_link ("vm0-lan", &link));
    assert_string_equal (link.alias, "hvctl:vm0/lan");
    assert_int_equal (link.mac[0], 0xfe);
    assert_true (link.flags & IFF_UP);
    ovs_detach (lab, 0);
    assert_true (ovs_is_clean (lab));
    ovs_detach (lab, 0);
    close (fd);
}

/* On one VLAN they reach each other, on two they do not. */
static void
test_vlans (void **state)
{
    struct ovs_lab *lab = *state;
    int a, b, c, trunk;

    lab->ports[0].options = OVS_OPTIONS (lab, "tag", "100", NULL);
    lab->ports[1].options = lab->ports[0].options;
    lab->ports[2].options = OVS_OPTIONS (lab, "tag", "200", NULL);
    lab->ports[3].options =
        OVS_OPTIONS (lab, "tag", "200", "trunks", "10,20-22", NULL);
    ovs_attach (lab, 0, &a);
    ovs_attach (lab, 1, &b);
    ovs_attach (lab, 2, &c);
    ovs_attach (lab, 3, &trunk);
    assert_string_equal (ovs_vsctl (lab, "get port vm3-lan trunks"),
                         "[10, 20, 21, 22]");
    assert_string_equal (ovs_vsctl (lab, "get port vm3-lan vlan_mode"),
                         "native-untagged");
    assert_true (ovs_reaches (a, b, 5000));
    assert_true (ovs_reaches (b, a, 5000));
    assert_true (ovs_reaches (c, trunk, 5000));
    assert_false (ovs_reaches (a, c, 300));
    assert_false (ovs_reaches (c, a, 300));
    assert_false (ovs_reaches (a, trunk, 300));
    close (a);
    close (b);
    close (c);
    close (trunk);
}

/* Whether frames go both ways.  For half a second after a port was removed
 * the userspace datapath still has its flows: a frame may be lost. */
static bool
connected (int a, int b)
{
    bool there = false, back = false;

    for (int i = 0; i < 50 && !(there && back); i++) {
        there = there || ovs_reaches (a, b, 50);
        back = back || ovs_reaches (b, a, 50);
    }
    return there && back;
}

/* What an earlier run left, as after a crash of the host, is replaced; and a
 * port that comes directly after another one of its name has no dead socket
 * of that. */
static void
test_again (void **state)
{
    struct ovs_lab *lab = *state;
    int peer, fd;

    ovs_attach (lab, 1, &peer);
    for (int i = 0; i < 6; i++) {
        ovs_attach (lab, 0, &fd);
        if (!connected (fd, peer)) {
            fail_msg ("not connected at time %d", i);
        }
        close (fd);
        if (i % 2) {
            ovs_detach (lab, 0);
        }
    }
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"), "vm1-lan");
    close (peer);
}

/* A tap that ovs-vswitchd took down while it took up the port, as it does now
 * and then, is up when the guest starts. */
static void
test_taken_down (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    struct netlink_link link;
    struct hv_nic nic = { 0 };
    int fd = -1;

    assert_int_equal (hv_plugin.network->check (ctx, &lab->ports[0], &nic), 0);
    assert_int_equal (hv_plugin.network->attach (ctx, &lab->ports[0], &fd), 0);
    lab_run ("ip link set vm0-lan down");
    assert_int_equal (hv_plugin.network->ready (ctx, &lab->ports[0]), 0);
    assert_true (lab_link ("vm0-lan", &link));
    assert_true (link.flags & IFF_UP);
    close (fd);
}

static void
test_queues (void **state)
{
    struct ovs_lab *lab = *state;
    int fds[4], peer;

    lab->ports[0].queues = 4;
    ovs_attach (lab, 0, fds);
    ovs_attach (lab, 1, &peer);
    for (int i = 0; i < 4; i++) {
        assert_true (ovs_reaches (fds[i], peer, 5000));
    }
    for (int i = 0; i < 4; i++) {
        close (fds[i]);
    }
    close (peer);
}

static void
test_options (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_nic nic = { 0 };
    struct netlink_link link;
    int fd;

    lab->ports[0].options = OVS_OPTIONS (lab, "mtu", "1400", "ingress_rate",
                                         "5000", "ingress_burst", "600", NULL);
    assert_int_equal (
        hv_plugin.network->check (&lab->f->ctx, &lab->ports[0], &nic), 0);
    assert_int_equal (nic.mtu, 1400);
    assert_true (fake_logged (lab->f, HV_WARNING, "ingress_rate"));
    ovs_attach (lab, 0, &fd);
    assert_true (lab_link ("vm0-lan", &link));
    assert_int_equal (link.mtu, 1400);
    assert_string_equal (interface_column (lab, "mtu"), "1400");
    assert_string_equal (interface_column (lab, "ingress_policing_rate"),
                         "5000");
    assert_string_equal (interface_column (lab, "ingress_policing_burst"),
                         "600");
    close (fd);
}

static void
test_refused (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_port *port = &lab->ports[0];
    struct hv_nic nic = { 0 };
    struct hv_ctx *ctx = &lab->f->ctx;
    int fd = -1;

#define CHECK(result, message, ...)                                            \
    port->options = OVS_BRIDGE (lab, __VA_ARGS__, NULL);                       \
    ovs_expect (lab, hv_plugin.network->check (ctx, port, &nic), result,       \
                message)
#define ATTACH(result, message)                                                \
    ovs_expect (lab, hv_plugin.network->attach (ctx, port, &fd), result,       \
                message);                                                      \
    assert_int_equal (fd, -1);                                                 \
    assert_true (ovs_is_clean (lab))

    CHECK (-EINVAL, "tag = 5000", "br0", "tag", "5000");
    ATTACH (-EINVAL, "constraint violation: 5000 is not in the valid range "
                     "0 to 4095");
    CHECK (-ENODEV, "no bridge 'br7' in Open vSwitch", "br7");
    ATTACH (-ENODEV, "ovs-vsctl add-br br7");
    CHECK (-ENOTSUP, "remove 'offload'", "br0", "offload", "yes");
    CHECK (-ENOTSUP, "Open vSwitch with DPDK", "br0", "vhost_user", "yes",
           "vhost_user_dir", lab->dir);
    CHECK (-ENOTSUP, "no datapath for the bridge 'br7'", "br7", "create", "yes",
           "datapath_type", "system");
    CHECK (-EINVAL, "datapath_type = 'userspace'", "br0", "datapath_type",
           "userspace");
    CHECK (-EINVAL, "is not a valid name for a new bridge", "a-name-of-16-byt",
           "create", "yes");
    CHECK (-EINVAL, "an MTU of 67", "br0", "mtu", "67");
    assert_true (ovs_is_clean (lab));
}

/* The bridge is made with its first port, by whoever comes first. */
static void
test_create (void **state)
{
    struct ovs_lab *lab = *state;
    int a, b;

    for (int n = 0; n < 2; n++) {
        lab->ports[n].options = OVS_BRIDGE (lab, "br7", "create", "yes",
                                            "datapath_type", "netdev", NULL);
    }
    ovs_attach (lab, 0, &a);
    ovs_attach (lab, 1, &b);
    assert_string_equal (ovs_vsctl (lab, "list-br"), "br0\nbr7");
    assert_string_equal (ovs_vsctl (lab, "list-ports br7"), "vm0-lan\nvm1-lan");
    assert_string_equal (ovs_vsctl (lab, "get bridge br7 datapath_type"),
                         "netdev");
    assert_string_equal (ovs_vsctl (lab, "get interface br7 type"), "internal");
    assert_true (connected (a, b));
    close (a);
    close (b);
    ovs_detach (lab, 0);
    ovs_detach (lab, 1);
    assert_string_equal (ovs_vsctl (lab, "list-ports br7"), "");
    assert_string_equal (ovs_vsctl (lab, "list-br"), "br0\nbr7");
}

/* Someone else's row of our name: we neither use nor remove it. */
static void
test_foreign (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    struct netlink_link link;
    struct hv_nic nic = { 0 };
    int fd = -1;

    for (int i = 0; i < 2; i++) {
        ovs_vsctl (lab, "--no-wait add-port br0 vm0-lan -- set port vm0-lan %s",
                   i ? "external_ids:hvctl-owner='\"hvctl:vm0/wan\"'"
                     : "tag=3");
        ovs_expect (lab, hv_plugin.network->check (ctx, &lab->ports[0], &nic),
                    -EEXIST, "already has a port 'vm0-lan'");
        ovs_expect (lab, hv_plugin.network->attach (ctx, &lab->ports[0], &fd),
                    -EEXIST, "ovs-vsctl del-port vm0-lan");
        assert_int_equal (fd, -1);
        assert_false (lab_link ("vm0-lan", &link));
        ovs_detach (lab, 0);
        assert_string_equal (ovs_vsctl (lab, "list-ports br0"), "vm0-lan");
        ovs_vsctl (lab, "--no-wait del-port vm0-lan");
    }
}

/* Ours that runs: check() does not mind, attach() does, and leaves it. */
static void
test_twice (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    struct hv_nic nic = { 0 };
    int a, b, fd = -1;

    ovs_attach (lab, 0, &a);
    ovs_attach (lab, 1, &b);
    assert_int_equal (hv_plugin.network->check (ctx, &lab->ports[0], &nic), 0);
    ovs_expect (lab, hv_plugin.network->attach (ctx, &lab->ports[0], &fd),
                -EEXIST, "with the alias 'hvctl:vm0/lan'");
    assert_int_equal (fd, -1);
    assert_true (connected (a, b));
    close (a);
    close (b);
}

static void
test_sweep (void **state)
{
    struct ovs_lab *lab = *state;
    struct hv_ctx *ctx = &lab->f->ctx;
    const struct hv_options *options = lab->ports[0].options;
    const char *live[] = { lab->ports[1].vm_uuid, NULL };
    int fds[3];

    for (int n = 0; n < 3; n++) {
        ovs_attach (lab, n, &fds[n]);
    }
    ovs_vsctl (lab, "--no-wait add-port br0 other");
    close (fds[0]);               /* Its VM is gone. */
    close (fds[1]);               /* Alive, whatever its tap does. */
    lab->f->owner = "/run/other"; /* But it is not for others to tell. */
    assert_int_equal (hv_plugin.network->sweep (ctx, options, live), 0);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"),
                         "other\nvm0-lan\nvm1-lan\nvm2-lan");
    ovs_detach (lab, 0);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"),
                         "other\nvm0-lan\nvm1-lan\nvm2-lan");
    lab->f->owner = NULL;
    assert_int_equal (hv_plugin.network->sweep (ctx, options, live), 0);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"),
                         "other\nvm1-lan\nvm2-lan");
    assert_int_equal (hv_plugin.network->sweep (ctx, options, live), 0);
    close (fds[2]); /* Until here it ran, if not by this hvctl. */
    ovs_vsctl (lab, "--timeout=10 add-br br1 -- set bridge br1 "
                    "datapath_type=netdev");
    assert_int_equal (hv_plugin.network->sweep (ctx,
                                                OVS_BRIDGE (lab, "br1", NULL),
                                                (const char *[]){ NULL }),
                      0);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"),
                         "other\nvm1-lan\nvm2-lan");
    assert_int_equal (
        hv_plugin.network->sweep (ctx, options, (const char *[]){ NULL }), 0);
    assert_string_equal (ovs_vsctl (lab, "list-ports br0"), "other");
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name)                                                             \
    cmocka_unit_test_setup_teardown (name, ovs_setup, ovs_teardown)
        CASE (test_rows),       CASE (test_vlans),  CASE (test_again),
        CASE (test_taken_down), CASE (test_queues), CASE (test_options),
        CASE (test_refused),    CASE (test_create), CASE (test_foreign),
        CASE (test_twice),      CASE (test_sweep),
    };

    ovs_need ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
