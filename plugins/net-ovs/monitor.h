/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Progress of ovs-vswitchd with a port, as the server reports it without being
 * asked: nobody waits for it while the hypervisor comes up. */
#ifndef PLUGINS_NET_OVS_MONITOR_H
#define PLUGINS_NET_OVS_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "plugins/net-ovs/ovsdb.h"

struct monitor {
    const char *name;        /* Of the interface. */
    struct json_object *row; /* Its newest; null: it is not there. */
    int64_t cur_cfg;         /* That ovs-vswitchd has reached. */
};

/* Begins, before the port is added.  'w' and 'name' must exist as long as
 * the connection; if that breaks, the port is never seen to be up. */
void monitor_begin (struct monitor *w, struct ovsdb *db, const char *name);

/* Returns whether ovs-vswitchd has reached 'next_cfg', and set up the
 * interface. If not, ports_wait() reports why, or waits. */
bool monitor_is_up (struct monitor *w, struct ovsdb *db, int64_t next_cfg);

void monitor_end (struct monitor *w);

#endif /* PLUGINS_NET_OVS_MONITOR_H */
