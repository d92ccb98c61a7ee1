/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/agent-exec.h"

#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/base64.h"
#include "common/member.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/machine/agent.h"

/* The agent keeps 16 MiB of each output (qga/commands.c), in base64. */
#define MAX_STATUS ((size_t)48 << 20)

/* ms: between two questions whether it has exited, at first and at last. */
#define FIRST_LOOK 5
#define LAST_LOOK 500
#define GRACE 1000 /* ms: for the last answer. */

static int
begin (struct agent *a, const struct agent_exec *x, int64_t until, int64_t *pid,
       struct error *err)
{
    struct json_object *o = json_object_new_object (),
                       *words = json_object_new_array (), *result = NULL, *id;
    int rc;

    json_put_text (o, "path", x->argv.p[0]);
    for (size_t i = 1; i < x->argv.n; i++) {
        json_object_array_add (words, json_object_new_string (x->argv.p[i]));
    }
    json_object_object_add (o, "arg", words);
    if (x->input_size) {
        char *text = or_exit (base64_encode (x->input, x->input_size));

        json_put_text (o, "input-data", text);
        free (text);
    }
    json_put_flag (o, "capture-output", true);
    rc = agent_call (a, "guest-exec", o, AGENT_REPLY, until, &result, err);
    id = json_member (result, "pid", json_type_int);
    *pid = id ? json_object_get_int64 (id) : -1;
    json_object_put (result);
    return rc == 0 && !id
               ? fail (err, EPROTO,
                       "%s: the guest agent did not say which process it "
                       "started",
                       a->name)
               : rc;
}

/* A missing output is empty. */
static bool
take_output (struct json_object *o, const char *key, char **data, size_t *size)
{
    struct json_object *text = json_member (o, key, json_type_string);

    return text ? base64_decode (json_object_get_string (text),
                                 (size_t)json_object_get_string_len (text),
                                 data, size)
                : !json_object_object_get_ex (o, key, NULL);
}

/* Windows has exit codes of 32 bits. */
static int
take_status (struct agent *a, struct json_object *o, struct agent_exec *x,
             struct error *err)
{
    struct json_object *number = json_member (o, "exitcode", json_type_int);
    uint64_t code = json_member_size (o, "exitcode");
    uint64_t sig = json_member_size (o, "signal");

    /* The success of nothing that said so. */
    if (!sig && (!number || json_object_get_int64 (number) < 0)) {
        return fail (err, EPROTO,
                     "%s: the guest agent did not say how the command exited",
                     a->name);
    }
    x->signal = sig < 128 ? (int)sig : 127;
    x->status = x->signal ? 128 + x->signal : code < 256 ? (int)code : 255;
    x->truncated = json_member_flag (o, "out-truncated")
                   || json_member_flag (o, "err-truncated");
    return take_output (o, "out-data", &x->out, &x->out_size)
                   && take_output (o, "err-data", &x->errors, &x->errors_size)
               ? 0
               : fail (err, EPROTO,
                       "%s: the guest agent sent output that is not base64",
                       a->name);
}

/* Returns 1 if it has exited. */
static int
look (struct agent *a, int64_t pid, int64_t until, struct agent_exec *x,
      struct error *err)
{
    struct json_object *o = json_object_new_object (), *result = NULL;
    int rc;

    json_put_number (o, "pid", pid);
    rc =
        agent_call (a, "guest-exec-status", o, MAX_STATUS, until, &result, err);
    if (rc == 0 && json_member_flag (result, "exited")) {
        rc = take_status (a, result, x, err);
        rc = rc < 0 ? rc : 1;
    }
    json_object_put (result);
    return rc;
}

static int
await (struct agent *a, int64_t pid, int64_t until, struct agent_exec *x,
       struct error *err)
{
    int64_t pause = FIRST_LOOK;
    int rc;

    while ((rc = look (a, pid, until + GRACE, x, err)) == 0) {
        int64_t left = until - now_ms ();

        if (left <= 0 || interrupt_came) {
            return fail_exit (
                err, interrupt_came ? EXIT_INTERRUPTED : EXIT_TIMEOUT,
                interrupt_came ? EINTR : ETIMEDOUT,
                "%s: %s: the command still runs in the guest, as "
                "process %lld",
                a->name, interrupt_came ? "interrupted" : "the time is over",
                (long long)pid);
        }
        poll (NULL, 0, (int)(pause < left ? pause : left));
        pause = 2 * pause < LAST_LOOK ? 2 * pause : LAST_LOOK;
        if (agent_share (a, until + GRACE, err) < 0) {
            return -err->code;
        }
    }
    return rc < 0 ? rc : 0;
}

int
agent_exec_run (struct hvctl *h, const char *name, struct agent_exec *x,
                int64_t until, struct error *err)
{
    struct agent a;
    int64_t pid;
    int rc = agent_open (h, name, until, &a, err);

    if (rc == 0) {
        rc = begin (&a, x, until, &pid, err);
        rc = rc < 0 ? rc : await (&a, pid, until, x, err);
        agent_close (&a);
    }
    return rc;
}

void
agent_exec_free (struct agent_exec *x)
{
    free (x->out);
    free (x->errors);
    x->out = x->errors = NULL;
}
