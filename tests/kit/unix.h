/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Unix sockets by their path.  Both return -1 with errno. */
#ifndef TESTS_UNIX_H
#define TESTS_UNIX_H

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"

static inline int
unix_socket (const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (snprintf (address->sun_path, sizeof address->sun_path, "%s", path)
        >= (int)sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static inline int
unix_connect (const char *path)
{
    struct sockaddr_un address;
    CLEANUP_CLOSE int fd = unix_socket (path, &address);

    return fd < 0
                   || connect (fd, (struct sockaddr *)&address, sizeof address)
                          < 0
               ? -1
               : steal_fd (&fd);
}

/* Nothing may be there. */
static inline int
unix_listen (const char *path, int backlog)
{
    struct sockaddr_un address;
    CLEANUP_CLOSE int fd = unix_socket (path, &address);

    return fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) < 0
                   || listen (fd, backlog) < 0
               ? -1
               : steal_fd (&fd);
}

#endif /* TESTS_UNIX_H */
