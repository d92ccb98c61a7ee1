/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* net-ovs: each port is a tap, or a vhost-user socket, in a bridge of Open
 * vSwitch.
 *
 * The tap is ours and not persistent: Open vSwitch is told by its name to use
 * it, with type "" (of type "tap", Open vSwitch would open it itself, and then
 * no hypervisor can).  What Open vSwitch knows of it is in its database
 * (ports.c), which is spoken to directly (ovsdb.c) and not by running
 * ovs-vsctl: a transaction takes a fiftieth of that program's start. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/mac.h"
#include "hvctl/plugin.h"
#include "plugins/common/port.h"
#include "plugins/common/tap.h"
#include "plugins/net-ovs/ovsdb.h"
#include "plugins/net-ovs/ports.h"
#include "plugins/net-ovs/section.h"
#include "plugins/net-ovs/sweep.h"
#include "plugins/net-ovs/vhost.h"
#include "plugins/net-ovs/monitor.h"

/* ovs-vswitchd takes 10 ms for a port, but seconds if it has to undo a
 * thousand first. */
#define LIMIT 10000

/* State of attach() for ready(): the connection, on which the server reports
 * the progress of the port. */
struct pending {
    struct pending *next;
    const char *ifname;
    int64_t next_cfg;
    struct ovsdb db;
    struct monitor monitor;
};

struct self {
    struct pending *pending;
};

static int
report (struct hv_ctx *ctx, const struct ovsdb *db)
{
    return hv_fail (ctx, db->error, "%s", db->reason);
}

/* OVN and similar software find the port by this ID: it is as unique as the
 * VM's UUID, and known beforehand. */
static const char *
iface_id (struct hv_ctx *ctx, const struct hv_port *port)
{
    return hv_format (ctx, "%s-%s", port->vm_uuid ? port->vm_uuid : port->vm,
                      port->name);
}

/* Fills in the description of the port. */
static int
describe (struct hv_ctx *ctx, const struct hv_port *port,
          const struct settings *s, struct ovs_port *out)
{
    char mac[MAC_TEXT];
    int r = port_mtu (ctx, port, &out->mtu);

    out->settings = s;
    out->name = port->ifname;
    out->mark = port_mark (ctx, port);
    out->vm = port->vm;
    out->vm_id = port->vm_uuid ? port->vm_uuid : "";
    out->iface_id = iface_id (ctx, port);
    out->mac = hv_format (ctx, "%s", format_mac (port->mac, mac));
    if (r == 0 && s->vhost_user) {
        r = vhost_path (ctx, port, s->vhost_dir, &out->vhost_socket);
    }
    return r;
}

/* Reads the section, connects, and queries the existing objects. */
static int
look (struct hv_ctx *ctx, const struct hv_port *port, struct settings *s,
      struct ovs_port *want, struct ovsdb *db, struct ovs_view *view)
{
    int r;

    if ((r = section_read (ctx, port->options, s)) < 0
        || (r = describe (ctx, port, s, want)) < 0) {
        return r;
    }
    ovsdb_init (db, ctx, s->socket, LIMIT);
    r = ovsdb_open (db);
    if (r == 0) {
        r = ports_view (db, want, view);
    }
    if (r == 0 && !view->bridge && !s->create) {
        r = ports_no_bridge (db, s);
    }
    return r < 0 ? report (ctx, db) : 0;
}

/* The userspace datapath forwards packets as the guest left them: checksums are
 * wrong and large segments are dropped, unless it is configured otherwise. */
static int
decide_offload (struct hv_ctx *ctx, const struct settings *s,
                const struct ovs_view *view, bool *out)
{
    bool possible = !view->userspace || view->tso;

    *out = s->offload == OFFLOAD_AUTO ? possible : s->offload == OFFLOAD_YES;
    if (*out && !possible) {
        return hv_fail (
            ctx, ENOTSUP,
            "the datapath of the bridge '%s' is \"netdev\", which does not "
            "complete checksums and segmentation: remove 'offload', or set "
            "userspace-tso-enable in Open vSwitch",
            s->bridge);
    }
    return 0;
}

static int
check_vhost (struct hv_ctx *ctx, const struct settings *s,
             const struct ovs_view *view)
{
    if (!view->dpdk) {
        return hv_fail (
            ctx, ENOTSUP,
            "'vhost_user' needs an Open vSwitch with DPDK, and this one has no "
            "DPDK or has not initialised it: install openvswitch-switch-dpdk "
            "and set dpdk-init, or remove 'vhost_user'");
    }
    if (!view->userspace) {
        return hv_fail (ctx, ENOTSUP,
                        "'vhost_user' needs a bridge of datapath_type "
                        "\"netdev\", and '%s' is not one",
                        s->bridge);
    }
    return 0;
}

