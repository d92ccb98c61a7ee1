/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ports in the database; see ports.h. */
#include "plugins/net-ovs/ports.h"

#include <errno.h>
#include <string.h>

#include "plugins/net-ovs/transaction.h"
#include "plugins/net-ovs/value.h"

#define MAX_TRIES 8

static struct json_object *
named (const char *name)
{
    return value_where ("name", "==", STR (name));
}

int
ports_no_bridge (struct ovsdb *db, const struct settings *s)
{
    return ovsdb_fail (
        db, ENODEV,
        "there is no bridge '%s' in Open vSwitch: create it (ovs-vsctl add-br "
        "%s), correct 'bridge', or set create = yes",
        s->bridge, s->bridge);
}

int
ports_taken (struct ovsdb *db, const char *name)
{
    return ovsdb_fail (
        db, EEXIST,
        "Open vSwitch already has a port '%s', which hvctl did not create: "
        "remove it (ovs-vsctl del-port %s) if nothing uses it",
        name, name);
}

static struct json_object *
build_view (struct ovsdb *db, const void *data)
{
    const struct ovs_port *port = data;
    struct json_object *ops = json_object_new_array ();

    value_select (ops, "Open_vSwitch", NULL, "datapath_types", "iface_types",
                  "dpdk_initialized", "other_config", "cur_cfg", "next_cfg",
                  NULL);
    value_select (ops, "Bridge", named (port->settings->bridge),
                  "datapath_type", NULL);
    value_select (ops, "Port", named (port->name), PORTS_IDS, NULL);
    return ops;
}

int
ports_view (struct ovsdb *db, const struct ovs_port *port, struct ovs_view *out)
{
    CLEANUP_JSON struct json_object *results = NULL;
    int r = transaction (db, build_view, port, &results);
    struct json_object *ovs, *row;
    const char *type;

    if (r < 0) {
        return r;
    }
    ovs = value_row (results, 0, 0);
    row = value_row (results, 1, 0);
    out->bridge = row != NULL;
    type = row ? value_string (row, "datapath_type") : port->settings->datapath;
    out->userspace = !strcmp (type, USERSPACE);
    /* Empty until ovs-vswitchd has run once. */
    out->datapath =
        !value_any (ovs, "datapath_types")
        || value_has (ovs, "datapath_types", *type ? type : "system");
    out->dpdk = value_bool (ovs, "dpdk_initialized")
                && value_has (ovs, "iface_types", PORTS_VHOST);
    out->tso = !strcmp (value_key (ovs, "other_config", "userspace-tso-enable"),
                        "true");
    out->next_cfg = value_int (ovs, "next_cfg", 0);
    out->settled = value_int (ovs, "cur_cfg", 0) >= out->next_cfg;
    row = value_row (results, 2, 0);
    out->name = !row ? NAME_FREE
                : strcmp (value_key (row, PORTS_IDS, PORTS_OWNER), port->mark)
                    ? NAME_TAKEN
                    : NAME_OURS;
    return 0;
}

/* The keys of an interface are those that Open vSwitch's documentation has for
 * virtual machines; OVN finds the port by iface-id. */
static void
insert_interface (struct json_object *ops, const struct ovs_port *port)
{
    const struct settings *s = port->settings;
    struct json_object *row = value_insert (ops, "Interface", "i");

    value_put (row, "name", STR (port->name));
    value_put (row, PORTS_IDS,
               value_map ("iface-id", port->iface_id, "attached-mac", port->mac,
                          "iface-status", "active", "vm-id", port->vm_id,
                          PORTS_OWNER, port->mark, NULL));
    if (s->rate) {
        value_put (row, "ingress_policing_rate", INT (s->rate));
    }
    if (s->burst) {
        value_put (row, "ingress_policing_burst", INT (s->burst));
    }
    if (port->vhost_socket) {
        value_put (row, "type", STR (PORTS_VHOST));
        value_put (row, "options",
                   value_map (PORTS_PATH, port->vhost_socket, NULL));
    }
    if (port->vhost_socket && port->mtu) { /* A tap has it already. */
        value_put (row, "mtu_request", INT (port->mtu));
    }
}

