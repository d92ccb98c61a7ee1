/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Transactions; see transaction.h. */
#include "plugins/net-ovs/transaction.h"

#include <stdio.h>

#include "plugins/net-ovs/value.h"

int
transaction_again (struct ovsdb *db, transaction_fn build, const void *data,
                   struct json_object **results)
{
    int r = ovsdb_transact (db, build (db, data), results);

    while (r < 0 && ovsdb_is_lost (db)) {
        r = ovsdb_reopen (db);
        if (r == 0) {
            r = ovsdb_transact (db, build (db, data), results);
        }
    }
    return r;
}

int
transaction (struct ovsdb *db, transaction_fn build, const void *data,
             struct json_object **results)
{
    int r = transaction_again (db, build, data, results);
    int index = r < 0 ? -1 : ovsdb_failed (*results);

    return index < 0 ? r : ovsdb_refused (db, *results, index);
}

void
transaction_announce (struct json_object *ops, const char *what,
                      const char *name, const char *mark)
{
    struct json_object *o;
    char text[256];

    value_mutate (ops, "Open_vSwitch", NULL, "next_cfg", "+=", INT (1));
    value_select (ops, "Open_vSwitch", NULL, "next_cfg", NULL);
    o = value_op (ops, "comment", NULL, NULL);
    snprintf (text, sizeof text, "%s: %s %s", mark, what, name);
    value_put (o, "comment", STR (text));
}

int64_t
transaction_number (struct json_object *results)
{
    size_t n = json_object_array_length (results);

    return n < 2 ? 0 : value_int (value_row (results, n - 2, 0), "next_cfg", 0);
}
