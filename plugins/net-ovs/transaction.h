/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Transactions that survive a restart of the server. */
#ifndef PLUGINS_NET_OVS_TRANSACTION_H
#define PLUGINS_NET_OVS_TRANSACTION_H

#include "plugins/net-ovs/ovsdb.h"

/* Makes the operations.  It is called again if the server went before it
 * answered: to do them twice must do no harm. */
typedef struct json_object *(*transaction_fn) (struct ovsdb *db,
                                               const void *data);

/* Carries them out.  Stores the results, the caller's to put; if an operation
 * fails, so does this, in the server's words. */
int transaction (struct ovsdb *db, transaction_fn build, const void *data,
                 struct json_object **results);

/* The same, but a failure is the caller's to find. */
int transaction_again (struct ovsdb *db, transaction_fn build, const void *data,
                       struct json_object **results);

/* Adds what tells ovs-vswitchd that there is something to do, selects its
 * number (the last but one of the operations), and logs "MARK: WHAT NAME" in
 * the database. */
void transaction_announce (struct json_object *ops, const char *what,
                           const char *name, const char *mark);
int64_t transaction_number (struct json_object *results);

#endif /* PLUGINS_NET_OVS_TRANSACTION_H */
