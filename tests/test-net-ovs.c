/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs against an ovsdb-server with bad habits, and what it makes of a
 * network's section.  The real one is in tests/root. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "plugins/net-ovs/ports.h"
#include "plugins/net-ovs/value.h"
#include "tests/fake-host.h"
#include "tests/test-net-ovs-peer.h"

#define SCRIPT(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define REPLY(results) ">{\"id\":%id,\"result\":[" results "],\"error\":null}"
#define TIMED_OUT                                                              \
    "{\"error\":\"timed out\",\"details\":\"\\\"wait\\\" timed out\"}"
#define SELECTED "{\"rows\":[{\"next_cfg\":7}]}"
#define ADDED                                                                  \
    "{},{},{\"uuid\":[\"uuid\",\"i\"]},{\"uuid\":[\"uuid\",\"p\"]},"           \
    "{\"count\":1},{\"count\":1}," SELECTED ",{}"
/* A view: Open_vSwitch, Bridge, Port. */
#define OVS "{\"rows\":[{\"cur_cfg\":3,\"next_cfg\":3}]}"
#define NETDEV "{\"rows\":[{\"datapath_type\":\"netdev\"}]}"
#define NONE "{\"rows\":[]}"
#define OWNED(mark)                                                            \
    "{\"rows\":[{\"external_ids\":[\"map\",[[\"hvctl-owner\",\"" mark "\"]]]}" \
    "]}"

struct world {
    struct fake *f;
    struct peer peer;
    struct settings settings;
    struct ovs_port port;
    struct ovsdb db;
};

static void
begin (struct world *w, int64_t limit, const char *const script[])
{
    memset (w, 0, sizeof *w);
    w->f = fake_new (&hv_plugin);
    fake_limit (w->f, limit);
    peer_start (&w->peer, script);
    assert_int_equal (
        settings_read (&w->f->ctx,
                       fake_options (w->f, hv_plugin.network->keys, "bridge",
                                     "br0", "socket", w->peer.socket, NULL),
                       &w->settings),
        0);
    w->port = (struct ovs_port){ .settings = &w->settings,
                                 .name = "vm1-lan",
                                 .mark = "hvctl:vm1/lan",
                                 .vm = "vm1",
                                 .vm_id = "u",
                                 .iface_id = "u-lan",
                                 .mac = "52:54:00:01:02:03" };
    ovsdb_init (&w->db, &w->f->ctx, w->settings.socket, 0);
    assert_int_equal (ovsdb_open (&w->db), 0);
}

static void
end (struct world *w)
{
    ovsdb_close (&w->db);
    peer_end (&w->peer);
    fake_free (w->f);
}

/* The sentence is one: no full stop, nothing that is not printable. */
static void
expect (struct world *w, int r, int result, const char *words)
{
    const char *reason = w->db.reason;

    if (r != result || !strstr (reason, words)) {
        fail_msg ("%d, %s; expected %d, %s", r, reason, result, words);
    }
    assert_int_equal (w->db.error, -result);
    for (const char *p = reason; *p; p++) {
        assert_true ((unsigned char)*p >= ' ');
    }
    assert_true (reason[strlen (reason) - 1] != '.');
}

static int
view (struct world *w, struct ovs_view *out)
{
    memset (out, 0, sizeof *out);
    return ports_view (&w->db, &w->port, out);
}

static void
test_view (void **state)
{
    struct ovs_view v;
    struct world w;

    begin (&w, 2000,
           SCRIPT ("<\"method\":\"transact\",\"params\":[\"Open_vSwitch\",",
                   REPLY ("{\"rows\":[{\"datapath_types\":[\"set\",[\"netdev\","
                          "\"system\"]],\"iface_types\":\"dpdkvhostuserclient\""
                          ",\"dpdk_initialized\":true,\"other_config\":[\"map\""
                          ",[[\"userspace-tso-enable\",\"true\"]]],"
                          "\"cur_cfg\":3,\"next_cfg\":4}]}," NETDEV
                          "," OWNED ("hvctl:vm1/lan"))));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.bridge && v.userspace && v.datapath && v.dpdk && v.tso);
    assert_false (v.settled);
    assert_int_equal (v.next_cfg, 4);
    assert_int_equal (v.name, NAME_OURS);
    end (&w);

    begin (&w, 2000,
           SCRIPT ("<Bridge", REPLY ("{\"rows\":[{\"datapath_types\":[\"set\",["
                                     "\"netdev\"]],\"cur_cfg\":3,"
                                     "\"next_cfg\":3}]},{\"rows\":[{"
                                     "\"datapath_type\":\"\"}]}," OWNED (
                                         "hvctl:vm1/wan"))));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.bridge && v.settled);
    assert_false (v.userspace || v.datapath || v.dpdk || v.tso);
    assert_int_equal (v.name, NAME_TAKEN);
    end (&w);
}

