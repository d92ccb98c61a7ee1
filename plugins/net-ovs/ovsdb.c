/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The client of OVSDB; see ovsdb.h. */
#include "plugins/net-ovs/ovsdb.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "plugins/common/wait.h"

#define DATABASE "Open_vSwitch"
#define MAX_DEPTH 32
#define GRACE 100 /* ms */
#define RETRY 20  /* ms, for conditions without an event to wait for. */

int
ovsdb_fail (struct ovsdb *db, int err, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    vsnprintf (db->reason, sizeof db->reason, fmt, args);
    va_end (args);
    db->error = err;
    return -err;
}

void
ovsdb_init (struct ovsdb *db, struct hv_ctx *ctx, const char *path,
            int64_t limit)
{
    memset (db, 0, sizeof *db);
    db->ctx = ctx;
    db->path = path;
    db->fd = -1;
    ovsdb_limit (db, limit);
}

void
ovsdb_limit (struct ovsdb *db, int64_t limit)
{
    int64_t left = hv_remaining (db->ctx);

    db->reserve = limit && limit < left ? left - limit : 0;
    db->late = false;
}

int64_t
ovsdb_left (const struct ovsdb *db)
{
    int64_t left = hv_remaining (db->ctx) - db->reserve;

    return left > 0 ? left : 0;
}

static int
no_answer (struct ovsdb *db)
{
    return ovsdb_fail (db, ETIMEDOUT,
                       "ovsdb-server does not answer at %s: it is stopped or "
                       "overloaded, or another program has the socket",
                       db->path);
}

static int
lost (struct ovsdb *db)
{
    return ovsdb_fail (
        db, ECONNRESET,
        "ovsdb-server at %s closed the connection before it answered",
        db->path);
}

static int
no_server (struct ovsdb *db)
{
    int err = errno;

    if (err == ENOENT || err == ECONNREFUSED || err == ENOTDIR) {
        return ovsdb_fail (db, err,
                           "Open vSwitch's database is not served at %s (%m): "
                           "start it (systemctl start openvswitch-switch; on "
                           "other systems openvswitch), or correct 'socket'",
                           db->path);
    }
    if (err == EACCES || err == EPERM) {
        return ovsdb_fail (db, err,
                           "cannot connect to %s: %m: run hvctl as root, or "
                           "give this user access to the socket",
                           db->path);
    }
    return ovsdb_fail (db, err, "cannot connect to %s: %m", db->path);
}

/* Where the queue of a listening unix socket is full, connect() says EAGAIN
 * and there is nothing to poll for: unix(7). */
static int
connect_to (struct ovsdb *db, const struct sockaddr_un *address)
{
    while (connect (db->fd, (const struct sockaddr *)address, sizeof *address)
           < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            return no_server (db);
        }
        if (ovsdb_left (db) <= 0) {
            return no_answer (db);
        }
        poll (NULL, 0, RETRY);
    }
    return 0;
}

int
ovsdb_open (struct ovsdb *db)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t len = strlen (db->path);
    int r;

    if (len >= sizeof address.sun_path) {
        return ovsdb_fail (db, ENAMETOOLONG,
                           "the path of a socket has at most %zu bytes: %s",
                           sizeof address.sun_path - 1, db->path);
    }
    memcpy (address.sun_path, db->path, len + 1);
    db->at = db->end = 0;
    db->tokener = json_tokener_new_ex (MAX_DEPTH);
    db->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (db->fd < 0 || !db->tokener) {
        r = ovsdb_fail (db, errno, "cannot create a socket: %m");
    } else {
        r = connect_to (db, &address);
    }
    if (r < 0) {
        ovsdb_close (db);
    }
    return r;
}

int
ovsdb_reopen (struct ovsdb *db)
{
    int r;

    ovsdb_close (db);
    do {
        poll (NULL, 0, RETRY);
        if (ovsdb_left (db) <= 0) {
            return ovsdb_fail (db, ETIMEDOUT,
                               "ovsdb-server at %s closed the connection and "
                               "did not come back",
                               db->path);
        }
        r = ovsdb_open (db);
    } while (r == -ENOENT || r == -ECONNREFUSED);
    return r;
}

