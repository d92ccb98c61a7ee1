/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A client of OVSDB (RFC 7047): JSON-RPC 1.0 over a unix socket.
 *
 * It is independent of the database's contents (see ports.c), and reports
 * nothing to the user: like struct netlink, it stores the reason of a failure.
 * All input is untrusted: it is read incrementally, up to a limit per reply,
 * and never waited for longer than hv_remaining(). */
#ifndef PLUGINS_NET_OVS_OVSDB_H
#define PLUGINS_NET_OVS_OVSDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "hvctl/plugin.h"

#define OVSDB_MAX_REPLY (4 << 20) /* Room for some ten thousand ports. */
#define OVSDB_REASON 512

#define CLEANUP_OVSDB __attribute__ ((cleanup (ovsdb_close)))
#define CLEANUP_JSON __attribute__ ((cleanup (ovsdb_put)))

/* Receives the parameters of an "update". */
typedef void (*ovsdb_news_fn) (void *data, struct json_object *params);

/* A connection, initialised by ovsdb_init(). */
struct ovsdb {
    struct hv_ctx *ctx;
    const char *path;
    int64_t reserve;           /* Of hv_remaining(), not to be used. */
    int error;                 /* Of the last call: an errno value... */
    char reason[OVSDB_REASON]; /* ...and a sentence. */

    int fd;
    struct json_tokener *tokener;
    char buffer[4096];
    size_t at, end; /* The part that is not parsed yet. */
    size_t taken;   /* Bytes since the last request. */
    unsigned id;    /* Of the last request. */
    bool late;      /* The grace has been used up. */
    ovsdb_news_fn news;
    void *news_data;
};

/* 'limit' (ms) is the total time it may take, 0 for hv_remaining(). */
void ovsdb_init (struct ovsdb *db, struct hv_ctx *ctx, const char *path,
                 int64_t limit);

/* Resets the limit, for a connection that outlives an operation. */
void ovsdb_limit (struct ovsdb *db, int64_t limit);

/* Returns the milliseconds that are left. */
int64_t ovsdb_left (const struct ovsdb *db);

/* All of these return 0, or a negative errno value with db->error and
 * db->reason set. */

/* Connects.  Fails with ENOENT or ECONNREFUSED if no server is running. */
int ovsdb_open (struct ovsdb *db);

/* The same, after ovsdb_is_lost(): waits for a server that is starting. */
int ovsdb_reopen (struct ovsdb *db);
void ovsdb_close (struct ovsdb *db);

/* Returns whether the last call failed because the connection was lost.  The
 * request may or may not have been carried out. */
bool ovsdb_is_lost (const struct ovsdb *db);

/* Carries out 'ops', an array of operations, which it puts.  Stores an array
 * with a result for each of them, which the caller must put; ovsdb_failed()
 * checks those. */
int ovsdb_transact (struct ovsdb *db, struct json_object *ops,
                    struct json_object **results);

/* Makes the server report each change of the things in 'what' (RFC 7047,
 * 4.1.5), which it puts.  Does not wait for the reply. */
int ovsdb_monitor (struct ovsdb *db, struct json_object *what,
                   ovsdb_news_fn news, void *data);

/* Processes received data, without waiting. */
int ovsdb_hear (struct ovsdb *db);

/* Returns the index of the operation that failed, and thereby all of them, or
 * -1.  An index beyond the last is that of the commit. */
int ovsdb_failed (struct json_object *results);

/* Stores the reason of a failure, as reported by the server, for the user. */
int ovsdb_refused (struct ovsdb *db, struct json_object *results, int index);

/* Returns the error of the operation 'index': "timed out", "constraint
 * violation", ... */
bool ovsdb_failed_by (struct json_object *results, int index,
                      const char *error);

/* Checks that there is an object for each operation (RFC 7047, 4.1.3), which is
 * so unless one failed. */
int ovsdb_check (struct ovsdb *db, struct json_object *results, size_t n_ops);
int ovsdb_nonsense (struct ovsdb *db, const char *why);

/* Stores the reason from an error object or a mere string. */
int ovsdb_refuse (struct ovsdb *db, struct json_object *error);

/* Stores an error. */
int ovsdb_fail (struct ovsdb *db, int err, const char *fmt, ...)
    HV_PRINTF (3, 4);

/* Copies text from another program: printable, at most 'size', and without a
 * full stop. */
void ovsdb_words (char *out, size_t size, const char *words);

static inline void
ovsdb_put (struct json_object **o)
{
    json_object_put (*o);
}

#endif /* PLUGINS_NET_OVS_OVSDB_H */
