/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent-wire.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"

#define MAX_DEPTH 16
#define DELIMITER '\xff'

/* The maximum of data before a delimiter: the end of an earlier reply, such as
 * the output of a command, and the reply to its sync. */
#define MAX_STALE ((size_t)64 << 20)

struct agent_wire {
    int fd;
    struct json_tokener *tokener;
    char buffer[65536];
    size_t at, end;
    size_t taken, most; /* Bytes since the last command, and how many may be. */
    uint32_t id;        /* Of the last sync. */
};

static uint32_t
first_id (void)
{
    struct timespec t;

    clock_gettime (CLOCK_MONOTONIC, &t);
    return ((uint32_t)t.tv_sec << 20 ^ (uint32_t)t.tv_nsec
            ^ (uint32_t)getpid () << 12)
           & INT32_MAX;
}

struct agent_wire *
agent_wire_new (int fd)
{
    return agent_wire_new_at (fd, first_id ());
}

struct agent_wire *
agent_wire_new_at (int fd, uint32_t id)
{
    struct agent_wire *w = xalloc (sizeof *w);

    w->fd = fd;
    w->id = id;
    w->tokener = or_exit (json_tokener_new_ex (MAX_DEPTH));
    return w;
}

void
agent_wire_free (struct agent_wire *w)
{
    if (w) {
        close_fd (w->fd);
        json_tokener_free (w->tokener);
        free (w);
    }
}

static int
wait_for (struct agent_wire *w, short events, int64_t until, struct error *err)
{
    struct pollfd p = { .fd = w->fd, .events = events };

    for (;;) {
        int64_t left = until - now_ms ();
        int n;

        if (interrupt_came) {
            return fail_exit (err, EXIT_INTERRUPTED, EINTR, "interrupted");
        }
        if (left <= 0) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "the guest agent does not answer: is qemu-ga "
                              "(package qemu-guest-agent) running in the "
                              "guest?");
        }
        n = poll (&p, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (n > 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return fail (err, errno, "cannot wait for the guest agent: %m");
        }
    }
}

static int
ended (struct error *err)
{
    return fail (err, ECONNRESET,
                 "the hypervisor closed the connection to the guest agent");
}

