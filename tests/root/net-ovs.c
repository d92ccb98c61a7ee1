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

static int
setup (void **state)
{
    static struct ovs_lab lab;

    ovs_begin (&lab);
    *state = &lab;
    return 0;
}

static int
teardown (void **state)
{
    ovs_end (*state);
    return 0;
}

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

int
main (void)
{
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown (name, setup, teardown)
        CASE (test_rows),
        CASE (test_vlans),
    };

    ovs_need ();
    return cmocka_run_group_tests (tests, NULL, NULL);
}
