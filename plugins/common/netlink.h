/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interfaces of this network namespace, through rtnetlink.  Only netlink.c uses
 * libnl; callers see plain structures. */
#ifndef PLUGINS_COMMON_NETLINK_H
#define PLUGINS_COMMON_NETLINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#define CLEANUP_NETLINK __attribute__ ((cleanup (netlink_close)))

struct nl_sock;

/* A connection.  Start with a zeroed one; it must not be moved. */
struct netlink {
    struct nl_sock *socket;
    int error;        /* Of the last request: an errno value... */
    char reason[256]; /* ...and the kernel's message. */
};

/* An existing interface. */
struct netlink_link {
    int index;
    int lower;      /* The index of the one below it, or 0. */
    int master;     /* The bridge or bond it is in, or 0. */
    unsigned flags; /* IFF_UP… */
    unsigned type;  /* ARPHRD_ETHER… */
    uint32_t mtu;
    uint32_t mode; /* Of a macvlan or macvtap. */
    uint8_t mac[6];
    char name[IF_NAMESIZE];
    char kind[32]; /* "bridge", "tun", "macvtap"; "" for one that
                    * has no kind: hardware. */
    char alias[256];
};

/* Changes to an interface; members that are zero leave it unchanged. */
struct netlink_change {
    int index; /* The interface; 0: the one of this name. */
    const char *name;
    const uint8_t *mac;
    const char *alias;
    int master;
    uint32_t mtu;
    bool up, down;
    int lower;     /* For netlink_add_macvtap() only. */
    uint32_t mode; /* MACVLAN_MODE_… */
    uint32_t queues;
};

/* All of these return 0, or a negative errno value with nl->error and
 * nl->reason set.  None waits longer than the 'timeout' (ms) of the
 * connection for an answer. */
int netlink_open (struct netlink *nl, int64_t timeout);
void netlink_close (struct netlink *nl);

/* Fails with ENODEV if there is no such interface. */
int netlink_get (struct netlink *nl, const char *name,
                 struct netlink_link *out);
int netlink_get_index (struct netlink *nl, int index, struct netlink_link *out);

/* Calls 'each' for every interface, until it returns false. */
int netlink_each (struct netlink *nl,
                  bool (*each) (const struct netlink_link *, void *data),
                  void *data);

int netlink_set (struct netlink *nl, const struct netlink_change *change);
int netlink_add_macvtap (struct netlink *nl,
                         const struct netlink_change *change);

/* Forbids a bridge port to reach other isolated ports, and sets it up. */
int netlink_isolate (struct netlink *nl, const char *name);

int netlink_delete (struct netlink *nl, int index);

#endif /* PLUGINS_COMMON_NETLINK_H */