void
ovsdb_close (struct ovsdb *db)
{
    close_fd (db->fd);
    db->fd = -1;
    if (db->tokener) {
        json_tokener_free (db->tokener);
        db->tokener = NULL;
    }
}

bool
ovsdb_is_lost (const struct ovsdb *db)
{
    return db->error == ECONNRESET;
}

/* Waits until the socket is ready for 'events'.  Once, it waits a little longer
 * than the time limit, so that an interrupted command still learns the
 * result. */
static int
wait_for (struct ovsdb *db, short events)
{
    int64_t left;
    int n;

    do {
        left = ovsdb_left (db);
        if (left <= 0 && !db->late) {
            db->late = true;
            left = GRACE;
        }
        if (left <= 0) {
            return no_answer (db);
        }
        n = wait_a_while (db->fd, events, left);
    } while (n == 0);
    return n < 0 ? ovsdb_fail (db, -n, "cannot wait for ovsdb-server: %m") : 0;
}

/* Returns -EAGAIN if there is no data, and it must not wait. */
static int
fill (struct ovsdb *db, bool patient)
{
    ssize_t n;
    int r;

    for (;;) {
        n = recv (db->fd, db->buffer, sizeof db->buffer, 0);
        if (n > 0) {
            break;
        }
        if (n < 0 && errno == EAGAIN && !patient) {
            return -EAGAIN;
        }
        if (n == 0 || errno == ECONNRESET || errno == EPIPE) {
            return lost (db);
        }
        if (errno != EAGAIN && errno != EINTR) {
            return ovsdb_fail (db, errno, "cannot read from ovsdb-server: %m");
        }
        r = wait_for (db, POLLIN);
        if (r < 0) {
            return r;
        }
    }
    db->at = 0;
    db->end = (size_t)n;
    db->taken += (size_t)n;
    if (db->taken > OVSDB_MAX_REPLY) {
        return ovsdb_fail (
            db, EMSGSIZE,
            "the server at %s sent more than %d bytes: is it ovsdb-server?",
            db->path, OVSDB_MAX_REPLY);
    }
    return 0;
}

int
ovsdb_nonsense (struct ovsdb *db, const char *why)
{
    return ovsdb_fail (
        db, EPROTO,
        "the server at %s does not speak OVSDB (%s): correct 'socket'",
        db->path, why);
}

/* Reads one message.  There is no separator: the parser finds the end of each,
 * and keeps the data of an incomplete one. */
static int
receive (struct ovsdb *db, bool patient, struct json_object **out)
{
    enum json_tokener_error error;
    struct json_object *o;
    int r;

    do {
        if (db->at == db->end) {
            r = fill (db, patient);
            if (r < 0) {
                return r;
            }
        }
        o = json_tokener_parse_ex (db->tokener, db->buffer + db->at,
                                   (int)(db->end - db->at));
        error = json_tokener_get_error (db->tokener);
        db->at += json_tokener_get_parse_end (db->tokener);
    } while (error == json_tokener_continue);
    if (error != json_tokener_success) {
        json_object_put (o);
        return ovsdb_nonsense (db, json_tokener_error_desc (error));
    }
    if (!json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        return ovsdb_nonsense (db, "not an object");
    }
    *out = o;
    return 0;
}