static void
insert_port (struct json_object *ops, const struct ovs_port *port)
{
    const struct settings *s = port->settings;
    struct json_object *row = value_insert (ops, "Port", "p");
    struct json_object *trunks = json_object_new_array ();

    value_put (row, "name", STR (port->name));
    value_put (row, "interfaces", NAMED_UUID ("i"));
    value_put (row, PORTS_IDS,
               value_map (PORTS_OWNER, port->mark, PORTS_BRIDGE, s->bridge,
                          "vm-id", port->vm_id, NULL));
    if (s->tag != NO_TAG) {
        value_put (row, "tag", INT (s->tag));
    }
    for (int i = 0; i < VLANS; i++) {
        if (s->trunks[i]) {
            json_object_array_add (trunks, INT (i));
        }
    }
    value_put (row, "trunks", value_set (trunks));
    /* With both, OVS's default would be an access port. */
    if (s->tag != NO_TAG && s->has_trunks) {
        value_put (row, "vlan_mode", STR ("native-untagged"));
    }
}

/* As "ovs-vsctl add-br" does it: a bridge has a port of its own name. */
static void
insert_bridge (struct json_object *ops, const struct settings *s)
{
    struct json_object *row = value_insert (ops, "Interface", "bi");

    value_put (row, "name", STR (s->bridge));
    value_put (row, "type", STR ("internal"));
    row = value_insert (ops, "Port", "bp");
    value_put (row, "name", STR (s->bridge));
    value_put (row, "interfaces", NAMED_UUID ("bi"));
    row = value_insert (ops, "Bridge", "b");
    value_put (row, "name", STR (s->bridge));
    value_put (row, "datapath_type", STR (s->datapath));
    value_put (row, "ports",
               value_set (LIST (NAMED_UUID ("bp"), NAMED_UUID ("p"))));
    value_put (row, PORTS_IDS, value_map (PORTS_OWNER, "hvctl", NULL));
    value_mutate (ops, "Open_vSwitch", NULL, "bridges", "insert",
                  NAMED_UUID ("b"));
}

/* Operations whose failure has a meaning of its own. */
enum { WAIT_BRIDGE, WAIT_PORT };

static struct json_object *
build_add (const struct ovs_port *port, bool create)
{
    const struct settings *s = port->settings;
    struct json_object *ops = json_object_new_array ();

    value_wait (ops, "Bridge", named (s->bridge), "name", true,
                create ? json_object_new_array ()
                       : LIST (value_object ("name", STR (s->bridge))),
                0);
    value_wait (ops, "Port", named (port->name), "name", true,
                json_object_new_array (), 0);
    insert_interface (ops, port);
    insert_port (ops, port);
    if (create) {
        insert_bridge (ops, s);
    } else {
        value_mutate (ops, "Bridge", named (s->bridge), "ports", "insert",
                      NAMED_UUID ("p"));
    }
    transaction_announce (ops, "add", port->name, port->mark);
    return ops;
}

/* The name exists.  An earlier run of this very port may have left it: the
 * caller has made sure that it is not running any more. */
static int
take_over (struct ovsdb *db, const struct ovs_port *port)
{
    struct ovs_view view;
    int64_t removed = 0;
    int r = ports_view (db, port, &view);

    if (r == 0 && view.name == NAME_TAKEN) {
        return ports_taken (db, port->name);
    }
    if (r == 0) {
        r = ports_remove (db, port->name, port->mark, &removed);
    }
    return r == 0 && removed ? ports_settle (db, port->name, removed) : r;
}

/* One attempt.  Returns 1 if it is worth another one. */
static int
try_to_add (struct ovsdb *db, const struct ovs_port *port, bool *create,
            int64_t *next_cfg)
{
    CLEANUP_JSON struct json_object *results = NULL;
    int failed, r = ovsdb_transact (db, build_add (port, *create), &results);

    if (r < 0) {
        r = ovsdb_is_lost (db) ? ovsdb_reopen (db) : r;
        return r < 0 ? r : 1;
    }
    failed = ovsdb_failed (results);
    if (failed == WAIT_BRIDGE
        && ovsdb_failed_by (results, failed, "timed out")) {
        if (!*create && !port->settings->create) {
            return ports_no_bridge (db, port->settings);
        }
        *create = !*create; /* Another process may have created it by now. */
        return 1;
    }
    if (failed == WAIT_PORT && ovsdb_failed_by (results, failed, "timed out")) {
        r = take_over (db, port);
        return r < 0 ? r : 1;
    }
    if (failed >= 0) {
        return ovsdb_refused (db, results, failed);
    }
    *next_cfg = transaction_number (results);
    return 0;
}

