/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Waiting for a descriptor.  For plugins, and without a message: only the
 * caller knows whom it waited for. */
#ifndef PLUGINS_COMMON_WAIT_H
#define PLUGINS_COMMON_WAIT_H

#include "hvctl/plugin.h"

/* Waits until 'fd' is ready for 'events', or hv_remaining() is over.  Returns
 * 0, -ETIMEDOUT, or what poll() failed with; errno has it, too. */
int wait_ready (struct hv_ctx *ctx, int fd, short events);

/* The same for at most 'ms' milliseconds, and signals end it: then, as when the
 * time is over, it returns 0, and with 'fd' ready 1. */
int wait_a_while (int fd, short events, int64_t ms);

/* Sends all of it to a socket that does not block.  Returns 0, -ETIMEDOUT when
 * hv_remaining() is over, or what sending failed with; errno has it, too. */
int wait_send_all (struct hv_ctx *ctx, int socket, const char *data, size_t len,
                   const int *fds, size_t n_fds);

#endif /* PLUGINS_COMMON_WAIT_H */
