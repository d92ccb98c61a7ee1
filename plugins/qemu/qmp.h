/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A client of QEMU's control protocol (docs/interop/qmp-spec.rst of QEMU).
 *
 * All input is untrusted: a guest may have compromised the process.  It is
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

/* Sends a command and waits for its reply, skipping events.  Stores the
 * result in '*result' (may be null), which the caller must put.  Fails with
 * ECONNRESET if QEMU exited, ETIMEDOUT, EPROTO if the reply is invalid, and EIO
 * with QEMU's error message if it refused. */
int qmp_command (struct hv_ctx *ctx, struct qmp *q, const char *command,
                 struct json_object **result);

/* The same with arguments (null for none), which it frees, and with a
 * descriptor that is passed along (-1 for none), which still belongs to the
 * caller.  A missing device or file of QEMU is ENODEV. */
int qmp_execute (struct hv_ctx *ctx, struct qmp *q, const char *command,
                 struct json_object *arguments, int fd,
                 struct json_object **result);

/* Returns QEMU's error message when it last refused a command, or "". */
const char *qmp_refusal (struct qmp *q);

/* From here on failures are returned, but not reported: for rollback, which
 * must not replace the reason that the user is given. */
void qmp_be_quiet (struct qmp *q);

/* Watches for the removal of the device 'id', from here on. */
void qmp_watch (struct hv_ctx *ctx, struct qmp *q, const char *id);

/* Waits up to 'ms' for the removal.  Returns 1 if the device was removed,
 * 0 if it was not, or fails. */
int qmp_wait_gone (struct hv_ctx *ctx, struct qmp *q, int64_t ms);

/* Finds the reply to the request 'id' in the output of a QMP session; null if
 * there is none.  The caller must put it. */
struct json_object *qmp_find_reply (const char *session, const char *id);

#endif /* PLUGINS_QEMU_QMP_H */
