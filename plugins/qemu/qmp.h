/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A client of QEMU's control protocol (docs/interop/qmp-spec.rst of QEMU).
 *
 * What comes in is untrusted: a guest may have taken the process over.  It is
 * read incrementally, up to a limit per reply, and never waited for longer
 * than hv_remaining(). */
#ifndef PLUGINS_QEMU_QMP_H
#define PLUGINS_QEMU_QMP_H

#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "common/member.h"

#include "hvctl/plugin.h"

struct qmp;

/* Takes 'fd', which is non-blocking, reads the greeting and negotiates.  When
 * this returns 0, QEMU's main loop runs. */
int qmp_open (struct hv_ctx *ctx, int fd, struct qmp **out);

/* Closes; 'q' may be null. */
void qmp_close (struct qmp *q);

/* Sends a command and waits for its reply, past any events.  Stores what it
 * returned in '*result' (may be null), the caller's to put.  Fails with
 * ECONNRESET if QEMU ended, ETIMEDOUT, EPROTO if it talks nonsense, and EIO
 * with QEMU's words if it refused. */
int qmp_command (struct hv_ctx *ctx, struct qmp *q, const char *command,
                 struct json_object **result);

/* The same with arguments (null for none), which it frees, and with a
 * descriptor that goes with it (-1 for none), which stays the caller's.  A
 * device or file that QEMU does not have is ENODEV. */
int qmp_execute (struct hv_ctx *ctx, struct qmp *q, const char *command,
                 struct json_object *arguments, int fd,
                 struct json_object **result);

/* QEMU's own words when it last refused a command, or "". */
const char *qmp_refusal (struct qmp *q);

/* From here on failures are returned, but not told: for what takes back, so
 * that the reason stays what the user is told. */
void qmp_be_quiet (struct qmp *q);

/* Watches for the end of the device 'id', from here on. */
void qmp_watch (struct hv_ctx *ctx, struct qmp *q, const char *id);

/* Waits up to 'ms' for the device that is watched.  Returns 1 if it is gone,
 * 0 if it is not, or fails. */
int qmp_wait_gone (struct hv_ctx *ctx, struct qmp *q, int64_t ms);

/* Finds the reply to the request 'id' in what a QMP session printed; null if
 * there is none.  The caller's to put. */
struct json_object *qmp_find_reply (const char *session, const char *id);

#endif /* PLUGINS_QEMU_QMP_H */
