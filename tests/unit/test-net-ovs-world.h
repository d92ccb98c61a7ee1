/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A connection to the scripted server, the port that is asked for, and what
 * the server may say. */
#ifndef TESTS_TEST_NET_OVS_WORLD_H
#define TESTS_TEST_NET_OVS_WORLD_H

#include "plugins/net-ovs/ports.h"
#include "tests/kit/fake-host.h"
#include "tests/unit/test-net-ovs-peer.h"

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

void world_begin (struct world *w, int64_t limit, const char *const script[]);
void world_end (struct world *w);

/* It failed so, in one sentence: no full stop, all of it printable. */
void world_expect (struct world *w, int r, int result, const char *words);

#endif /* TESTS_TEST_NET_OVS_WORLD_H */
