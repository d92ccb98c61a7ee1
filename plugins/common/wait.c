/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/common/wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "common/pass.h"

/* For 'ms' milliseconds, if there is more time; less is left at once when hvctl
 * is interrupted. */
static int
wait_within (struct hv_ctx *ctx, int fd, short events, int64_t ms)
{
    int64_t until = hv_remaining (ctx) - ms;
    int rc = 0;

    until = until > 0 ? until : 0;
    while (rc == 0) {
        int64_t left = hv_remaining (ctx) - until;

        if (left <= 0) {
            errno = ETIMEDOUT;
            return -ETIMEDOUT;
        }
        rc = wait_a_while (fd, events, left);
    }
    return rc < 0 ? rc : 0;
}

int
wait_ready (struct hv_ctx *ctx, int fd, short events)
{
    return wait_within (ctx, fd, events, INT64_MAX);
}

ssize_t
wait_read (struct hv_ctx *ctx, int fd, char *p, size_t size)
{
    for (;;) {
        int rc = wait_within (ctx, fd, POLLIN, WAIT_STREAM);
        ssize_t n = rc < 0 ? 0 : read (fd, p, size);

        if (rc < 0) {
            return rc;
        }
        if (n >= 0 || (errno != EINTR && errno != EAGAIN)) {
            return n < 0 ? -errno : n;
        }
    }
}

int
wait_write_all (struct hv_ctx *ctx, int fd, const char *p, size_t len)
{
    while (len > 0) {
        int rc = wait_within (ctx, fd, POLLOUT, WAIT_STREAM);
        ssize_t n;

        if (rc < 0) {
            return rc;
        }
        /* A pipe that blocks takes PIPE_BUF when it takes anything. */
        n = write (fd, p, len < PIPE_BUF ? len : PIPE_BUF);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return -errno;
        }
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
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
