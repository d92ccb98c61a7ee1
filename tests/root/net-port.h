/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A port of a network plugin in a namespace of the test (net-lab.h), and what
 * is expected of it: an operation that does otherwise fails the test. */
#ifndef TESTS_ROOT_NET_PORT_H
#define TESTS_ROOT_NET_PORT_H

#include <stdint.h>

#include "hvctl/plugin.h"
#include "tests/kit/fake-host.h"
#include "tests/root/net-lab.h"

struct lab {
    struct fake *f;
    struct hv_port port; /* vm1-lan, of vm1, with mac1. */
    int peer;            /* A packet socket on v1. */
};

extern const uint8_t mac1[6], mac2[6];

/* Makes 'port' and 'peer'; v1 is there. */
void lab_init (struct lab *lab);
void lab_done (struct lab *lab);
int lab_teardown (void **state); /* lab_done(), for cmocka. */

/* check() and attach() succeed and agree. */
void lab_attach (struct lab *lab, int fds[]);
void lab_detach (struct lab *lab);

/* check(), attach() or both fail so, with 'message' in the sentence. */
void lab_check_refused (struct lab *lab, int result, const char *message);
void lab_attach_refused (struct lab *lab, int result, const char *message);
void lab_refused (struct lab *lab, int result, const char *message);

/* Each descriptor of a port with queues sends a frame to the peer, and one from
 * there arrives at one of them. */
void lab_use_queues (struct lab *lab, const int fds[], size_t n);

/* check() without privileges: -EPERM.  Returns what attach() gives. */
int lab_without_privilege (struct lab *lab);

#endif /* TESTS_ROOT_NET_PORT_H */
