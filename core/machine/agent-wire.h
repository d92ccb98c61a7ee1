/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The protocol of QEMU's guest agent: one JSON object a line, in either
 * direction (QEMU, docs/interop/qemu-ga-ref).  There is no greeting, replies
 * have no numbers, and those to an earlier client may still come; so each
 * command is preceded by guest-sync-delimited, whose reply follows a byte 0xFF,
 * which no reply contains.
 *
 * All replies are the guest's, so they are not trusted: their size, their depth
 * and the time are limited. */
#ifndef CORE_AGENT_WIRE_H
#define CORE_AGENT_WIRE_H

#include <json-c/json_types.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/error.h"

struct agent_wire;

/* Takes over a connected socket.  The first sync has the number 'id' + 1: one
 * that no earlier client had. */
struct agent_wire *agent_wire_new (int fd);
struct agent_wire *agent_wire_new_at (int fd, uint32_t id);
void agent_wire_free (struct agent_wire *w);

/* Sends a command, and frees its arguments (which may be null).  Stores the
 * value of "return", the caller's, which may be of any type; 'most': the bytes
 * of a reply.  Fails with ETIMEDOUT at the time 'until' (of now_ms ()), with
 * ENOENT if the agent does not know the command, with EREMOTEIO if it refuses
 * it, and with EPROTO if its data is not a reply. */
int agent_wire_call (struct agent_wire *w, const char *command,
                     struct json_object *arguments, size_t most, int64_t until,
                     struct json_object **result, struct error *err);

/* Sends a command to which a reply is a refusal: it succeeds when 'ms'
 * milliseconds have passed without one, or the connection is closed.  Fails
 * with ETIMEDOUT if it could not be sent until 'until'. */
int agent_wire_tell (struct agent_wire *w, const char *command, int64_t ms,
                     int64_t until, struct error *err);

#endif /* CORE_AGENT_WIRE_H */
