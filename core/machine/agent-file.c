/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent-file.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base64.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/machine/agent.h"

/* Of one command, whose reply has a third more. */
#define PIECE ((size_t)192 << 10)
#define STEP 10000 /* ms: for each command. */

struct copy {
    struct agent a;
    const char *path, *what;
    int fd;
    int64_t handle;
    uint64_t done;
};

static int
call (struct copy *c, const char *command, struct json_object *arguments,
      struct json_object **result, struct error *err)
{
    return agent_call (&c->a, command, arguments, AGENT_REPLY, now_ms () + STEP,
                       result, err);
}

static struct json_object *
handle (const struct copy *c)
{
    struct json_object *o = json_object_new_object ();

    json_put_number (o, "handle", c->handle);
    return o;
}

static int
open_file (struct copy *c, const char *mode, struct error *err)
{
    struct json_object *o = json_object_new_object (), *result = NULL;
    int rc;

    json_put_text (o, "path", c->path);
    json_put_text (o, "mode", mode);
    rc = call (c, "guest-file-open", o, &result, err);
    if (rc == 0 && !json_object_is_type (result, json_type_int)) {
        rc = fail (err, EPROTO, "%s: the guest agent returned no handle",
                   c->a.name);
    }
    c->handle = rc == 0 ? json_object_get_int64 (result) : -1;
    json_object_put (result);
    return rc;
}

/* Also after a failure, whose message is kept: the agent has few of them. */
static int
close_file (struct copy *c, int rc, struct error *err)
{
    struct json_object *result = NULL;
    struct error own = { 0 };

    if (c->a.wire && call (c, "guest-file-close", handle (c), &result, &own) < 0
        && rc == 0) {
        *err = own;
        rc = -own.code;
    }
    json_object_put (result);
    return rc;
}

static int
write_all (struct copy *c, const char *data, size_t n, struct error *err)
{
    while (n > 0) {
        ssize_t k = write (c->fd, data, n);

        if (k > 0) {
            data += k;
            n -= (size_t)k;
        } else if (errno != EINTR || interrupt_came) {
            return fail (err, errno, "cannot write to %s: %m", c->what);
        }
    }
    return 0;
}

static int
too_large (const struct copy *c, struct error *err)
{
    return fail (err, EFBIG,
                 "%s: %s is larger than 1 GiB: use scp (hvctl ssh-config)",
                 c->a.name, c->path);
}

/* Returns 1 at the end. */
static int
get_piece (struct copy *c, struct error *err)
{
    CLEANUP_FREE char *data = NULL;
    struct json_object *o = handle (c), *result = NULL, *text;
    bool end;
    size_t n = 0;
    int rc;

    json_put_number (o, "count", PIECE);
    if (call (c, "guest-file-read", o, &result, err) < 0) {
        return -err->code;
    }
    text = json_member (result, "buf-b64", json_type_string);
    end = json_member_flag (result, "eof");
    if (!text
        || !base64_decode (json_object_get_string (text),
                           (size_t)json_object_get_string_len (text), &data, &n)
        || json_member_size (result, "count") != n || n > PIECE
        || (n == 0 && !end)) {
        rc = fail (err, EPROTO, "%s: the guest agent's reply is no part of %s",
                   c->a.name, c->path);
    } else {
        c->done += n;
        rc = c->done > AGENT_FILE_MAX ? too_large (c, err)
                                      : write_all (c, data, n, err);
    }
    json_object_put (result);
    return rc < 0 ? rc : end;
}

/* Returns 1 at the end. */
static int
put_piece (struct copy *c, char *data, struct error *err)
{
    CLEANUP_FREE char *text = NULL;
    struct json_object *o, *result = NULL;
    ssize_t n;
    int rc;

    do {
        n = read (c->fd, data, PIECE);
    } while (n < 0 && errno == EINTR && !interrupt_came);
    if (n <= 0) {
        return n < 0 ? fail (err, errno, "cannot read %s: %m", c->what) : 1;
    }
    c->done += (uint64_t)n;
    if (c->done > AGENT_FILE_MAX) {
        return fail (err, EFBIG,
                     "%s is larger than 1 GiB: use scp (hvctl ssh-config)",
                     c->what);
    }
    text = or_exit (base64_encode (data, (size_t)n));
    o = handle (c);
    json_put_text (o, "buf-b64", text);
    rc = call (c, "guest-file-write", o, &result, err);
    /* fwrite() in the agent writes all of it, or fails. */
    if (rc == 0 && json_member_size (result, "count") != (uint64_t)n) {
        rc = fail (err, EIO, "%s: the guest has not written all of %s",
                   c->a.name, c->path);
    }
    json_object_put (result);
    return rc;
}

static int
flush_file (struct copy *c, struct error *err)
{
    struct json_object *result = NULL;
    int rc = call (c, "guest-file-flush", handle (c), &result, err);

    json_object_put (result);
    return rc;
}

static int
copy (struct copy *c, bool get, struct error *err)
{
    CLEANUP_FREE char *data = get ? NULL : xalloc (PIECE);
    int rc = 0;

    while (rc == 0) {
        rc = get ? get_piece (c, err) : put_piece (c, data, err);
        if (rc == 0 && interrupt_came) {
            rc = fail_exit (err, EXIT_INTERRUPTED, EINTR, "%s: interrupted",
                            c->a.name);
        }
        if (rc == 0) {
            rc = agent_share (&c->a, now_ms () + STEP, err);
        }
    }
    return rc < 0 ? rc : get ? 0 : flush_file (c, err);
}

static int
copy_file (struct hvctl *h, const char *name, struct copy *c, bool get,
           struct error *err)
{
    int rc = agent_open (h, name, now_ms () + STEP, &c->a, err);

    if (rc < 0) {
        return rc;
    }
    rc = open_file (c, get ? "r" : "w", err);
    if (rc == 0) {
        rc = close_file (c, copy (c, get, err), err);
    }
    agent_close (&c->a);
    return rc;
}

int
agent_file_get (struct hvctl *h, const char *name, const char *path, int fd,
                const char *what, struct error *err)
{
    struct copy c = { .path = path, .what = what, .fd = fd };

    return copy_file (h, name, &c, true, err);
}

int
agent_file_put (struct hvctl *h, const char *name, const char *path, int fd,
                const char *what, struct error *err)
{
    struct copy c = { .path = path, .what = what, .fd = fd };

    return copy_file (h, name, &c, false, err);
}
