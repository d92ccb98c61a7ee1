/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include "common/pass.h"

int
wait_ready (struct hv_ctx *ctx, int fd, short events)
{
    int rc = 0;

    while (rc == 0) {
        int64_t left = hv_remaining (ctx);

        if (left <= 0) {
            errno = ETIMEDOUT;
            return -ETIMEDOUT;
        }
        rc = wait_a_while (fd, events, left);
    }
    return rc < 0 ? rc : 0;
}

int
wait_a_while (int fd, short events, int64_t ms)
{
    struct pollfd p = { .fd = fd, .events = events };
    int n = poll (&p, 1, ms > INT_MAX ? INT_MAX : (int)ms);

    return n >= 0 ? n : errno == EINTR ? 0 : -errno;
}

int
wait_send_all (struct hv_ctx *ctx, int socket, const char *data, size_t len,
               const int *fds, size_t n_fds)
{
    while (len > 0) {
        ssize_t n = pass_send (socket, data, len, fds, n_fds);

        if (n >= 0) {
            data += n;
            len -= (size_t)n;
            n_fds = 0;
        } else if (errno == EAGAIN) {
            int rc = wait_ready (ctx, socket, POLLOUT);

            if (rc < 0) {
                return rc;
            }
        } else if (errno != EINTR) {
            return -errno;
        }
    }
    return 0;
}
