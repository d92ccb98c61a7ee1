/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Waiting for a descriptor.  For plugins, and without a message: only the
 * caller knows whom it waited for. */
#ifndef PLUGINS_COMMON_WAIT_H
#define PLUGINS_COMMON_WAIT_H

#include <sys/types.h>

#include "hvctl/plugin.h"

/* Waits until 'fd' is ready for 'events', or hv_remaining() is over.  Returns
 * 0, -ETIMEDOUT, or what poll() failed with; errno has it, too. */
int wait_ready (struct hv_ctx *ctx, int fd, short events);

/* The same, but the other end of a pipe, or who feeds it, may have a password
 * to type: WAIT_STREAM milliseconds for each piece. */
#define WAIT_STREAM 600000

/* Reads what comes, at most 'size' bytes.  Returns how many, 0 at the end, or
 * as wait_ready() and read(). */
ssize_t wait_read (struct hv_ctx *ctx, int fd, char *p, size_t size);

/* Writes all of it.  A descriptor that blocks is a pipe's or a file's. */
int wait_write_all (struct hv_ctx *ctx, int fd, const char *p, size_t len);

/* Waits for at most 'ms' milliseconds.  A signal ends it: then, as when the
 * time is over, it returns 0, and with 'fd' ready 1. */
int wait_a_while (int fd, short events, int64_t ms);

/* Sends all of it to a socket that does not block.  Returns 0, -ETIMEDOUT when
 * hv_remaining() is over, or what sending failed with; errno has it, too. */
int wait_send_all (struct hv_ctx *ctx, int socket, const char *data, size_t len,
                   const int *fds, size_t n_fds);

#endif /* PLUGINS_COMMON_WAIT_H */
