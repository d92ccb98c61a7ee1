/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A client of QEMU's control protocol (docs/interop/qmp-spec.rst of QEMU).
 *
 * All input is untrusted: a guest may have compromised the process.  It is
 * read incrementally, up to a limit per reply, and never waited for longer
 * than hv_remaining(). */
#ifndef PLUGINS_QEMU_QMP_H
#define PLUGINS_QEMU_QMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "common/member.h"

#include "hvctl/plugin.h"

struct qmp;

/* Takes 'fd', which is non-blocking, reads the greeting and negotiates.  When
 * this returns 0, QEMU's main loop runs.  'first': nobody was connected before
 * whose replies might come now. */
int qmp_open (struct hv_ctx *ctx, int fd, bool first, struct qmp **out);

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

/* The two halves of qmp_execute(), so that QEMU has the next command when it
 * has finished one: it carries them out in order, also after a failure.
 * qmp_end() waits for the reply to the first that has not had one, and all must
 * have had theirs before qmp_execute(). */
int qmp_begin (struct hv_ctx *ctx, struct qmp *q, const char *command,
               struct json_object *arguments);
int qmp_end (struct hv_ctx *ctx, struct qmp *q, const char *command,
             struct json_object **result);

/* Sends a command except for its end, so that nothing is carried out yet.  QEMU
 * makes about eight system calls for each byte that it reads (monitor_can_read
 * in monitor/monitor.c), and so does it while it has nothing else to do.  The
 * first qmp_begin() completes it, and must be of the same command. */
int qmp_announce (struct hv_ctx *ctx, struct qmp *q, const char *command,
                  struct json_object *arguments);
bool qmp_is_held (struct qmp *q);

/* Returns whether QEMU has reported, since it was connected, that the guest
 * runs. */
bool qmp_has_resumed (struct qmp *q);

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
