/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* An Open vSwitch of the test's own, with the userspace datapath: its
 * database, sockets and logs are in a temporary directory, its interfaces in
 * the network namespace of the test.  What it has is observed by ovs-vsctl,
 * which knows nothing of us.  Whatever goes wrong here ends the test. */
#ifndef TESTS_ROOT_NET_OVS_LAB_H
#define TESTS_ROOT_NET_OVS_LAB_H

#include <stdbool.h>
#include <sys/types.h>

#include "hvctl/plugin.h"
#include "tests/kit/fake-host.h"
#include "tests/root/net-lab.h"

#define OVS_PORTS 4
#define OVS_UUID "0f3a7ba2-5d0a-4a44-9a0b-0123456789a%d"

struct ovs_lab {
    char dir[64], socket[80];
    pid_t server, vswitchd; /* 0: not running. */
    struct fake *f;
    struct hv_port ports[OVS_PORTS]; /* vmN-lan, of vmN. */
};

/* Exits with 77 unless we are root and Open vSwitch is installed. */
void ovs_need (void);

/* Starts all of it, with the bridge br0. */
void ovs_begin (struct ovs_lab *lab);
void ovs_end (struct ovs_lab *lab);

/* The same for cmocka: '*state' is the lab. */
int ovs_setup (void **state);
int ovs_teardown (void **state);

/* Starts and ends its parts.  The server keeps its database. */
void ovs_start_server (struct ovs_lab *lab);
void ovs_start_vswitchd (struct ovs_lab *lab);
void ovs_kill (pid_t *pid);

/* A section: keys and values after 'socket' and bridge = br0, or another. */
#define OVS_OPTIONS(lab, ...) OVS_BRIDGE (lab, "br0", __VA_ARGS__)
#define OVS_BRIDGE(lab, bridge, ...)                                           \
    fake_options ((lab)->f, hv_plugin.network->keys, "socket", (lab)->socket,  \
                  "bridge", bridge, __VA_ARGS__)

/* Runs "ovs-vsctl ARGUMENTS", words with blanks in between, and returns what
 * it printed; fails if it fails.  Of the caller until the next call. */
const char *ovs_vsctl (struct ovs_lab *lab, const char *fmt, ...)
    __attribute__ ((format (printf, 2, 3)));

/* Are there no rows but those of the bridge, and no tap? */
bool ovs_is_clean (struct ovs_lab *lab);

/* check(), attach() and ready() succeed. */
void ovs_attach (struct ovs_lab *lab, int n, int fds[]);
void ovs_detach (struct ovs_lab *lab, int n);

/* It failed so, with 'message' in the sentence. */
void ovs_expect (struct ovs_lab *lab, int r, int result, const char *message);

/* Does a frame go from one tap to the other? */
bool ovs_reaches (int from, int to, int ms);

#endif /* TESTS_ROOT_NET_OVS_LAB_H */