/* Rows that are nothing of what they should be: as if they were not there. */
static void
test_odd_values (void **state)
{
    static const char *const rows[] = {
        "null",
        "[]",
        "1",
        "\"x\"",
        "{\"rows\":null}",
        "{\"rows\":[1]}",
        "{\"rows\":[null]}",
        "{\"rows\":{}}",
        "{\"rows\":[{\"external_ids\":[\"map\",[1,[],[1],[1,2],[\"hvctl-"
        "owner\"],[\"hvctl-owner\",7]]],\"datapath_types\":[\"set\",[1,null]],"
        "\"cur_cfg\":[\"set\",[]],\"next_cfg\":[\"set\",[1,2]],"
        "\"datapath_type\":[\"uuid\"]}]}",
    };
    char reply[1024];
    struct ovs_view v;
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        int r;

        snprintf (reply, sizeof reply,
                  ">{\"id\":%%id,\"result\":[%s,%s,%s],\"error\":null}",
                  rows[i], rows[i], rows[i]);
        begin (&w, 2000, SCRIPT ("<select", reply));
        r = view (&w, &v);
        if (i < 4) {
            expect (&w, r, -EPROTO, "does not speak OVSDB");
        } else {
            assert_int_equal (r, 0);
            assert_int_equal (v.next_cfg, 0);
            assert_int_not_equal (v.name, NAME_OURS);
        }
        end (&w);
    }
}

/* Echo requests in between, before and within, are answered with what they
 * have; other messages are passed over; a message may come in pieces. */
static void
test_echo (void **state)
{
    struct ovs_view v;
    struct world w;

    begin (
        &w, 5000,
        SCRIPT ("<select",
                ">{\"method\":\"echo\",\"params\":[1,\"a\"],\"id\":"
                "\"echo\"}",
                "<{\"result\":[1,\"a\"],\"error\":null,\"id\":\"echo\"}",
                ">{\"method\":\"update\",\"params\":[],\"id\":null}{\"id\":99,"
                "\"result\":[],\"error\":null} \n {\"id\":\"x\",\"result\":5}"
                "{\"method\":\"echo\",\"id\":7}",
                "<{\"result\":null,\"error\":null,\"id\":7}",
                "~{\"method\":\"echo\",\"params\":[],\"id\":\"x\"}",
                "<{\"result\":[],\"error\":null,\"id\":\"x\"}",
                "~{\"id\":1,\"result\":[" OVS "," NETDEV "," NONE
                "],\"error\":null}"));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.userspace);
    end (&w);
}

static void
test_nonsense (void **state)
{
    static const struct {
        const char *text, *words;
        int error;
    } cases[] = {
        { ">HTTP/1.1 400 Bad Request\r\n\r\n", "unexpected character", EPROTO },
        { ">[1]", "not an object", EPROTO },
        { ">7 ", "not an object", EPROTO },
        { ">{\"id\":%id,\"result\":{},\"error\":null}", "no array", EPROTO },
        { ">{\"id\":%id,\"error\":null}", "no array", EPROTO },
        { ">{\"id\":%id,\"result\":[{}],\"error\":null}", "results are missing",
          EPROTO },
        { ">{\"id\":%id,\"result\":[{},null,{}],\"error\":null}",
          "not an object", EPROTO },
        { ">[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nesting", EPROTO },
        { ">{\"id\":%id,\"result\":null,\"error\":{\"error\":\"unknown "
          "database\",\"details\":\"no\\n\\u001b[1m such.\"}}",
          "refuses: unknown database: no??[1m such", EINVAL },
        { ">{\"id\":%id,\"result\":null,\"error\":\"canceled\"}",
          "refuses: canceled", EINVAL },
        { ">{\"id\":%id,\"result\":null,\"error\":{}}", "it does not say why",
          EINVAL },
        { ">{\"id\":%id,\"result\":[{},{\"error\":\"constraint violation\","
          "\"details\":\"5000 is too much.\"},null],\"error\":null}",
          "refuses: constraint violation: 5000 is too much", EINVAL },
        { ">{\"id\":%id,\"result\":[{},{},{},{\"error\":\"referential integrity"
          " violation\"}],\"error\":null}",
          "refuses: referential integrity violation", EINVAL },
        { ">{\"id\":%id,\"result\":[{\"error\":7}],\"error\":null}",
          "it does not say why", EINVAL },
    };
    struct ovs_view v;
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        begin (&w, 2000, SCRIPT ("<select", cases[i].text));
        expect (&w, view (&w, &v), -cases[i].error, cases[i].words);
        end (&w);
    }
}

