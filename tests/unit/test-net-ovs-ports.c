/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs: how ports come, are waited for, and go, against a scripted server;
 * and what it makes of a network's section. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "plugins/net-ovs/value.h"
#include "plugins/net-ovs/monitor.h"
#include "tests/unit/test-net-ovs-world.h"
#include "tests/kit/unix.h"

static void
test_add (void **state)
{
    int64_t number = 0;
    struct world w;

    world_begin (
        &w, 2000,
        SCRIPT ("<{\"op\":\"wait\",\"table\":\"Bridge\",\"where\":[[\"name\""
                ",\"==\",\"br0\"]],\"columns\":[\"name\"],\"until\":\"==\","
                "\"rows\":[{\"name\":\"br0\"}],\"timeout\":0}",
                REPLY (ADDED)));
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    assert_int_equal (number, 7);
    world_end (&w);

    world_begin (&w, 2000, SCRIPT ("<transact", REPLY (TIMED_OUT)));
    world_expect (&w, ports_add (&w.db, &w.port, &number), -ENODEV,
                  "there is no bridge 'br0' in Open vSwitch");
    world_end (&w);

    world_begin (
        &w, 2000,
        SCRIPT ("<transact",
                REPLY ("{},{},{\"error\":\"constraint violation\","
                       "\"details\":\"5000 is not in the valid range 0 to "
                       "4095 (inclusive)\"},null")));
    world_expect (
        &w, ports_add (&w.db, &w.port, &number), -EINVAL,
        "constraint violation: 5000 is not in the valid range 0 to 4095");
    world_end (&w);
}

/* The server went after it was asked: the row may be there, and is ours. */
static void
test_add_restart (void **state)
{
    int64_t number = 0;
    struct world w;

    world_begin (
        &w, 5000,
        SCRIPT ("<insert", "away", "<insert", REPLY ("{}," TIMED_OUT),
                "<select", REPLY (OVS "," NETDEV "," OWNED ("hvctl:vm1/lan")),
                "<[\"external_ids\",\"includes\",[\"map\",[[\"hvctl-owner\","
                "\"hvctl:vm1/lan\"]]]]",
                REPLY ("{\"rows\":[{\"_uuid\":[\"uuid\",\"abc\"]}]}"),
                "<[\"ports\",\"delete\",[\"uuid\",\"abc\"]]",
                REPLY ("{\"count\":1},{\"count\":1}," SELECTED ",{}"),
                "<[[\"cur_cfg\",\"<\",7]]", REPLY ("{}"), "<insert",
                REPLY (ADDED)));
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    assert_int_equal (number, 7);
    world_end (&w);
}

static void
test_add_taken (void **state)
{
    int64_t number = 0;
    struct world w;

    world_begin (&w, 2000,
                 SCRIPT ("<insert", REPLY ("{}," TIMED_OUT), "<select",
                         REPLY (OVS "," NETDEV "," OWNED ("hvctl:vm1/wan"))));
    world_expect (&w, ports_add (&w.db, &w.port, &number), -EEXIST,
                  "already has a port 'vm1-lan', which hvctl did not create");
    world_end (&w);
}

/* With 'create', whoever makes the bridge first: in the end, somebody did, or
 * we say that it cannot be. */
static void
test_add_create (void **state)
{
    int64_t number = 0;
    struct world w;

    world_begin (&w, 2000,
                 SCRIPT ("<\"rows\":[{\"name\":\"br0\"}]", REPLY (TIMED_OUT),
                         "<\"uuid-name\":\"b\"", REPLY (TIMED_OUT),
                         "<\"rows\":[{\"name\":\"br0\"}]", REPLY (ADDED)));
    w.settings.create = true;
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    world_end (&w);

#define NO "<transact", REPLY (TIMED_OUT)
    world_begin (&w, 2000, SCRIPT (NO, NO, NO, NO, NO, NO, NO, NO));
    w.settings.create = true;
    world_expect (&w, ports_add (&w.db, &w.port, &number), -EBUSY,
                  "keeps changing");
    world_end (&w);
}

