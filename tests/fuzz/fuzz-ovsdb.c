/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Fuzzes what answers at the socket of Open vSwitch's database, which may be
 * anything. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>

#include "plugins/net-ovs/ports.h"
#include "plugins/net-ovs/transaction.h"
#include "plugins/net-ovs/value.h"
#include "tests/kit/fake-host.h"

enum { TURNS = 3 };

static void
check_reason (const char *text)
{
    MUST (*text);
    fuzz_check_text (text, OVSDB_REASON);
}

/* All that is read of a row, of whatever it is made. */
static void
read_row (struct json_object *row)
{
    static const char *const columns[] = { "ofport",       "error", "name",
                                           "external_ids", "_uuid", "cur_cfg" };

    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        value_uuid (row, columns[i]);

        MUST (value_string (row, columns[i]));
        MUST (value_key (row, columns[i], "hvctl-owner"));
        value_int (row, columns[i], -1);
        value_bool (row, columns[i]);
        value_has (row, columns[i], "netdev");
        value_any (row, columns[i]);
    }
}

static void
read_results (struct ovsdb *db, struct json_object *results)
{
    int failed = ovsdb_failed (results);
    size_t n = json_object_array_length (results);

    MUST (failed >= -1 && failed < (int)n);
    ovsdb_failed_by (results, failed, "timed out");
    if (failed >= 0) {
        MUST (ovsdb_refused (db, results, failed) < 0);
        check_reason (db->reason);
    }
    for (size_t i = 0; i < n; i++) {
        size_t rows = value_rows (results, i);

        for (size_t k = 0; k <= rows && k < 100; k++) {
            read_row (value_row (results, i, k));
        }
    }
    transaction_number (results);
}

static int
ask (struct ovsdb *db)
{
    CLEANUP_JSON struct json_object *results = NULL;
    struct json_object *ops = json_object_new_array ();
    int r;

    value_select (ops, "Interface", NULL, "ofport", "error", NULL);
    transaction_announce (ops, "add", "tap", "hvctl:vm/lan");
    r = ovsdb_transact (db, ops, &results);
    if (r == 0) {
        read_results (db, results);
    } else {
        MUST (r == -ECONNRESET || r == -EPROTO || r == -EINVAL || r == -EMSGSIZE
              || r == -ETIMEDOUT);
        check_reason (db->reason);
    }
    return r;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t len)
{
    struct ovsdb db;
    struct fake *f;
    int fds[2], r = 0;

    if (!fuzz_connect (data, len, fds)) {
        return 0;
    }
    f = fake_new (NULL);
    fake_limit (f, 5000);
    ovsdb_init (&db, &f->ctx, "/run/db.sock", 0);
    db.fd = fds[0];
    db.tokener = json_tokener_new_ex (32);
    for (int i = 0; r == 0 && i < TURNS; i++) {
        r = ask (&db);
    }
    MUST (r < 0); /* It ends, sooner or later. */
    ovsdb_close (&db);
    close (fds[1]);
    fake_free (f);
    return 0;
}