static int
check_tap (struct hv_ctx *ctx, const struct hv_port *port)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    int r;

    if ((r = port_queues (ctx, port)) < 0 || (r = port_permission (ctx)) < 0
        || (r = port_connect (ctx, &nl)) < 0
        || (r = port_name_free (ctx, &nl, port)) < 0) {
        return r;
    }
    return tap_possible (ctx);
}

static int
check_view (struct hv_ctx *ctx, const struct hv_port *port,
            const struct settings *s, struct ovsdb *db,
            const struct ovs_view *view)
{
    if (view->name == NAME_TAKEN) {
        ports_taken (db, port->ifname);
        return report (ctx, db);
    }
    if (!view->datapath) {
        return hv_fail (ctx, ENOTSUP,
                        "this Open vSwitch has no datapath for the bridge "
                        "'%s': load the kernel's module (modprobe "
                        "openvswitch), or use the datapath_type \"netdev\"",
                        s->bridge);
    }
    return s->vhost_user ? check_vhost (ctx, s, view) : check_tap (ctx, port);
}

static int
ovs_check (struct hv_ctx *ctx, const struct hv_port *port, struct hv_nic *out)
{
    CLEANUP_OVSDB struct ovsdb db = { .fd = -1 };
    struct ovs_port want = { 0 };
    struct ovs_view view = { 0 };
    struct settings s;
    int r;

    if ((r = look (ctx, port, &s, &want, &db, &view)) < 0
        || (r = section_check (ctx, &s)) < 0
        || (r = check_view (ctx, port, &s, &db, &view)) < 0
        || (r = decide_offload (ctx, &s, &view, &out->offload)) < 0) {
        return r;
    }
    if (s.rate && view.userspace && !s.vhost_user) {
        hv_log (
            ctx, HV_WARNING,
            "ingress_rate has no effect on the bridge '%s': its datapath is "
            "\"netdev\", which reads packets before the kernel's policing",
            s.bridge);
    }
    out->queues = port->queues;
    out->mtu = want.mtu;
    if (s.vhost_user) {
        out->kind = HV_NIC_VHOST_USER;
        out->socket = want.vhost_socket;
        out->offload = s.offload != OFFLOAD_NO; /* Checked by DPDK itself. */
    } else {
        out->kind = HV_NIC_TAP;
        out->ifname = hv_format (ctx, "%s", port->ifname);
    }
    return 0;
}

/* Packets begin with a struct virtio_net_hdr even where offloads are off:
 * cloud-hypervisor has no taps without one, and a guest without offloads
 * requests none in it. */
static int
make_tap (struct hv_ctx *ctx, const struct hv_port *port,
          const struct ovs_port *want, int fds[])
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    uint8_t mac[6];
    struct netlink_change change = {
        .name = port->ifname,
        .mac = mac,
        .alias = want->mark,
        .mtu = want->mtu,
        .up = true,
    };
    int r;

    if ((r = port_queues (ctx, port)) < 0 || (r = port_connect (ctx, &nl)) < 0
        || (r = tap_open (ctx, &nl, port, true, fds)) < 0) {
        return r;
    }
    tap_mac (port, mac);
    if (netlink_set (&nl, &change) < 0) {
        tap_close (port, fds);
        return hv_fail (ctx, nl.error,
                        "the kernel refused to set up the tap '%s': %s",
                        port->ifname, nl.reason);
    }
    return 0;
}

static struct pending *
new_pending (struct hv_ctx *ctx, const char *ifname)
{
    struct pending *p = hv_alloc (ctx, sizeof *p);

    p->ifname = hv_format (ctx, "%s", ifname);
    p->db.fd = -1;
    return p;
}

static void
keep (struct hv_ctx *ctx, struct pending *p)
{
    struct self *self = ctx->self;

    p->next = self->pending;
    self->pending = p;
}

static void
let_go (struct pending *p)
{
    monitor_end (&p->monitor);
    ovsdb_close (&p->db);
}

/* The kept state of this port, or null. */
static struct pending *
recall (struct hv_ctx *ctx, const char *ifname)
{
    const struct self *self = ctx->self;

    for (struct pending *p = self->pending; p; p = p->next) {
        if (!strcmp (p->ifname, ifname)) {
            return p;
        }
    }
    return NULL;
}

/* Waits until removed ports of this name have disappeared; see ports_settle().
 * Ports that we have added are not waited for. */
static int
settle (struct hv_ctx *ctx, const struct hv_port *port, struct ovsdb *db,
        const struct ovs_view *view)
{
    const struct self *self = ctx->self;

    if (view->settled
        || (self->pending && self->pending->next_cfg == view->next_cfg)) {
        return 0;
    }
    return ports_settle (db, port->ifname, view->next_cfg) < 0
               ? report (ctx, db)
               : 0;
}

