/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removes ports from the database; see ports.h. */
#include <string.h>

#include "plugins/net-ovs/ports.h"
#include "plugins/net-ovs/transaction.h"
#include "plugins/net-ovs/value.h"
#include "plugins/net-ovs/vhost.h"

struct removal {
    const char *name, *mark;
    struct json_object *found;
};

static struct json_object *
build_find (struct ovsdb *db, const void *data)
{
    const struct removal *rm = data;
    struct json_object *ops = json_object_new_array ();

    value_select (ops, "Port",
                  LIST (LIST (STR ("name"), STR ("=="), STR (rm->name)),
                        LIST (STR (PORTS_IDS), STR ("includes"),
                              value_map (PORTS_OWNER, rm->mark, NULL))),
                  "_uuid", NULL);
    return ops;
}

static void
remove_row (struct json_object *ops, struct json_object *row)
{
    const char *uuid = value_uuid (row, "_uuid");

    if (uuid) {
        value_mutate (ops, "Bridge",
                      value_where ("ports", "includes", UUID (uuid)), "ports",
                      "delete", UUID (uuid));
    }
}

/* Rows of Port and Interface are removed automatically when no bridge refers to
 * them. */
static struct json_object *
build_removal (struct ovsdb *db, const void *data)
{
    const struct removal *rm = data;
    struct json_object *ops = json_object_new_array ();

    for (size_t i = 0; i < value_rows (rm->found, 0); i++) {
        remove_row (ops, value_row (rm->found, 0, i));
    }
    transaction_announce (ops, "remove", rm->name, rm->mark);
    return ops;
}

static int
remove_found (struct ovsdb *db, struct removal *rm, int64_t *next_cfg)
{
    CLEANUP_JSON struct json_object *results = NULL;
    int r = transaction (db, build_removal, rm, &results);

    if (r == 0 && next_cfg) {
        *next_cfg = transaction_number (results);
    }
    return r;
}

int
ports_remove (struct ovsdb *db, const char *name, const char *mark,
              int64_t *next_cfg)
{
    CLEANUP_JSON struct json_object *found = NULL;
    struct removal rm = { .name = name, .mark = mark };
    int r = transaction (db, build_find, &rm, &found);

    if (r < 0 || value_rows (found, 0) == 0) {
        return r;
    }
    rm.found = found;
    return remove_found (db, &rm, next_cfg);
}

/* In a second select, vhost-user ports. */
static struct json_object *
build_ours (struct ovsdb *db, const void *data)
{
    struct json_object *ops = json_object_new_array ();

    value_select (ops, "Port",
                  value_where (PORTS_IDS, "includes",
                               value_map (PORTS_BRIDGE, data, NULL)),
                  "_uuid", "name", PORTS_IDS, NULL);
    value_select (ops, "Interface",
                  value_where ("type", "==", STR (PORTS_VHOST)), "name",
                  "options", NULL);
    return ops;
}

/* Is it a vhost-user port whose hypervisor is running, or being started? */
static bool
is_served (struct json_object *results, const char *name)
{
    for (size_t i = 0; i < value_rows (results, 1); i++) {
        struct json_object *row = value_row (results, 1, i);

        if (!strcmp (value_string (row, "name"), name)) {
            return vhost_in_use (value_key (row, "options", PORTS_PATH));
        }
    }
    return false;
}

/* Keeps those of the rows that are stale. */
static size_t
keep_stale (struct json_object *results, ports_stale_fn stale, void *data)
{
    struct json_object *rows = json_object_new_array ();
    size_t n;

    for (size_t i = 0; i < value_rows (results, 0); i++) {
        struct json_object *row = value_row (results, 0, i);
        const char *name = value_string (row, "name");
        const char *mark = value_key (row, PORTS_IDS, PORTS_OWNER);

        if (*mark && !is_served (results, name)
            && stale (data, name, mark, value_key (row, PORTS_IDS, "vm-id"))) {
            json_object_array_add (rows, json_object_get (row));
        }
    }
    n = json_object_array_length (rows);
    value_put (json_object_array_get_idx (results, 0), "rows", rows);
    return n;
}

int
ports_sweep (struct ovsdb *db, const char *bridge, ports_stale_fn stale,
             void *data)
{
    CLEANUP_JSON struct json_object *found = NULL;
    struct removal rm = { .name = "ports left behind in", .mark = bridge };
    int r = transaction (db, build_ours, bridge, &found);

    if (r < 0 || keep_stale (found, stale, data) == 0) {
        return r;
    }
    rm.found = found;
    return remove_found (db, &rm, NULL);
}
