/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include "common/cleanup.h"

/* A unix address that names a directory by its descriptor, since socket paths
 * are limited to 107 bytes. */
static int
socket_address (int dir, const char *name, struct sockaddr_un *address)
{
    address->sun_family = AF_UNIX;
    return snprintf (address->sun_path, sizeof address->sun_path,
                     "/proc/self/fd/%d/%s.sock", dir, name)
                   < (int)sizeof address->sun_path
               ? 0
               : -1;
}

int
socket_connect (const char *rundir, const char *name, int64_t ms,
                struct error *err)
{
    CLEANUP_CLOSE int dir = open (rundir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { 0 };
    /* connect() waits this long while the queue of a listener is full. */
    struct timeval limit = { .tv_sec = ms / 1000,
                             .tv_usec = ms > 0 ? ms % 1000 * 1000 : 1 };

    if (dir < 0 || fd < 0 || socket_address (dir, name, &address) < 0
        || setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) < 0
        || connect (fd, (struct sockaddr *)&address, sizeof address) < 0
        || fcntl (fd, F_SETFL, O_NONBLOCK) < 0) {
        return errno == EAGAIN
                   ? fail (err, ETIMEDOUT,
                           "%s/%s.sock: no connection was accepted within %.1f "
                           "seconds: the process hangs or is stopped",
                           rundir, name, (double)ms / 1000)
                   : fail (err, errno, "cannot connect to %s/%s.sock: %m",
                           rundir, name);
    }
    return steal_fd (&fd);
}

int
socket_listen (const char *rundir, const char *name, struct error *err)
{
    CLEANUP_CLOSE int dir = open (rundir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    CLEANUP_CLOSE int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { 0 };

    if (dir < 0 || fd < 0 || socket_address (dir, name, &address) < 0
        || bind (fd, (struct sockaddr *)&address, sizeof address) < 0
        || listen (fd, 8) < 0) {
        return fail (err, errno, "cannot listen on %s/%s.sock: %m", rundir,
                     name);
    }
    return steal_fd (&fd);
}
