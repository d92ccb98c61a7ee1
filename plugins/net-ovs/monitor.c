/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A monitor of the database (RFC 7047, 4.1.5); see monitor.h. */
#include "plugins/net-ovs/monitor.h"

#include <string.h>

#include "common/member.h"
#include "plugins/net-ovs/value.h"

/* Changes only: there may be a thousand other ports. */
static struct json_object *
changes (struct json_object *columns)
{
    struct json_object *o = value_object ("columns", columns);

    value_put (o, "select",
               value_object ("initial", json_object_new_boolean (false)));
    return o;
}

/* A row that has changed has all its columns in "new", one that was removed
 * has none: RFC 7047, 4.1.6. */
static void
take_interfaces (struct monitor *w, struct json_object *table)
{
    json_object_object_foreach (table, uuid, update) {
        (void)uuid;
        struct json_object *now = json_member (update, "new", json_type_object);
        struct json_object *any =
            now ? now : json_member (update, "old", json_type_object);

        if (!strcmp (value_string (any, "name"), w->name)) {
            json_object_put (w->row);
            w->row = json_object_get (now);
        }
    }
}

static void
take_config (struct monitor *w, struct json_object *table)
{
    json_object_object_foreach (table, uuid, update) {
        (void)uuid;
        w->cur_cfg = value_int (json_member (update, "new", json_type_object),
                                "cur_cfg", w->cur_cfg);
    }
}

static void
take_news (void *data, struct json_object *params)
{
    struct json_object *tables =
        params ? json_object_array_get_idx (params, 1) : NULL;
    struct json_object *table;

    if ((table = json_member (tables, "Interface", json_type_object))) {
        take_interfaces (data, table);
    }
    if ((table = json_member (tables, "Open_vSwitch", json_type_object))) {
        take_config (data, table);
    }
}

void
monitor_begin (struct monitor *w, struct ovsdb *db, const char *name)
{
    struct json_object *what = value_object (
        "Interface",
        changes (LIST (STR ("name"), STR ("ofport"), STR ("error"))));

    *w = (struct monitor){ .name = name };
    value_put (what, "Open_vSwitch", changes (LIST (STR ("cur_cfg"))));
    ovsdb_monitor (db, what, take_news, w);
}

bool
monitor_is_up (struct monitor *w, struct ovsdb *db, int64_t next_cfg)
{
    return ovsdb_hear (db) == 0 && next_cfg > 0 && w->cur_cfg >= next_cfg
           && w->row && value_int (w->row, "ofport", -1) >= 1
           && !*value_string (w->row, "error");
}

void
monitor_end (struct monitor *w)
{
    json_object_put (w->row);
    w->row = NULL;
}