/* Sends a message, and puts it. */
static int
send_message (struct ovsdb *db, struct json_object *o)
{
    const char *text = json_object_to_json_string_ext (
        o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
    size_t len = strlen (text);
    int r = 0;

    while (r == 0 && len > 0) {
        ssize_t n = send (db->fd, text, len, MSG_NOSIGNAL);

        if (n >= 0) {
            text += n;
            len -= (size_t)n;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            r = lost (db);
        } else if (errno == EAGAIN) {
            r = wait_for (db, POLLOUT);
        } else if (errno != EINTR) {
            r = ovsdb_fail (db, errno, "cannot write to ovsdb-server: %m");
        }
    }
    json_object_put (o);
    return r;
}

/* "params" and "id" of an echo must be returned, or the server closes the
 * connection: RFC 7047, 4.1.11. */
static int
answer_echo (struct ovsdb *db, struct json_object *request)
{
    struct json_object *reply = json_object_new_object ();
    struct json_object *value = NULL;

    json_object_object_get_ex (request, "params", &value);
    json_object_object_add (reply, "result", json_object_get (value));
    json_object_object_add (reply, "error", NULL);
    value = NULL;
    json_object_object_get_ex (request, "id", &value);
    json_object_object_add (reply, "id", json_object_get (value));
    return send_message (db, reply);
}

static bool
is_reply (struct ovsdb *db, struct json_object *o)
{
    struct json_object *id;

    return !json_object_object_get_ex (o, "method", NULL)
           && json_object_object_get_ex (o, "id", &id)
           && json_object_is_type (id, json_type_int)
           && json_object_get_int64 (id) == db->id;
}

/* Handles requests and notifications of the server. */
static int
take_message (struct ovsdb *db, struct json_object *o)
{
    const char *method = json_member_text (o, "method");

    if (!strcmp (method, "echo")) {
        return answer_echo (db, o);
    }
    if (!strcmp (method, "update") && db->news) {
        db->news (db->news_data, json_member (o, "params", json_type_array));
    }
    return 0;
}

int
ovsdb_hear (struct ovsdb *db)
{
    int r;

    do {
        CLEANUP_JSON struct json_object *o = NULL;

        r = receive (db, false, &o);
        r = r < 0 ? r : take_message (db, o);
    } while (r == 0);
    return r == -EAGAIN ? 0 : r;
}

/* Waits for the reply to the last request, and handles other messages. */
static int
receive_reply (struct ovsdb *db, size_t n_ops, struct json_object **results)
{
    struct json_object *value = NULL;
    int r;

    for (;;) {
        CLEANUP_JSON struct json_object *o = NULL;

        r = receive (db, true, &o);
        if (r == 0 && !is_reply (db, o)) {
            r = take_message (db, o);
        } else if (r == 0) {
            if (json_object_object_get_ex (o, "error", &value) && value) {
                return ovsdb_refuse (db, value);
            }
            value = NULL;
            json_object_object_get_ex (o, "result", &value);
            r = ovsdb_check (db, value, n_ops);
            if (r == 0) {
                *results = json_object_get (value);
            }
            return r;
        }
        if (r < 0) {
            return r;
        }
    }
}

/* The parameters of all methods begin with the database. */
static int
request (struct ovsdb *db, const char *method, struct json_object *list)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *params = json_object_new_array ();

    json_object_array_add (params, json_object_new_string (DATABASE));
    for (size_t i = 0; i < json_object_array_length (list); i++) {
        json_object_array_add (
            params, json_object_get (json_object_array_get_idx (list, i)));
    }
    json_object_put (list);
    json_object_object_add (o, "method", json_object_new_string (method));
    json_object_object_add (o, "params", params);
    json_object_object_add (o, "id", json_object_new_int64 (++db->id));
    db->taken = db->end - db->at;
    return send_message (db, o);
}

int
ovsdb_transact (struct ovsdb *db, struct json_object *ops,
                struct json_object **results)
{
    size_t n = json_object_array_length (ops);
    int r = request (db, "transact", ops);

    return r < 0 ? r : receive_reply (db, n, results);
}

int
ovsdb_monitor (struct ovsdb *db, struct json_object *what, ovsdb_news_fn news,
               void *data)
{
    struct json_object *params = json_object_new_array ();

    db->news = news;
    db->news_data = data;
    json_object_array_add (params, NULL); /* Its name. */
    json_object_array_add (params, what);
    return request (db, "monitor", params);
}