static void
test_wait (void **state)
{
    static const struct {
        const char *reply, *words;
        int error;
    } cases[] = {
        { REPLY ("{},{},{\"rows\":[{\"ofport\":1,\"error\":[\"set\",[]]}]}"),
          NULL, 0 },
        { REPLY ("{},{},{\"rows\":[{\"ofport\":-1,\"error\":\"could not open "
                 "network device vm1-lan (No such device)\"}]}"),
          "cannot use 'vm1-lan': could not open network device vm1-lan (No "
          "such device)",
          EIO },
        { REPLY ("{},{},{\"rows\":[{\"ofport\":-1,\"error\":[\"set\",[]]}]}"),
          "see the log of ovs-vswitchd", EIO },
        { REPLY ("{},{},{\"rows\":[{\"ofport\":[\"set\",[]]}]}"),
          "see the log of ovs-vswitchd", EIO },
        { REPLY ("{},{}," NONE), "was removed from Open vSwitch", EIO },
        { REPLY (TIMED_OUT), "ovs-vswitchd did not configure the port",
          ETIMEDOUT },
        { REPLY ("{}," TIMED_OUT), "ovs-vswitchd did not configure the port",
          ETIMEDOUT },
    };
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        int r;

        world_begin (&w, 2000,
                     SCRIPT ("<[[\"cur_cfg\",\"<\",7]]", cases[i].reply));
        r = ports_wait (&w.db, "vm1-lan", 7);
        if (cases[i].error) {
            world_expect (&w, r, -cases[i].error, cases[i].words);
        } else {
            assert_int_equal (r, 0);
        }
        world_end (&w);
    }
    /* The newest, where attach() was in another process. */
    world_begin (&w, 2000,
                 SCRIPT ("<select", REPLY (SELECTED),
                         "<[[\"cur_cfg\",\"<\",7]]", cases[0].reply));
    assert_int_equal (ports_wait (&w.db, "vm1-lan", 0), 0);
    world_end (&w);
}

#define NEWS(tables)                                                           \
    ">{\"method\":\"update\",\"params\":[null,{" tables "}],\"id\":null}"
#define ROW_IS(which, ofport, error)                                           \
    "\"Interface\":{\"x\":{\"" which                                           \
    "\":{\"name\":\"vm1-lan\",\"ofport\":" ofport ",\"error\":" error "}}}"
#define EMPTY "[\"set\",[]]"
#define OTHER                                                                  \
    "\"Interface\":{\"y\":{\"new\":{\"name\":\"vm2-lan\",\"ofport\":9}}}"
#define REACHED(number)                                                        \
    "\"Open_vSwitch\":{\"o\":{\"new\":{\"cur_cfg\":" number "}}}"

/* What the server tells by itself: only if all of it is well there is nothing
 * left to ask. */