static int64_t
now (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* It never answers, or stops in the middle of it. */
static void
test_silence (void **state)
{
    static const char *const texts[] = { ">", ">{\"id\":1,\"result\":[", ">   ",
                                         ">{\"method\":\"update\"}" };
    struct ovs_view v;
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (texts); i++) {
        int64_t start;

        begin (&w, 300, SCRIPT ("<select", texts[i], "hang"));
        start = now ();
        expect (&w, view (&w, &v), -ETIMEDOUT, "does not answer");
        assert_in_range (now () - start, 250, 800);
        end (&w);
    }
}

static void
test_too_much (void **state)
{
    struct ovs_view v;
    struct rusage before, after;
    struct world w;

    begin (&w, 20000, SCRIPT ("<select", "100MB"));
    getrusage (RUSAGE_SELF, &before);
    expect (&w, view (&w, &v), -EMSGSIZE, "sent more than");
    getrusage (RUSAGE_SELF, &after);
    assert_true (after.ru_maxrss - before.ru_maxrss < 512 * 1024);
    end (&w);
}

/* The server is restarted: the question is put again.  One that never comes
 * back is not waited for for ever. */
static void
test_restart (void **state)
{
    struct ovs_view v;
    struct world w;

    begin (&w, 5000,
           SCRIPT ("<select", ">{\"id\":1,\"res", "close", "<select", "away",
                   "<select", REPLY (OVS "," NETDEV "," NONE)));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.userspace);
    end (&w);

    begin (&w, 400, SCRIPT ("<select"));
    expect (&w, view (&w, &v), -ETIMEDOUT, "did not come back");
    end (&w);
}

static void
test_add (void **state)
{
    int64_t number = 0;
    struct world w;

    begin (&w, 2000,
           SCRIPT ("<{\"op\":\"wait\",\"table\":\"Bridge\",\"where\":[[\"name\""
                   ",\"==\",\"br0\"]],\"columns\":[\"name\"],\"until\":\"==\","
                   "\"rows\":[{\"name\":\"br0\"}],\"timeout\":0}",
                   REPLY (ADDED)));
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    assert_int_equal (number, 7);
    end (&w);

    begin (&w, 2000, SCRIPT ("<transact", REPLY (TIMED_OUT)));
    expect (&w, ports_add (&w.db, &w.port, &number), -ENODEV,
            "there is no bridge 'br0' in Open vSwitch");
    end (&w);

    begin (&w, 2000,
           SCRIPT ("<transact",
                   REPLY ("{},{},{\"error\":\"constraint violation\","
                          "\"details\":\"5000 is not in the valid range 0 to "
                          "4095 (inclusive)\"},null")));
    expect (&w, ports_add (&w.db, &w.port, &number), -EINVAL,
            "constraint violation: 5000 is not in the valid range 0 to 4095");
    end (&w);
}

/* The server went after it was asked: the row may be there, and is ours. */
static void
test_add_restart (void **state)
{
    int64_t number = 0;
    struct world w;

    begin (&w, 5000,
           SCRIPT ("<insert", "away", "<insert", REPLY ("{}," TIMED_OUT),
                   "<select",
                   REPLY (OVS "," NETDEV "," OWNED ("hvctl:vm1/lan")),
                   "<[\"external_ids\",\"includes\",[\"map\",[[\"hvctl-owner\","
                   "\"hvctl:vm1/lan\"]]]]",
                   REPLY ("{\"rows\":[{\"_uuid\":[\"uuid\",\"abc\"]}]}"),
                   "<[\"ports\",\"delete\",[\"uuid\",\"abc\"]]",
                   REPLY ("{\"count\":1},{\"count\":1}," SELECTED ",{}"),
                   "<[[\"cur_cfg\",\"<\",7]]", REPLY ("{}"), "<insert",
                   REPLY (ADDED)));
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    assert_int_equal (number, 7);
    end (&w);
}

static void
test_add_taken (void **state)
{
    int64_t number = 0;
    struct world w;

    begin (&w, 2000,
           SCRIPT ("<insert", REPLY ("{}," TIMED_OUT), "<select",
                   REPLY (OVS "," NETDEV "," OWNED ("hvctl:vm1/wan"))));
    expect (&w, ports_add (&w.db, &w.port, &number), -EEXIST,
            "a port 'vm1-lan' already, which is not ours");
    end (&w);
}