static int
send_all (struct agent_wire *w, const char *text, size_t len, int64_t until,
          struct error *err)
{
    while (len > 0) {
        ssize_t n = send (w->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n > 0) {
            text += n;
            len -= (size_t)n;
        } else if (errno == EPIPE || errno == ECONNRESET) {
            return ended (err);
        } else if (errno != EAGAIN && errno != EINTR) {
            return fail (err, errno, "cannot write to the guest agent: %m");
        } else if (wait_for (w, POLLOUT, until, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* Is tried only when all data is used. */
static int
fill (struct agent_wire *w, int64_t until, struct error *err)
{
    for (;;) {
        ssize_t n;

        if (wait_for (w, POLLIN, until, err) < 0) {
            return -err->code;
        }
        n = recv (w->fd, w->buffer, sizeof w->buffer, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno == ECONNRESET)) {
            return ended (err);
        }
        if (n > 0) {
            w->at = 0;
            w->end = (size_t)n;
            w->taken += (size_t)n;
            break;
        }
        if (errno != EAGAIN && errno != EINTR) {
            return fail (err, errno, "cannot read from the guest agent: %m");
        }
    }
    return w->taken <= w->most
               ? 0
               : fail (err, EPROTO,
                       "the guest agent sent more than %zu bytes and no reply",
                       w->most);
}

/* Drops everything up to a delimiter. */
static int
find_delimiter (struct agent_wire *w, int64_t until, struct error *err)
{
    for (;;) {
        const char *at = w->buffer + w->at;
        const char *found = memchr (at, DELIMITER, w->end - w->at);

        if (found) {
            w->at += (size_t)(found - at) + 1;
            return 0;
        }
        w->at = w->end;
        if (fill (w, until, err) < 0) {
            return -err->code;
        }
    }
}

/* Parses what has been received, up to a delimiter: an object that one is in
 * was cut off. */
static enum json_tokener_error
parse (struct agent_wire *w, struct json_object **out)
{
    const char *at = w->buffer + w->at;
    size_t n = w->end - w->at;
    const char *delimiter = memchr (at, DELIMITER, n);

    if (delimiter == at) {
        return json_tokener_error_parse_unexpected;
    }
    n = delimiter ? (size_t)(delimiter - at) : n;
    *out = json_tokener_parse_ex (w->tokener, at, (int)n);
    w->at += json_tokener_get_parse_end (w->tokener);
    return json_tokener_get_error (w->tokener);
}

/* Reads an object. */
static int
receive (struct agent_wire *w, int64_t until, struct json_object **out,
         struct error *err)
{
    enum json_tokener_error error;
    struct json_object *o = NULL;

    json_tokener_reset (w->tokener);
    do {
        if (w->at == w->end && fill (w, until, err) < 0) {
            return -err->code;
        }
        error = parse (w, &o);
    } while (error == json_tokener_continue);
    if (error != json_tokener_success
        || !json_object_is_type (o, json_type_object)) {
        json_object_put (o);
        return fail (
            err, EPROTO, "the guest agent's data is not its protocol (%s)",
            error == json_tokener_success ? "not an object"
                                          : json_tokener_error_desc (error));
    }
    *out = o;
    return 0;
}

static int
send_command (struct agent_wire *w, const char *command,
              struct json_object *arguments, int64_t until, struct error *err)
{
    struct json_object *o = json_object_new_object ();
    const char *text;
    size_t len;
    int rc;

    json_put_text (o, "execute", command);
    if (arguments) {
        json_object_object_add (o, "arguments", arguments);
    }
    text = json_object_to_json_string_length (o, JSON_C_TO_STRING_PLAIN, &len);
    rc = send_all (w, text, len, until, err);
    json_object_put (o);
    return rc < 0 ? rc : send_all (w, "\n", 1, until, err);
}

/* The first 0xFF makes the agent drop what was left of an earlier command. */
static int
synchronise (struct agent_wire *w, int64_t until, struct error *err)
{
    static const char flush = DELIMITER;
    struct json_object *arguments = json_object_new_object ();
    bool ours = false;

    w->taken = w->end - w->at;
    w->most = MAX_STALE;
    w->id = (w->id + 1) & INT32_MAX;
    json_put_number (arguments, "id", w->id);
    if (send_all (w, &flush, 1, until, err) < 0) {
        json_object_put (arguments);
        return -err->code;
    }
    if (send_command (w, "guest-sync-delimited", arguments, until, err) < 0) {
        return -err->code;
    }
    while (!ours) {
        struct json_object *o = NULL, *id;

        if (find_delimiter (w, until, err) < 0) {
            return -err->code;
        }
        /* Half a reply to an earlier client may follow its delimiter. */
        if (receive (w, until, &o, err) < 0) {
            if (err->code != EPROTO || w->taken > w->most) {
                return -err->code;
            }
            *err = (struct error){ 0 };
            continue;
        }
        id = json_member (o, "return", json_type_int);
        ours = id && json_object_get_int64 (id) == w->id;
        json_object_put (o);
    }
    return 0;
}

/* Copies the guest's text in a form that is safe in a sentence. */
static void
clean (char *to, size_t size, const char *words)
{
    size_t left = strlen (words), n = 0;

    while (left > 0 && n + 5 < size) {
        bool partial;
        size_t len = output_utf8_length (words, left, &partial);
        bool c1 =
            len == 2 && words[0] == '\xc2' && (unsigned char)words[1] < 0xa0;

        if (!len || c1 || (unsigned char)*words < ' ' || *words == 0x7f) {
            to[n++] = '?';
            len = len ? len : 1;
        } else {
            memcpy (to + n, words, len);
            n += len;
        }
        words += len;
        left -= len;
    }
    while (n > 0 && strchr (". ", to[n - 1])) {
        n--;
    }
    to[n] = '\0';
}

static int
refused (struct json_object *error, const char *command, struct error *err)
{
    bool unknown =
        !strcmp (json_member_text (error, "class"), "CommandNotFound");
    char text[300];

    clean (text, sizeof text, json_member_text (error, "desc"));
    return fail (err, unknown ? ENOENT : EREMOTEIO,
                 "the guest agent rejected '%s': %s", command, text);
}

/* Sends a command to an agent that listens, and frees its arguments; 'most':
 * the bytes of a reply. */
static int
ask (struct agent_wire *w, const char *command, struct json_object *arguments,
     size_t most, int64_t until, struct error *err)
{
    if (synchronise (w, until, err) < 0) {
        json_object_put (arguments);
        return -err->code;
    }
    w->taken = w->end - w->at;
    w->most = most;
    return send_command (w, command, arguments, until, err);
}

int
agent_wire_call (struct agent_wire *w, const char *command,
                 struct json_object *arguments, size_t most, int64_t until,
                 struct json_object **result, struct error *err)
{
    struct json_object *o = NULL, *error, *value = NULL;
    int rc = 0;

    if (ask (w, command, arguments, most, until, err) < 0
        || receive (w, until, &o, err) < 0) {
        return -err->code;
    }
    error = json_member (o, "error", json_type_object);
    if (error) {
        rc = refused (error, command, err);
    } else if (!json_object_object_get_ex (o, "return", &value)) {
        rc = fail (err, EPROTO, "the guest agent's reply to '%s' has no result",
                   command);
    } else {
        *result = json_object_get (value);
    }
    json_object_put (o);
    return rc;
}

int
agent_wire_tell (struct agent_wire *w, const char *command, int64_t ms,
                 int64_t until, struct error *err)
{
    struct json_object *o = NULL, *error;
    struct error silence = { 0 };

    if (ask (w, command, NULL, MAX_STALE, until, err) < 0) {
        return -err->code;
    }
    if (receive (w, now_ms () + ms, &o, &silence) < 0) {
        if (silence.code == EINTR) {
            *err = silence;
        }
        return -err->code;
    }
    error = json_member (o, "error", json_type_object);
    if (error) {
        refused (error, command, err);
    }
    json_object_put (o);
    return -err->code;
}
