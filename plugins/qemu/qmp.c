/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The client of QEMU's control protocol; see qmp.h. */

#include "plugins/qemu/qmp.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/pass.h"
#include "plugins/common/wait.h"

/* The maximum of data before the end of a reply.  The replies that we request
 * have a few kilobytes, and events are limited to some per second. */
#define MAX_REPLY (1 << 20)
#define MAX_DEPTH 32

struct qmp {
    int fd;
    struct json_tokener *tokener;
    char buffer[4096];
    size_t at, end;   /* Data that has not been parsed yet. */
    size_t taken;     /* Bytes since the last command. */
    unsigned int id;  /* Of the last command... */
    unsigned int due; /* ...and of the last that was answered. */
    bool held;        /* The end of a command that was announced. */
    bool quiet;
    bool resumed; /* The guest, since the connection exists. */
    const char *refusal;
    const char *watched; /* A device's id... */
    bool gone;           /* ...and whether it is. */
};

#define FAIL(ctx, q, err, ...)                                                 \
    ((q)->quiet ? -(err) : hv_fail ((ctx), (err), __VA_ARGS__))

/* Returns QEMU's text in a form that is safe for a terminal and a sentence. */
static const char *
clean (struct hv_ctx *ctx, const char *words)
{
    char *text = hv_format (ctx, "%.300s", words);
    size_t len = strlen (text);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f) {
            text[i] = '?';
        }
    }
    while (len > 0 && strchr (". ", text[len - 1])) {
        text[--len] = '\0';
    }
    return text;
}

static int
no_answer (struct hv_ctx *ctx, struct qmp *q)
{
    return FAIL (ctx, q, ETIMEDOUT,
                 "QEMU does not answer on its control socket; it is stopped, "
                 "overloaded, or another client has the socket");
}

/* Waits until there is something to be read. */
static int
wait_for (struct hv_ctx *ctx, struct qmp *q)
{
    int rc = wait_ready (ctx, q->fd, POLLIN);

    if (rc == -ETIMEDOUT) {
        return no_answer (ctx, q);
    }
    return rc < 0 ? FAIL (ctx, q, -rc, "cannot wait for QEMU: %m") : 0;
}

static int
ended (struct hv_ctx *ctx, struct qmp *q)
{
    return FAIL (
        ctx, q, ECONNRESET,
        "QEMU exited, or closed its control socket, before it answered");
}

static int
fill (struct hv_ctx *ctx, struct qmp *q)
{
    ssize_t n;
    int rc;

    for (;;) {
        n = recv (q->fd, q->buffer, sizeof q->buffer, 0);
        if (n > 0) {
            break;
        }
        if (n == 0 || errno == ECONNRESET || errno == EPIPE) {
            return ended (ctx, q);
        }
        if (errno != EAGAIN && errno != EINTR) {
            return FAIL (ctx, q, errno, "cannot read from QEMU: %m");
        }
        rc = wait_for (ctx, q);
        if (rc < 0) {
            return rc;
        }
    }
    q->at = 0;
    q->end = (size_t)n;
    q->taken += (size_t)n;
    if (q->taken > MAX_REPLY) {
        return FAIL (ctx, q, EPROTO,
                     "QEMU sent more than %d bytes and no reply; kill the "
                     "VM",
                     MAX_REPLY);
    }
    return 0;
}

/* Notes the removal of the device that is watched (qapi/qdev.json:
 * DEVICE_DELETED; its components have such events, too, without an id), and
 * that the guest runs (qapi/run-state.json: RESUME). */
static void
note_event (struct qmp *q, struct json_object *o)
{
    const char *event = json_member_text (o, "event");

    q->resumed |= !strcmp (event, "RESUME");
    if (q->watched && !strcmp (event, "DEVICE_DELETED")) {
        struct json_object *data = json_member (o, "data", json_type_object);

        q->gone |= !strcmp (json_member_text (data, "device"), q->watched);
    }
}

/* Reads one message: always an object. */
static int
receive (struct hv_ctx *ctx, struct qmp *q, struct json_object **out)
{
    enum json_tokener_error error;
    struct json_object *o;
    int rc;

    do {
        if (q->at == q->end) {
            rc = fill (ctx, q);
            if (rc < 0) {
                return rc;
            }
        }
        o = json_tokener_parse_ex (q->tokener, q->buffer + q->at,
                                   (int)(q->end - q->at));
        error = json_tokener_get_error (q->tokener);
        q->at += json_tokener_get_parse_end (q->tokener);
    } while (error == json_tokener_continue);
    if (error != json_tokener_success
        || !json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        return FAIL (
            ctx, q, EPROTO,
            "the data on QEMU's control socket is not QMP (%s); kill the VM",
            error == json_tokener_success ? "not an object"
                                          : json_tokener_error_desc (error));
    }
    note_event (q, o);
    *out = o;
    return 0;
}

