/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs against an ovsdb-server with bad habits.  The real one is in
 * tests/root. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "common/cleanup.h"
#include "tests/kit/range.h"
#include "tests/unit/test-net-ovs-world.h"
#include "tests/kit/timing.h"

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

    world_begin (
        &w, 2000,
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
    world_end (&w);

    world_begin (
        &w, 2000,
        SCRIPT ("<Bridge",
                REPLY ("{\"rows\":[{\"datapath_types\":[\"set\",["
                       "\"netdev\"]],\"cur_cfg\":3,"
                       "\"next_cfg\":3}]},{\"rows\":[{"
                       "\"datapath_type\":\"\"}]}," OWNED ("hvctl:vm1/wan"))));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.bridge && v.settled);
    assert_false (v.userspace || v.datapath || v.dpdk || v.tso);
    assert_int_equal (v.name, NAME_TAKEN);
    world_end (&w);
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
        world_begin (&w, 2000, SCRIPT ("<select", reply));
        r = view (&w, &v);
        if (i < 4) {
            world_expect (&w, r, -EPROTO, "does not speak OVSDB");
        } else {
            assert_int_equal (r, 0);
            assert_int_equal (v.next_cfg, 0);
            assert_int_not_equal (v.name, NAME_OURS);
        }
        world_end (&w);
    }
}

/* Echo requests in between, before and within, are answered with what they
 * have; other messages are passed over; a message may come in pieces. */
static void
test_echo (void **state)
{
    struct ovs_view v;
    struct world w;

    world_begin (
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
    world_end (&w);
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
          "rejected a request: unknown database: no??[1m such", EINVAL },
        { ">{\"id\":%id,\"result\":null,\"error\":\"canceled\"}",
          "rejected a request: canceled", EINVAL },
        { ">{\"id\":%id,\"result\":null,\"error\":{}}", "no reason given",
          EINVAL },
        { ">{\"id\":%id,\"result\":[{},{\"error\":\"constraint violation\","
          "\"details\":\"5000 is too much.\"},null],\"error\":null}",
          "rejected a request: constraint violation: 5000 is too much",
          EINVAL },
        { ">{\"id\":%id,\"result\":[{},{},{},{\"error\":\"referential integrity"
          " violation\"}],\"error\":null}",
          "rejected a request: referential integrity violation", EINVAL },
        { ">{\"id\":%id,\"result\":[{\"error\":7}],\"error\":null}",
          "no reason given", EINVAL },
    };
    struct ovs_view v;
    struct world w;

    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        world_begin (&w, 2000, SCRIPT ("<select", cases[i].text));
        world_expect (&w, view (&w, &v), -cases[i].error, cases[i].words);
        world_end (&w);
    }
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

        world_begin (&w, 300, SCRIPT ("<select", texts[i], "hang"));
        start = now ();
        world_expect (&w, view (&w, &v), -ETIMEDOUT, "does not answer");
        assert_between (now () - start, 250, 800);
        world_end (&w);
    }
}

static void
test_too_much (void **state)
{
    struct ovs_view v;
    struct rusage before, after;
    struct world w;

    world_begin (&w, 20000, SCRIPT ("<select", "100MB"));
    getrusage (RUSAGE_SELF, &before);
    world_expect (&w, view (&w, &v), -EMSGSIZE, "sent more than");
    getrusage (RUSAGE_SELF, &after);
    assert_true (after.ru_maxrss - before.ru_maxrss < 512 * 1024);
    world_end (&w);
}

/* The server is restarted: the question is put again.  One that never comes
 * back is not waited for for ever. */
static void
test_restart (void **state)
{
    struct ovs_view v;
    struct world w;

    world_begin (&w, 5000,
                 SCRIPT ("<select", ">{\"id\":1,\"res", "close", "<select",
                         "away", "<select", REPLY (OVS "," NETDEV "," NONE)));
    assert_int_equal (view (&w, &v), 0);
    assert_true (v.userspace);
    world_end (&w);

    world_begin (&w, 400, SCRIPT ("<select"));
    world_expect (&w, view (&w, &v), -ETIMEDOUT, "did not come back");
    world_end (&w);
}

int
main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (test_view),    cmocka_unit_test (test_odd_values),
        cmocka_unit_test (test_echo),    cmocka_unit_test (test_nonsense),
        cmocka_unit_test (test_silence), cmocka_unit_test (test_too_much),
        cmocka_unit_test (test_restart),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