/* The tap is created first: since there was none, a row of this name and mark
 * was left behind. */
static int
ovs_attach (struct hv_ctx *ctx, const struct hv_port *port, int fds[])
{
    struct pending *p = new_pending (ctx, port->ifname);
    struct ovs_port want = { 0 };
    struct ovs_view view = { 0 };
    struct settings s;
    int r = look (ctx, port, &s, &want, &p->db, &view);

    if (r == 0) {
        r = settle (ctx, port, &p->db, &view);
    }
    if (r == 0) {
        r = s.vhost_user ? vhost_listen (ctx, want.vhost_socket, &fds[0])
                         : make_tap (ctx, port, &want, fds);
    }
    if (r < 0) {
        let_go (p);
        return r;
    }
    monitor_begin (&p->monitor, &p->db, p->ifname);
    if (ports_add (&p->db, &want, &p->next_cfg) < 0) {
        tap_close (port, fds);
        if (s.vhost_user) {
            vhost_remove (ctx, want.vhost_socket);
        }
        r = report (ctx, &p->db);
        let_go (p);
        return r;
    }
    keep (ctx, p);
    return 0;
}

/* ovs-vswitchd makes a port promiscuous by writing back all of the flags that
 * it had seen (update_flags() in lib/netdev-linux.c): where those are of before
 * the tap was up, it takes the tap down.  It has done so once it has taken up
 * the port. */
static int
bring_up (struct hv_ctx *ctx, const struct hv_port *port)
{
    CLEANUP_NETLINK struct netlink nl = { 0 };
    struct netlink_change change = { .name = port->ifname, .up = true };
    int r = port_connect (ctx, &nl);

    if (r == 0 && netlink_set (&nl, &change) < 0) {
        return hv_fail (ctx, nl.error, "cannot bring up the tap '%s': %s",
                        port->ifname, nl.reason);
    }
    return r;
}

/* Usually the server has reported success by now, and need not be asked. */
static int
wait_for_port (struct hv_ctx *ctx, const struct hv_port *port,
               const struct settings *s)
{
    struct pending *p = recall (ctx, port->ifname);
    CLEANUP_OVSDB struct ovsdb db = { .fd = -1 };
    bool up = false;

    if (p && p->db.fd >= 0) {
        ovsdb_limit (&p->db, LIMIT);
        up = monitor_is_up (&p->monitor, &p->db, p->next_cfg);
        let_go (p);
    }
    if (up) {
        return 0;
    }
    ovsdb_init (&db, ctx, s->socket, LIMIT);
    if (ovsdb_open (&db) < 0
        || ports_wait (&db, port->ifname, p ? p->next_cfg : 0) < 0) {
        return report (ctx, &db);
    }
    return 0;
}

static int
ovs_ready (struct hv_ctx *ctx, const struct hv_port *port)
{
    struct settings s;
    int r = section_read (ctx, port->options, &s);

    if (r == 0) {
        r = wait_for_port (ctx, port, &s);
    }
    return r < 0 || s.vhost_user ? r : bring_up (ctx, port);
}

static int
ovs_detach (struct hv_ctx *ctx, const struct hv_port *port)
{
    struct pending *p = recall (ctx, port->ifname);
    CLEANUP_OVSDB struct ovsdb db = { .fd = -1 };
    const char *socket = NULL;
    struct settings s;
    int r = section_read (ctx, port->options, &s);

    if (r < 0) {
        return r;
    }
    if (p) {
        let_go (p);
    }
    if (!s.vhost_user) {
        r = tap_delete (ctx, port);
    }
    ovsdb_init (&db, ctx, s.socket, LIMIT);
    if (ovsdb_open (&db) < 0
        || ports_remove (&db, port->ifname, port_mark (ctx, port), NULL) < 0) {
        return report (ctx, &db);
    }
    if (s.vhost_user && vhost_path (ctx, port, s.vhost_dir, &socket) == 0) {
        vhost_remove (ctx, socket);
    }
    return r;
}

static int
ovs_open (struct hv_ctx *ctx)
{
    ctx->self = hv_alloc (ctx, sizeof (struct self));
    return 0;
}

static void
ovs_close (struct hv_ctx *ctx)
{
    const struct self *self = ctx->self;

    for (struct pending *p = self->pending; p; p = p->next) {
        let_go (p);
    }
}

static const struct hv_network network = {
    .size = sizeof network,
    .type = "ovs",
    .keys = ovs_keys,
    .check = ovs_check,
    .attach = ovs_attach,
    .ready = ovs_ready,
    .detach = ovs_detach,
    .sweep = ovs_sweep,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "net-ovs",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "ports on an Open vSwitch bridge",
    .open = ovs_open,
    .close = ovs_close,
    .network = &network,
};
