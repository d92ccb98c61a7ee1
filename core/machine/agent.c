/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <sys/file.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/socket.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define SOCKET "agent"
#define LOCK_AGAIN 20 /* ms: between two attempts. */
#define TURN 1000     /* ms */
#define REFUSES 300   /* ms: until then it has refused what it will not do. */

static int
check (struct hvctl *h, const char *name, struct error *err)
{
    struct vm_state s;

    state_read (h, name, &s);
    switch (s.run) {
    case RUN_UNKNOWN:
        return state_unknown (h, &s, err);
    case RUN_STOPPED:
    case RUN_STALE:
        return fail_exit (err, EXIT_NOT_RUNNING, ESRCH,
                          "%s is not running (hvctl start %s)", name, name);
    case RUN_PAUSED:
        return fail_exit (err, EXIT_NOT_RUNNING, ESRCH,
                          "%s is paused, so its guest agent cannot answer "
                          "(hvctl resume %s)",
                          name, name);
    case RUN_STARTING:
    case RUN_RUNNING:
        break;
    }
    return file_is_there (arena_format (&h->arena, "%s/" SOCKET ".sock",
                                        state_dir (h, name)))
               ? 0
               : fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                            "%s was started without a channel to its guest "
                            "agent: set agent = yes in its definition (hvctl "
                            "edit %s) and restart it",
                            name, name);
}

/* The directory is there already, so that reading something of a guest changes
 * nothing. */
static int
lock (struct hvctl *h, const char *name, int64_t until, struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (state_dir (h, name), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return fail (err, errno, "%s: cannot open %s: %m", name,
                     state_dir (h, name));
    }
    while (flock (fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return fail (err, errno, "%s: cannot lock %s: %m", name,
                         state_dir (h, name));
        }
        if (interrupt_came) {
            return fail_exit (err, EXIT_INTERRUPTED, EINTR, "%s: interrupted",
                              name);
        }
        if (now_ms () >= until) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "%s: another command is using the guest agent",
                              name);
        }
        poll (NULL, 0, LOCK_AGAIN);
    }
    return steal_fd (&fd);
}

int
agent_open (struct hvctl *h, const char *name, int64_t until, struct agent *a,
            struct error *err)
{
    int fd;

    *a = (struct agent){ .h = h, .name = name, .lock = -1 };
    /* It may have ended while another command had the agent. */
    if (check (h, name, err) < 0 || (a->lock = lock (h, name, until, err)) < 0
        || check (h, name, err) < 0) {
        agent_close (a);
        return -err->code;
    }
    a->since = now_ms ();
    fd = socket_connect (state_dir (h, name), SOCKET,
                         until > a->since ? until - a->since : 1, err);
    if (fd < 0) {
        agent_close (a);
        return fail_prefix (err, "%s", name);
    }
    a->wire = agent_wire_new (fd);
    return 0;
}

void
agent_close (struct agent *a)
{
    agent_wire_free (a->wire);
    close_fd (a->lock);
    a->wire = NULL;
    a->lock = -1;
}

int
agent_call (struct agent *a, const char *command, struct json_object *arguments,
            size_t most, int64_t until, struct json_object **result,
            struct error *err)
{
    return agent_wire_call (a->wire, command, arguments, most, until, result,
                            err)
                   < 0
               ? fail_prefix (err, "%s", a->name)
               : 0;
}

int
agent_share (struct agent *a, int64_t until, struct error *err)
{
    if (now_ms () - a->since < TURN) {
        return 0;
    }
    agent_close (a);
    /* Who waits for the lock looks that often. */
    poll (NULL, 0, 2 * LOCK_AGAIN);
    return agent_open (a->h, a->name, until, a, err);
}

int
agent_ask (struct hvctl *h, const char *name, const char *command,
           struct json_object *arguments, int64_t until,
           struct json_object **result, struct error *err)
{
    struct agent a;
    int rc = agent_open (h, name, until, &a, err);

    if (rc < 0) {
        json_object_put (arguments);
        return rc;
    }
    rc = agent_call (&a, command, arguments, AGENT_REPLY, until, result, err);
    agent_close (&a);
    return rc;
}

int
agent_tell (struct hvctl *h, const char *name, const char *command,
            struct json_object *arguments, int64_t until, struct error *err)
{
    struct json_object *result = NULL;
    int rc = agent_ask (h, name, command, arguments, until, &result, err);

    json_object_put (result);
    return rc;
}

int
agent_powerdown (struct hvctl *h, const char *name, int64_t until,
                 struct error *err)
{
    struct agent a;

    if (agent_open (h, name, until, &a, err) < 0) {
        return -err->code;
    }
    agent_wire_tell (a.wire, "guest-shutdown", REFUSES, until, err);
    agent_close (&a);
    return err->code ? fail_prefix (err, "%s", name) : 0;
}

int
agent_ping (struct hvctl *h, const char *name, int64_t until, struct error *err)
{
    return agent_tell (h, name, "guest-ping", NULL, until, err);
}
