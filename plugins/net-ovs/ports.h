/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Our ports in Open vSwitch's database (ovs-vswitchd.conf.db(5)).
 *
 * Its rows outlive the tap, the VM and the host.  Ours carry a mark in their
 * external_ids, and rows without it are neither changed nor removed.  All
 * functions return 0, or a negative errno value with db->error and db->reason
 * set; if the server is restarted meanwhile they start again. */
#ifndef PLUGINS_NET_OVS_PORTS_H
#define PLUGINS_NET_OVS_PORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "plugins/net-ovs/ovsdb.h"
#include "plugins/net-ovs/section.h"

/* Keys of external_ids.  The owner of a port is "hvctl:VM/NIC", that of a
 * bridge that we created "hvctl"; the bridge is recorded to find all our
 * ports. */
#define PORTS_IDS "external_ids"
#define PORTS_OWNER "hvctl-owner"
#define PORTS_BRIDGE "hvctl-bridge"
#define PORTS_VHOST "dpdkvhostuserclient" /* A type of interface. */
#define PORTS_PATH "vhost-server-path"    /* A key of its options. */

/* A requested port. */
struct ovs_port {
    const struct settings *settings;
    const char *name; /* Of port and interface. */
    const char *mark;
    const char *vm, *vm_id, *iface_id;
    const char *mac;
    const char *vhost_socket; /* Null: a tap. */
    uint32_t mtu;             /* 0: as it is. */
};

/* The current state. */
struct ovs_view {
    bool bridge;
    bool userspace;   /* The bridge's datapath is, or will be. */
    bool datapath;    /* OVS has that type of datapath. */
    bool dpdk;        /* OVS can do vhost-user. */
    bool tso;         /* userspace-tso-enable */
    int64_t next_cfg; /* The newest configuration... */
    bool settled;     /* ...which ovs-vswitchd has reached. */
    enum { NAME_FREE, NAME_OURS, NAME_TAKEN } name;
};

int ports_view (struct ovsdb *db, const struct ovs_port *port,
                struct ovs_view *out);

/* Adds the port, in one transaction, and stores the number of the configuration
 * that ovs-vswitchd has to reach.  Replaces leftovers of an earlier run of
 * this port. */
int ports_add (struct ovsdb *db, const struct ovs_port *port,
               int64_t *next_cfg);

/* Returns the error of a bridge, or of a port's name. */
int ports_no_bridge (struct ovsdb *db, const struct settings *s);
int ports_taken (struct ovsdb *db, const char *name);

/* Waits until ovs-vswitchd has reached the configuration 'next_cfg'.
 *
 * A port must not be removed and added again before ovs-vswitchd has noticed:
 * it would keep the old one, whose socket belongs to the removed tap.  On a
 * userspace datapath (3.1.0) the guest's traffic is then lost for good, and the
 * database shows nothing of it. */
int ports_settle (struct ovsdb *db, const char *name, int64_t next_cfg);

/* The same, and then checks whether ovs-vswitchd could use the interface.
 * 'next_cfg' may be 0: the newest. */
int ports_wait (struct ovsdb *db, const char *name, int64_t next_cfg);

/* Removes the port of this name and mark, if it exists.  Stores the number
 * of the configuration without it (or 0; 'next_cfg' may be null). */
int ports_remove (struct ovsdb *db, const char *name, const char *mark,
                  int64_t *next_cfg);

/* Removes those ports of ours in 'bridge' that are 'stale'. */
typedef bool (*ports_stale_fn) (void *data, const char *name, const char *mark,
                                const char *vm_id);
int ports_sweep (struct ovsdb *db, const char *bridge, ports_stale_fn stale,
                 void *data);

#endif /* PLUGINS_NET_OVS_PORTS_H */
