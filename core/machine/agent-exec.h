/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Commands that the guest agent runs in the guest. */
#ifndef CORE_AGENT_EXEC_H
#define CORE_AGENT_EXEC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* The maximum of standard input.  That of each output is the agent's. */
#define AGENT_INPUT ((size_t)8 << 20)

struct agent_exec {
    struct vec argv; /* char * */
    const char *input;
    size_t input_size;

    /* The results.  'out' and 'errors' are malloc'ed. */
    int status; /* 128 and the number of the signal that killed it. */
    int signal; /* Or 0. */
    char *out, *errors;
    size_t out_size, errors_size;
    bool truncated; /* The agent dropped the rest of an output. */
};

/* Runs it until it exits, or the time 'until' of now_ms ().  A command that
 * has not exited by then keeps running. */
int agent_exec_run (struct hvctl *h, const char *name, struct agent_exec *x,
                    int64_t until, struct error *err);
void agent_exec_free (struct agent_exec *x);

#endif /* CORE_AGENT_EXEC_H */