static void
test_watch (void **state)
{
    static const struct {
        bool up;
        const char *news[2], *later; /* Before and after a reply. */
    } cases[] = {
        { true,
          { NEWS (ROW_IS ("new", EMPTY, EMPTY)),
            NEWS (ROW_IS ("new", "3", EMPTY) "," REACHED ("7")) },
          NEWS (OTHER) },
        { true,
          { NEWS (ROW_IS ("new", "3", EMPTY)), NEWS (OTHER) },
          NEWS (REACHED ("8")) },
        { false,
          { NEWS (ROW_IS ("new", "3", EMPTY)), NEWS (REACHED ("6")) },
          NULL },
        { false,
          { NEWS (ROW_IS ("new", "-1", "\"no\"")), NEWS (REACHED ("7")) },
          NULL },
        { false,
          { NEWS (ROW_IS ("new", "3", "\"no\"")), NEWS (REACHED ("7")) },
          NULL },
        { false,
          { NEWS (ROW_IS ("new", EMPTY, EMPTY)), NEWS (REACHED ("7")) },
          NULL },
        { false,
          { NEWS (ROW_IS ("new", "3", EMPTY) "," REACHED ("7")),
            NEWS (ROW_IS ("old", "3", EMPTY)) },
          NULL },
        { false, { NEWS (OTHER), NEWS (REACHED ("8")) }, NULL },
        { false,
          { ">{\"method\":\"update\"}{\"method\":\"update\",\"params\":[1,2]}",
            NEWS ("\"Interface\":7,\"Open_vSwitch\":{\"o\":[]}") },
          NULL },
        { false,
          { NEWS (ROW_IS ("new", "3", EMPTY)), NEWS (REACHED ("7")) },
          ">[1]" },
        { false,
          { NEWS (ROW_IS ("new", "3", EMPTY)), NEWS (REACHED ("7")) },
          "close" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        const char *later = cases[i].later ? cases[i].later : "hang";
        CLEANUP_JSON struct json_object *results = NULL;
        struct json_object *ops = json_object_new_array ();
        struct monitor watch;
        bool up = !cases[i].up;
        struct world w;

        world_begin (&w, 2000,
                     SCRIPT ("<\"monitor\",\"params\":[\"Open_vSwitch\",null,{",
                             ">{\"id\":%id,\"result\":{},\"error\":null}",
                             "<select", cases[i].news[0], cases[i].news[1],
                             REPLY (SELECTED), later, "hang"));
        monitor_begin (&watch, &w.db, "vm1-lan");
        value_select (ops, "Open_vSwitch", NULL, "next_cfg", NULL);
        assert_int_equal (ovsdb_transact (&w.db, ops, &results), 0);
        for (int n = 0; n < 200 && up != cases[i].up; n++) {
            poll (NULL, 0, 10);
            up = monitor_is_up (&watch, &w.db, 7);
        }
        assert_int_equal (up, cases[i].up);
        monitor_end (&watch);
        world_end (&w);
    }
}

static bool
stale (void *data, const char *name, const char *mark, const char *vm_id)
{
    *(int *)data += 1;
    return !strcmp (vm_id, "gone");
}

#define ROW(uuid, name, vm)                                                    \
    "{\"_uuid\":[\"uuid\",\"" uuid "\"],\"name\":\"" name                      \
    "\",\"external_ids\":[\"map\",[[\"hvctl-owner\",\"hvctl:" vm               \
    "/lan\"],[\"hvctl-bridge\",\"br0\"],[\"vm-id\",\"" vm "\"]]]}"

/* The socket of a hypervisor that runs: it listens. */
static int
listen_at (const char *path)
{
    int fd = unix_listen (path, 1);

    assert_true (fd >= 0);
    return fd;
}

/* REPLY() as a format. */
#define FORMAT(results) ">{\"id\":%%id,\"result\":[" results "],\"error\":null}"
#define VHOST(name, path)                                                      \
    "{\"name\":\"" name                                                        \
    "\",\"options\":[\"map\",[[\"vhost-server-path\",\"" path "\"]]]}"

static void
test_sweep (void **state)
{
    char dir[] = "/tmp/hvctl-sweep.XXXXXX", path[64], found[2048];
    struct world w;
    int asked = 0, fd;

    assert_non_null (mkdtemp (dir));
    snprintf (path, sizeof path, "%s/d", dir);
    fd = listen_at (path);
    snprintf (
        found, sizeof found,
        FORMAT ("{\"rows\":[" ROW (
            "1", "a",
            "gone") ","
                    "{\"_uuid\":[\"uuid\",\"2\"],\"name\":\"b\","
                    "\"external_ids\":[\"map\",[[\"vm-id\",\"gone\"]]]}"
                    "," ROW ("3", "c", "here") "," ROW (
                        "4", "d",
                        "gone") "]},"
                                "{\"rows\":[" VHOST ("a", "%s/none") "," VHOST (
                                    "d", "%s/d") "]}"),
        dir, dir);
    world_begin (
        &w, 2000,
        SCRIPT ("<[\"external_ids\",\"includes\",[\"map\",[[\"hvctl-bridge\""
                ",\"br0\"]]]]",
                found,
                "<\"params\":[\"Open_vSwitch\",{\"op\":\"mutate\",\"table\":"
                "\"Bridge\",\"where\":[[\"ports\",\"includes\",[\"uuid\","
                "\"1\"]]],\"mutations\":[[\"ports\",\"delete\",[\"uuid\","
                "\"1\"]]]},{\"op\":\"mutate\",\"table\":\"Open_vSwitch\"",
                REPLY ("{\"count\":1},{\"count\":1}," SELECTED ",{}")));
    assert_int_equal (ports_sweep (&w.db, "br0", stale, &asked), 0);
    assert_int_equal (asked, 2); /* Not the unmarked, nor the one in use. */
    world_end (&w);
    close (fd);
    unlink (path);
    rmdir (dir);
}

/* The section, as far as it goes without a server. */
static void
test_settings (void **state)
{
    static const struct {
        const char *key, *value, *words;
    } bad[] = {
        { "bridge", "", "'bridge' is missing" },
        { "trunks", "", "trunks = ''" },
        { "trunks", "10,", "trunks = '10,'" },
        { "trunks", "4096", "from 0 to 4095" },
        { "trunks", "20-10", "trunks = '20-10'" },
        { "trunks", "-1", "trunks = '-1'" },
        { "trunks", "1 2", "trunks = '1 2'" },
        { "trunks", "99999999999999999999", "trunks" },
        { "ingress_rate", "99999999999", "ingress_rate = 99999999999" },
        { "ingress_burst", "5", "'ingress_burst' needs" },
    };
    const struct hv_key *keys = hv_plugin.network->keys;
    struct fake *f = fake_new (&hv_plugin);
    struct settings s;

    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        const struct hv_options *options =
            i ? fake_options (f, keys, "bridge", "br0", bad[i].key,
                              bad[i].value, NULL)
              : fake_options (f, keys, bad[i].key, bad[i].value, NULL);

        fake_reset (f);
        assert_int_equal (section_read (&f->ctx, options, &s), -EINVAL);
        if (!strstr (f->message, bad[i].words)) {
            fail_msg ("%s", f->message);
        }
    }
    assert_int_equal (
        section_read (&f->ctx,
                      fake_options (f, keys, "bridge", "br0", "trunks",
                                    "5, 10-12,4095", "offload", "no", NULL),
                      &s),
        0);
    for (int i = 0; i < VLANS; i++) {
        assert_int_equal (s.trunks[i],
                          i == 5 || (i >= 10 && i <= 12) || i == 4095);
    }
    assert_int_equal (s.offload, OFFLOAD_NO);
    assert_int_equal (s.tag, NO_TAG);
    assert_string_equal (s.socket, "/var/run/openvswitch/db.sock");
    fake_free (f);
}