/* Sends 'text', and with its first byte the descriptor, if there is one. */
static int
send_all (struct hv_ctx *ctx, struct qmp *q, const char *text, int fd)
{
    int rc = wait_send_all (ctx, q->fd, text, strlen (text), &fd, fd >= 0);

    if (rc == -EPIPE || rc == -ECONNRESET) {
        return ended (ctx, q);
    }
    if (rc == -ETIMEDOUT) {
        return no_answer (ctx, q);
    }
    return rc < 0 ? FAIL (ctx, q, -rc, "cannot write to QEMU: %m") : 0;
}

/* Is it the reply that is due?  Events, which may come between command and
 * reply, have no id; neither have replies to what we cannot have sent. */
static bool
is_reply (struct qmp *q, struct json_object *o)
{
    struct json_object *id = json_member (o, "id", json_type_int);

    return id && json_object_get_int64 (id) == q->due
           && !json_object_object_get_ex (o, "event", NULL);
}

static int
take_reply (struct hv_ctx *ctx, struct qmp *q, const char *command,
            struct json_object *o, struct json_object **result)
{
    struct json_object *error = json_member (o, "error", json_type_object);
    struct json_object *value;

    if (error) {
        bool missing =
            !strcmp (json_member_text (error, "class"), "DeviceNotFound");

        q->refusal = clean (ctx, json_member_text (error, "desc"));
        return FAIL (ctx, q, missing ? ENODEV : EIO, "QEMU rejected '%s': %s",
                     command, q->refusal);
    }
    if (!json_object_object_get_ex (o, "return", &value)) {
        return FAIL (ctx, q, EPROTO,
                     "QEMU's reply to '%s' has no result; kill the VM",
                     command);
    }
    if (result) {
        *result = json_object_get (value);
    }
    return 0;
}

/* The end of every command. */
#define END "}\n"

/* Returns the line that asks for it.  Frees the arguments. */
static const char *
request (struct hv_ctx *ctx, const char *command, struct json_object *arguments,
         unsigned int id)
{
    const char *text = hv_format (ctx, "{\"execute\":\"%s\"%s%s,\"id\":%u" END,
                                  command, arguments ? ",\"arguments\":" : "",
                                  arguments ? json_object_to_json_string_ext (
                                      arguments, JSON_C_TO_STRING_PLAIN)
                                            : "",
                                  id);

    json_object_put (arguments);
    return text;
}

int
qmp_announce (struct hv_ctx *ctx, struct qmp *q, const char *command,
              struct json_object *arguments)
{
    const char *text = request (ctx, command, arguments, ++q->id);

    q->held = true;
    return send_all (
        ctx, q,
        hv_format (ctx, "%.*s", (int)(strlen (text) - strlen (END)), text), -1);
}

bool
qmp_is_held (struct qmp *q)
{
    return q->held;
}

int
qmp_begin (struct hv_ctx *ctx, struct qmp *q, const char *command,
           struct json_object *arguments)
{
    if (q->held) {
        q->held = false;
        json_object_put (arguments);
        return send_all (ctx, q, END, -1);
    }
    return send_all (ctx, q, request (ctx, command, arguments, ++q->id), -1);
}

int
qmp_end (struct hv_ctx *ctx, struct qmp *q, const char *command,
         struct json_object **result)
{
    int rc = 0;

    q->taken = q->end - q->at;
    q->refusal = "";
    q->due++;
    while (rc == 0) {
        struct json_object *o = NULL;
        bool ours;

        rc = receive (ctx, q, &o);
        ours = rc == 0 && is_reply (q, o);
        if (ours) {
            rc = take_reply (ctx, q, command, o, result);
        }
        json_object_put (o);
        if (ours) {
            break;
        }
    }
    return rc;
}

int
qmp_execute (struct hv_ctx *ctx, struct qmp *q, const char *command,
             struct json_object *arguments, int fd, struct json_object **result)
{
    int rc = send_all (ctx, q, request (ctx, command, arguments, ++q->id), fd);

    return rc < 0 ? rc : qmp_end (ctx, q, command, result);
}

int
qmp_command (struct hv_ctx *ctx, struct qmp *q, const char *command,
             struct json_object **result)
{
    return qmp_execute (ctx, q, command, NULL, -1, result);
}

const char *
qmp_refusal (struct qmp *q)
{
    return q->refusal;
}

bool
qmp_has_resumed (struct qmp *q)
{
    return q->resumed;
}

void
qmp_be_quiet (struct qmp *q)
{
    q->quiet = true;
}

