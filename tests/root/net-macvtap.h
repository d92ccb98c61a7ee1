/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A card for macvtaps: v0, one end of a veth whose other end is v1. */
#ifndef TESTS_ROOT_NET_MACVTAP_H
#define TESTS_ROOT_NET_MACVTAP_H

#include <unistd.h>

#include "tests/root/net-port.h"

#define PARENT_MAC "02:00:00:00:00:aa"

#define OPTIONS(lab, ...)                                                      \
    fake_options ((lab)->f, hv_plugin.network->keys, __VA_ARGS__, NULL)

/* In a namespace of its own: the card, and a port on it. */
static inline int
macvtap_setup (void **state)
{
    static struct lab lab;

    close (lab_new_namespace ());
    lab_see_namespace ();
    lab_run ("ip link add v0 address " PARENT_MAC " type veth peer name v1");
    lab_run ("ip link set v0 up");
    lab_run ("ip link set v1 up");
    lab_init (&lab);
    lab.port.options = OPTIONS (&lab, "parent", "v0");
    *state = &lab;
    return 0;
}

#endif /* TESTS_ROOT_NET_MACVTAP_H */