/* A vhost-user port, where Open vSwitch has DPDK: described, made, removed. */
static void
test_vhost_user (void **state)
{
    static const char dpdk[] = REPLY (
        "{\"rows\":[{\"dpdk_initialized\":true,\"iface_types\":[\"set\",["
        "\"dpdkvhostuserclient\",\"tap\"]],\"cur_cfg\":3,\"next_cfg\":3}]}"
        "," NETDEV "," NONE);
    static const char *const script[] = {
        "<select",
        dpdk,
        "close",
        "<select",
        dpdk,
        "<\"monitor\"",
        "<\"type\":\"dpdkvhostuserclient\",\"options\":[\"map\",[[\"vhost-"
        "server-path\",\"/tmp/hvctl-peer",
        REPLY (ADDED),
        "close",
        "<[\"name\",\"==\",\"vm1-lan\"]",
        REPLY ("{\"rows\":[{\"_uuid\":[\"uuid\",\"abc\"]}]}"),
        "<delete",
        REPLY ("{\"count\":1},{\"count\":1}," SELECTED ",{}"),
        NULL
    };
    struct fake *f = fake_new (&hv_plugin);
    struct hv_port port = { .vm = "vm1",
                            .vm_uuid = "u",
                            .name = "lan",
                            .ifname = "vm1-lan",
                            .queues = 2,
                            .mtu = 9000 };
    struct hv_nic nic = { 0 };
    int fds[2] = { -1, -1 };
    struct peer peer;

    peer_start (&peer, script);
    port.options = fake_options (f, hv_plugin.network->keys, "bridge", "br0",
                                 "socket", peer.socket, "vhost_user", "yes",
                                 "vhost_user_dir", peer.dir, NULL);
    if (hv_plugin.network->check (&f->ctx, &port, &nic) < 0
        || hv_plugin.network->attach (&f->ctx, &port, fds) < 0) {
        fail_msg ("%s", f->message);
    }
    assert_int_equal (nic.kind, HV_NIC_VHOST_USER);
    assert_string_equal (nic.socket,
                         hv_format (&f->ctx, "%s/vm1-lan.sock", peer.dir));
    assert_int_equal (nic.mtu, 9000);
    assert_null (nic.ifname);
    assert_int_equal (access (nic.socket, F_OK), 0);
    assert_true (fds[0] >= 0); /* It listens. */
    assert_int_equal (fds[1], -1);
    close (fds[0]);
    if (hv_plugin.network->detach (&f->ctx, &port) < 0) {
        fail_msg ("%s", f->message);
    }
    assert_int_equal (access (nic.socket, F_OK), -1);
    peer_end (&peer);
    fake_free (f);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_add),        cmocka_unit_test (test_add_restart),
        cmocka_unit_test (test_add_taken),  cmocka_unit_test (test_add_create),
        cmocka_unit_test (test_wait),       cmocka_unit_test (test_watch),
        cmocka_unit_test (test_sweep),      cmocka_unit_test (test_settings),
        cmocka_unit_test (test_vhost_user),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