void
qmp_watch (struct hv_ctx *ctx, struct qmp *q, const char *id)
{
    q->watched = hv_format (ctx, "%s", id);
    q->gone = false;
}

int
qmp_wait_gone (struct hv_ctx *ctx, struct qmp *q, int64_t ms)
{
    int64_t until = hv_remaining (ctx) - ms;

    until = until > 0 ? until : 0;
    while (!q->gone) {
        int64_t left = hv_remaining (ctx) - until;
        struct json_object *o = NULL;
        int rc;

        if (left <= 0) {
            return 0;
        }
        if (q->at == q->end) {
            rc = wait_a_while (q->fd, POLLIN, left);
            if (rc < 0) {
                return FAIL (ctx, q, -rc, "cannot wait for QEMU: %m");
            }
            if (rc == 0) {
                continue;
            }
        }
        q->taken = 0;
        rc = receive (ctx, q, &o);
        json_object_put (o);
        if (rc < 0) {
            return rc;
        }
    }
    return 1;
}

/* An event, or the reply to who was here before: QEMU has the new connection
 * for a moment before it knows that (monitor/qmp.c: CHR_EVENT_OPENED is a
 * bottom half), and sends such things to it. */
static bool
is_for_another (struct json_object *o)
{
    return json_object_object_get_ex (o, "event", NULL)
           || json_object_object_get_ex (o, "return", NULL)
           || json_object_object_get_ex (o, "error", NULL);
}

/* Does the greeting offer commands "out of band"?  None is sent: but only with
 * these enabled QEMU reads a command while it carries out another one. */
static bool
offers_oob (struct json_object *greeting)
{
    return strstr (json_object_to_json_string (greeting), "\"oob\"") != NULL;
}

/* "On connect the server sends a greeting"; only then it takes commands, and
 * only qmp_capabilities at first. */
static int
greet (struct hv_ctx *ctx, struct qmp *q, bool first)
{
    struct json_object *o, *wanted = NULL;
    bool another;
    int rc;

    do {
        o = NULL;
        rc = receive (ctx, q, &o);
        another = rc == 0 && is_for_another (o);
        if (rc == 0 && !another && !json_member (o, "QMP", json_type_object)) {
            rc = FAIL (ctx, q, EPROTO,
                       "the server on the control socket is not QEMU");
        }
        if (rc == 0 && !another && first && offers_oob (o)) {
            wanted = json_tokener_parse ("{\"enable\":[\"oob\"]}");
        }
        json_object_put (o);
    } while (another);
    return rc < 0 ? rc
                  : qmp_execute (ctx, q, "qmp_capabilities", wanted, -1, NULL);
}

/* Replies to who was here before may come later, too: none has our numbers. */
static unsigned int
first_id (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return ((unsigned int)t.tv_sec << 20 ^ (unsigned int)t.tv_nsec) & INT32_MAX;
}

int
qmp_open (struct hv_ctx *ctx, int fd, bool first, struct qmp **out)
{
    struct qmp *q = calloc (1, sizeof *q);
    int rc;

    if (!q) {
        close_fd (fd);
        return hv_fail (ctx, ENOMEM, "out of memory");
    }
    q->fd = fd;
    q->refusal = "";
    q->id = q->due = first ? 0 : first_id ();
    q->tokener = json_tokener_new_ex (MAX_DEPTH);
    rc = q->tokener ? greet (ctx, q, first)
                    : hv_fail (ctx, ENOMEM, "out of memory");
    if (rc < 0) {
        qmp_close (q);
        return rc;
    }
    *out = q;
    return 0;
}

void
qmp_close (struct qmp *q)
{
    if (q) {
        close_fd (q->fd);
        if (q->tokener) {
            json_tokener_free (q->tokener);
        }
        free (q);
    }
}

struct json_object *
qmp_find_reply (const char *session, const char *id)
{
    struct json_tokener *tokener = json_tokener_new_ex (MAX_DEPTH);
    size_t left = strlen (session);
    struct json_object *found = NULL;

    while (tokener && left > 0 && left < INT_MAX && !found) {
        struct json_object *value = NULL;
        struct json_object *o =
            json_tokener_parse_ex (tokener, session, (int)left);
        size_t used = json_tokener_get_parse_end (tokener);

        if (json_tokener_get_error (tokener) != json_tokener_success
            || used == 0) {
            json_object_put (o);
            break;
        }
        session += used;
        left -= used;
        if (!strcmp (json_member_text (o, "id"), id)
            && json_object_object_get_ex (o, "return", &value)) {
            found = json_object_get (value);
        }
        json_object_put (o);
    }
    if (tokener) {
        json_tokener_free (tokener);
    }
    return found;
}
