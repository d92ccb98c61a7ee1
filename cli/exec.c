/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* exec: a command in a guest, run by its agent. */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "cli/document.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/clock.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"
#include "core/machine/agent-exec.h"

#define DEFAULT_TIMEOUT 60000 /* ms */

/* hvctl's own failures, as those of ssh: the others are statuses of the
 * command. */
#define EXIT_OWN 255

/* Reads standard input to its end. */
static int
read_input (char *data, size_t *used, int64_t until, struct error *err)
{
    for (;;) {
        struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
        int64_t left = until - now_ms ();
        ssize_t n = 0;

        if (interrupt_came) {
            return fail_exit (err, EXIT_INTERRUPTED, EINTR, "interrupted");
        }
        if (left <= 0) {
            return fail_exit (err, EXIT_TIMEOUT, ETIMEDOUT,
                              "standard input does not end (--no-stdin does "
                              "not read it): nothing was run");
        }
        if (poll (&p, 1, (int)(left < 1000 ? left : 1000)) <= 0) {
            continue;
        }
        n = read (STDIN_FILENO, data + *used, AGENT_INPUT + 1 - *used);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return fail (err, errno, "cannot read standard input: %m");
        }
        if (n == 0) {
            return 0;
        }
        *used += n > 0 ? (size_t)n : 0;
        if (*used > AGENT_INPUT) {
            return fail (err, EFBIG,
                         "standard input has more than 8 MiB: copy it as a "
                         "file (hvctl cp)");
        }
    }
}

static void
print_json (struct cli *c, const struct agent_exec *x)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "name", c->args.p[0]);
    json_put_number (o, "exit_status", x->status);
    json_put_number_or_null (o, "signal", x->signal != 0, x->signal);
    json_object_object_add (
        o, "stdout",
        json_object_new_string_len (x->out ? x->out : "", (int)x->out_size));
    json_object_object_add (
        o, "stderr",
        json_object_new_string_len (x->errors ? x->errors : "",
                                    (int)x->errors_size));
    json_put_flag (o, "truncated", x->truncated);
    document_print (c, o);
}

static void
print (struct cli *c, const struct agent_exec *x)
{
    struct error ignored = { 0 };

    if (c->json) {
        print_json (c, x);
        return;
    }
    if (x->out) {
        out_bytes (x->out, x->out_size);
    }
    output_flush (&ignored);
    if (x->errors) {
        err_bytes (x->errors, x->errors_size);
    }
    if (x->truncated) {
        hvctl_warn ("%s: the guest agent dropped the end of the output, which "
                    "is longer than it keeps",
                    (const char *)c->args.p[0]);
    }
}

static int
run (struct cli *c, struct agent_exec *x, int64_t until, struct error *err)
{
    CLEANUP_FREE char *input = NULL;

    for (size_t i = 1; i < c->args.n; i++) {
        vec_add (&c->h.arena, &x->argv, c->args.p[i]);
    }
    if (!has_option (c, "no-stdin") && !isatty (STDIN_FILENO)) {
        input = xalloc (AGENT_INPUT + 1);
        if (read_input (input, &x->input_size, until, err) < 0) {
            return fail_prefix (err, "%s", (const char *)c->args.p[0]);
        }
        x->input = input;
    }
    return agent_exec_run (&c->h, c->args.p[0], x, until, err);
}

int
cmd_exec (struct cli *c)
{
    const char *timeout = option_value (c, "timeout");
    int64_t limit = DEFAULT_TIMEOUT;
    struct agent_exec x = { 0 };
    int rc;

    if (c->args.n < 2) {
        usage_error (c);
        return report (c);
    }
    if (timeout && (!parse_duration (timeout, &limit) || limit <= 0)) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--timeout '%s' is not a duration such as 90s, 5m", timeout);
        return report (c);
    }
    if (run (c, &x, now_ms () + limit, &c->err) < 0) {
        report (c);
        rc = EXIT_OWN;
    } else {
        print (c, &x);
        rc = x.status;
    }
    agent_exec_free (&x);
    return rc;
}
