/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The guest agent of a running VM whose definition says agent = yes.  It serves
 * one client at a time: a lock on the VM's run directory is held meanwhile. */
#ifndef CORE_AGENT_H
#define CORE_AGENT_H

#include <json-c/json_types.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/agent-wire.h"

struct agent {
    struct hvctl *h;
    const char *name;
    int lock;
    int64_t since; /* When it was taken. */
    struct agent_wire *wire;
};

/* The size of usual replies. */
#define AGENT_REPLY ((size_t)1 << 20)

/* Locks and connects, by the time 'until' of now_ms ().  Whether an agent
 * answers is seen by the first call. */
int agent_open (struct hvctl *h, const char *name, int64_t until,
                struct agent *a, struct error *err);
void agent_close (struct agent *a);

/* As agent_wire_call(); messages begin with the name. */
int agent_call (struct agent *a, const char *command,
                struct json_object *arguments, size_t most, int64_t until,
                struct json_object **result, struct error *err);

/* Lets others have the agent, if it has been ours for a second. */
int agent_share (struct agent *a, int64_t until, struct error *err);

/* Sends one command by a connection of its own; 'tell': its result does not
 * matter. */
int agent_ask (struct hvctl *h, const char *name, const char *command,
               struct json_object *arguments, int64_t until,
               struct json_object **result, struct error *err);
int agent_tell (struct hvctl *h, const char *name, const char *command,
                struct json_object *arguments, int64_t until,
                struct error *err);

/* Asks the guest to power off; an agent that does what it is asked does not
 * reply (guest-shutdown in the QEMU guest agent's protocol). */
int agent_powerdown (struct hvctl *h, const char *name, int64_t until,
                     struct error *err);

/* Fails unless the agent answers. */
int agent_ping (struct hvctl *h, const char *name, int64_t until,
                struct error *err);

#endif /* CORE_AGENT_H */