/* With 'create', whoever makes the bridge first: in the end, somebody did, or
 * we say that it cannot be. */
static void
test_add_create (void **state)
{
    int64_t number = 0;
    struct world w;

    begin (&w, 2000,
           SCRIPT ("<\"rows\":[{\"name\":\"br0\"}]", REPLY (TIMED_OUT),
                   "<\"uuid-name\":\"b\"", REPLY (TIMED_OUT),
                   "<\"rows\":[{\"name\":\"br0\"}]", REPLY (ADDED)));
    w.settings.create = true;
    assert_int_equal (ports_add (&w.db, &w.port, &number), 0);
    end (&w);

#define NO "<transact", REPLY (TIMED_OUT)
    begin (&w, 2000, SCRIPT (NO, NO, NO, NO, NO, NO, NO, NO));
    w.settings.create = true;
    expect (&w, ports_add (&w.db, &w.port, &number), -EBUSY,
            "changes all the time");
    end (&w);
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
        { REPLY ("{},{}," NONE), "somebody removed the port", EIO },
        { REPLY (TIMED_OUT), "ovs-vswitchd did not take up the port",
          ETIMEDOUT },
        { REPLY ("{}," TIMED_OUT), "ovs-vswitchd did not take up the port",
          ETIMEDOUT },
    };
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        int r;

        begin (&w, 2000, SCRIPT ("<[[\"cur_cfg\",\"<\",7]]", cases[i].reply));
        r = ports_wait (&w.db, "vm1-lan", 7);
        if (cases[i].error) {
            expect (&w, r, -cases[i].error, cases[i].words);
        } else {
            assert_int_equal (r, 0);
        }
        end (&w);
    }
    /* The newest, where attach() was in another process. */
    begin (&w, 2000,
           SCRIPT ("<select", REPLY (SELECTED), "<[[\"cur_cfg\",\"<\",7]]",
                   cases[0].reply));
    assert_int_equal (ports_wait (&w.db, "vm1-lan", 0), 0);
    end (&w);
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

static void
test_sweep (void **state)
{
    struct world w;
    int asked = 0;

    begin (&w, 2000,
           SCRIPT ("<[\"external_ids\",\"includes\",[\"map\",[[\"hvctl-bridge\""
                   ",\"br0\"]]]]",
                   REPLY ("{\"rows\":[" ROW (
                       "1", "a",
                       "gone") ","
                               "{\"_uuid\":[\"uuid\",\"2\"],\"name\":\"b\","
                               "\"external_ids\":[\"map\",[[\"vm-id\",\"gone\"]"
                               "]]}," ROW ("3", "c", "here") "," ROW (
                                   "4", "d",
                                   "gone") "]},{\"rows\":[{\"name\":\"d\"}]}"),
                   "<\"params\":[\"Open_vSwitch\",{\"op\":\"mutate\",\"table\":"
                   "\"Bridge\",\"where\":[[\"ports\",\"includes\",[\"uuid\","
                   "\"1\"]]],\"mutations\":[[\"ports\",\"delete\",[\"uuid\","
                   "\"1\"]]]},{\"op\":\"mutate\",\"table\":\"Open_vSwitch\"",
                   REPLY ("{\"count\":1},{\"count\":1}," SELECTED ",{}")));
    assert_int_equal (ports_sweep (&w.db, "br0", stale, &asked), 0);
    assert_int_equal (asked, 2); /* Not the unmarked, nor the connected. */
    end (&w);
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
        { "ingress_burst", "5", "'ingress_burst' is for" },
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
        assert_int_equal (settings_read (&f->ctx, options, &s), -EINVAL);
        if (!strstr (f->message, bad[i].words)) {
            fail_msg ("%s", f->message);
        }
    }
    assert_int_equal (
        settings_read (&f->ctx,
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
        cmocka_unit_test (test_view),        cmocka_unit_test (test_odd_values),
        cmocka_unit_test (test_echo),        cmocka_unit_test (test_nonsense),
        cmocka_unit_test (test_silence),     cmocka_unit_test (test_too_much),
        cmocka_unit_test (test_restart),     cmocka_unit_test (test_add),
        cmocka_unit_test (test_add_restart), cmocka_unit_test (test_add_taken),
        cmocka_unit_test (test_add_create),  cmocka_unit_test (test_wait),
        cmocka_unit_test (test_sweep),       cmocka_unit_test (test_settings),
        cmocka_unit_test (test_vhost_user),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
