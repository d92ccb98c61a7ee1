/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Descriptors passed through a unix socket, with the first byte of the data:
 * SCM_RIGHTS of unix(7). */
#ifndef COMMON_PASS_H
#define COMMON_PASS_H

#include <stddef.h>
#include <sys/types.h>

/* The maximum number in one message: SCM_MAX_FD of the kernel. */
#define PASS_MAX 253

/* Sends as much as possible of 'data', like send(). */
ssize_t pass_send (int socket, const void *data, size_t len, const int *fds,
                   size_t n_fds);

/* Like recv(); '*fd' is the descriptor that came with it, or -1. */
ssize_t pass_receive (int socket, void *data, size_t size, int *fd);

#endif /* COMMON_PASS_H */
