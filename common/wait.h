/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Waiting for a descriptor.  For plugins, and without a message: only the
 * caller knows what it waited for. */
#ifndef COMMON_WAIT_H
#define COMMON_WAIT_H

#include "hvctl/plugin.h"

/* Waits until 'fd' is ready for 'events', or hv_remaining() is over.  Returns
 * 0, -ETIMEDOUT, or the error of poll(); errno has it, too. */
int wait_ready (struct hv_ctx *ctx, int fd, short events);

/* The same for at most 'ms' milliseconds, and signals interrupt it: then, and
 * when the time is over, it returns 0; if 'fd' is ready, 1. */
int wait_a_while (int fd, short events, int64_t ms);

#endif /* COMMON_WAIT_H */