int
ports_add (struct ovsdb *db, const struct ovs_port *port, int64_t *next_cfg)
{
    bool create = false;
    int r = 1;

    for (int i = 0; r == 1 && i < MAX_TRIES; i++) {
        r = try_to_add (db, port, &create, next_cfg);
    }
    return r == 1 ? ovsdb_fail (db, EBUSY,
                                "Open vSwitch's database keeps changing while "
                                "'%s' is added to '%s': try again",
                                port->name, port->settings->bridge)
                  : r;
}

struct wait {
    const char *name;
    int64_t next_cfg;
};

static struct json_object *
build_newest (struct ovsdb *db, const void *data)
{
    struct json_object *ops = json_object_new_array ();

    value_select (ops, "Open_vSwitch", NULL, "next_cfg", NULL);
    return ops;
}

/* The server answers before our own time limit, so that the reason for the wait
 * is known. */
static struct json_object *
build_settle (struct ovsdb *db, const void *data)
{
    const struct wait *w = data;
    struct json_object *ops = json_object_new_array ();
    int64_t left = ovsdb_left (db);

    value_wait (ops, "Open_vSwitch",
                value_where ("cur_cfg", "<", INT (w->next_cfg)), "cur_cfg",
                true, json_object_new_array (), left - left / 8);
    return ops;
}

enum { WAIT_CONFIG, WAIT_OFPORT, READ_INTERFACE };

static struct json_object *
build_wait (struct ovsdb *db, const void *data)
{
    const struct wait *w = data;
    struct json_object *ops = build_settle (db, data);
    int64_t left = ovsdb_left (db);

    value_wait (
        ops, "Interface", named (w->name), "ofport", false,
        LIST (value_object ("ofport", value_set (json_object_new_array ()))),
        left - left / 8);
    value_select (ops, "Interface", named (w->name), "ofport", "error", NULL);
    return ops;
}

/* Waits, and reports the cause of a timeout. */
static int
wait_for (struct ovsdb *db, transaction_fn build, const struct wait *w,
          struct json_object **results)
{
    int64_t limit = ovsdb_left (db);
    int failed, r = transaction_again (db, build, w, results);

    if (r < 0) {
        return r;
    }
    failed = ovsdb_failed (*results);
    if (ovsdb_failed_by (*results, failed, "timed out")) {
        return ovsdb_fail (db, ETIMEDOUT,
                           "ovs-vswitchd did not configure the port '%s' "
                           "within %.1f s: it is not running, stopped or "
                           "overloaded (systemctl status openvswitch-switch)",
                           w->name, (double)(limit - ovsdb_left (db)) / 1000);
    }
    return failed >= 0 ? ovsdb_refused (db, *results, failed) : 0;
}

int
ports_settle (struct ovsdb *db, const char *name, int64_t next_cfg)
{
    CLEANUP_JSON struct json_object *results = NULL;
    struct wait w = { .name = name, .next_cfg = next_cfg };

    return wait_for (db, build_settle, &w, &results);
}

/* "ofport" is -1 if the interface could not be used: the same document. */
static int
examine (struct ovsdb *db, struct json_object *row, const char *name)
{
    char words[256];

    if (!row) {
        return ovsdb_fail (db, EIO,
                           "the port '%s' was removed from Open vSwitch while "
                           "the VM was being started",
                           name);
    }
    ovsdb_words (words, sizeof words, value_string (row, "error"));
    if (*words) {
        return ovsdb_fail (db, EIO, "Open vSwitch cannot use '%s': %s", name,
                           words);
    }
    if (value_int (row, "ofport", -1) < 1) {
        return ovsdb_fail (db, EIO,
                           "Open vSwitch cannot use '%s' and does not say why: "
                           "see the log of ovs-vswitchd",
                           name);
    }
    return 0;
}

int
ports_wait (struct ovsdb *db, const char *name, int64_t next_cfg)
{
    CLEANUP_JSON struct json_object *newest = NULL, *results = NULL;
    struct wait w = { .name = name, .next_cfg = next_cfg };
    int r = 0;

    if (!next_cfg) {
        r = transaction (db, build_newest, NULL, &newest);
        w.next_cfg =
            r < 0 ? 0 : value_int (value_row (newest, 0, 0), "next_cfg", 0);
    }
    if (r == 0) {
        r = wait_for (db, build_wait, &w, &results);
    }
    return r < 0 ? r
                 : examine (db, value_row (results, READ_INTERFACE, 0), name);
}
