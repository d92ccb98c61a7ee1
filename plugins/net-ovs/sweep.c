/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/net-ovs/sweep.h"

#include <errno.h>
#include <string.h>

#include "plugins/common/port.h"
#include "plugins/net-ovs/ovsdb.h"
#include "plugins/net-ovs/ports.h"
#include "plugins/net-ovs/section.h"

#define LIMIT 2000 /* ms: it comes before every command. */

struct sweep {
    struct hv_ctx *ctx;
    struct netlink *nl;
    const char *const *live;
};

/* Does it belong to a VM that no longer exists?  An existing tap belongs to a
 * hypervisor that is running or being started: 'live' lacks the latter. */
static bool
is_stale (void *data, const char *name, const char *mark, const char *vm_id)
{
    const struct sweep *sweep = data;
    struct netlink_link link;
    int r;

    if (!port_mark_is_ours (sweep->ctx, mark)) {
        return false;
    }
    for (const char *const *id = sweep->live; *id; id++) {
        if (!strcmp (*id, vm_id)) {
            return false;
        }
    }
    r = netlink_get (sweep->nl, name, &link);
    if (r == 0 ? !strcmp (link.alias, mark) : r != -ENODEV) {
        return false;
    }
    hv_log (sweep->ctx, HV_INFO,
            "removing the port '%s' (%s), left behind by a VM that no longer "
            "exists",
            name, mark);
    return true;
}

int
ovs_sweep (struct hv_ctx *ctx, const struct hv_options *options,
           const char *const live[])
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    CLEANUP_OVSDB struct ovsdb db = { .fd = -1 };
    struct sweep sweep = { ctx, &nl, live };
    struct settings s;
    int r;

    if ((r = section_read (ctx, options, &s)) < 0
        || (r = port_connect (ctx, &nl)) < 0) {
        return r;
    }
    ovsdb_init (&db, ctx, s.socket, LIMIT);
    r = ovsdb_open (&db);
    if (r == -ENOENT || r == -ECONNREFUSED) {
        hv_log (ctx, HV_DEBUG, "cannot look for ports left behind: %s",
                db.reason);
        return 0;
    }
    if (r < 0 || ports_sweep (&db, s.bridge, is_stale, &sweep) < 0) {
        return hv_fail (ctx, db.error, "%s", db.reason);
    }
    return 0;
}
