/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/pass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

ssize_t
pass_send (int socket, const void *data, size_t len, const int *fds,
           size_t n_fds)
{
    union {
        char buffer[CMSG_SPACE (PASS_MAX * sizeof (int))];
        struct cmsghdr align;
    } control = { { 0 } };
    struct iovec iov = { (void *)data, len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

    if (n_fds > PASS_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (n_fds > 0) {
        struct cmsghdr *cmsg;

        msg.msg_control = control.buffer;
        msg.msg_controllen = CMSG_SPACE (n_fds * sizeof *fds);
        cmsg = CMSG_FIRSTHDR (&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN (n_fds * sizeof *fds);
        memcpy (CMSG_DATA (cmsg), fds, n_fds * sizeof *fds);
    }
    return sendmsg (socket, &msg, MSG_NOSIGNAL);
}

ssize_t
pass_receive (int socket, void *data, size_t size, int *fd)
{
    union {
        char buffer[CMSG_SPACE (sizeof (int))];
        struct cmsghdr align;
    } control;
    struct iovec iov = { data, size };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    ssize_t n = recvmsg (socket, &msg, MSG_CMSG_CLOEXEC);
    struct cmsghdr *cmsg = n < 0 ? NULL : CMSG_FIRSTHDR (&msg);

    *fd = -1;
    if (cmsg && cmsg->cmsg_type == SCM_RIGHTS) {
        memcpy (fd, CMSG_DATA (cmsg), sizeof *fd);
    }
    return n;
}
