/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Transactions that survive a restart of the server. */
#ifndef PLUGINS_NET_OVS_TRANSACTION_H
#define PLUGINS_NET_OVS_TRANSACTION_H

#include "plugins/net-ovs/ovsdb.h"

/* Builds the operations.  It is called again if the connection is lost before
 * the reply: carrying them out twice must do no harm. */
typedef struct json_object *(*transaction_fn) (struct ovsdb *db,
                                               const void *data);

/* Carries them out.  Stores the results, which the caller must put; if an
 * operation fails, so does this, with the server's message. */
int transaction (struct ovsdb *db, transaction_fn build, const void *data,
                 struct json_object **results);

/* The same, but the caller must check for failures. */
int transaction_again (struct ovsdb *db, transaction_fn build, const void *data,
                       struct json_object **results);

/* Adds the operations that notify ovs-vswitchd of the change, select the
 * configuration's number (the last but one of the operations), and log "MARK:
 * WHAT NAME" in the database. */
void transaction_announce (struct json_object *ops, const char *what,
                           const char *name, const char *mark);
int64_t transaction_number (struct json_object *results);

#endif /* PLUGINS_NET_OVS_TRANSACTION_H */
