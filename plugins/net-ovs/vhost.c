/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The socket of a vhost-user port; see vhost.h. */
#include "plugins/net-ovs/vhost.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/if-any.h"

int
vhost_path (struct hv_ctx *ctx, const struct hv_port *port, const char *dir,
            const char **out)
{
    const char *path = hv_format (ctx, "%s/%s.sock", dir, port->ifname);
    struct sockaddr_un address;
    struct stat st;

    if (*dir != '/') {
        return hv_fail (ctx, EINVAL,
                        "vhost_user_dir = '%s' must be an absolute path", dir);
    }
    if (strlen (path) >= sizeof address.sun_path) {
        return hv_fail (ctx, ENAMETOOLONG,
                        "the path of a socket has at most %zu bytes: choose "
                        "another 'vhost_user_dir' for %s",
                        sizeof address.sun_path - 1, path);
    }
    if (stat (dir, &st) < 0 || !S_ISDIR (st.st_mode)) {
        return hv_fail (
            ctx, ENOENT,
            "there is no directory %s: create it, or correct 'vhost_user_dir'",
            dir);
    }
    *out = path;
    return 0;
}

static bool
is_socket (const char *path)
{
    struct stat st;

    return lstat (path, &st) == 0 && S_ISSOCK (st.st_mode);
}

/* A connection of the wrong type reveals a listener without disturbing it:
 * EPROTOTYPE comes after ECONNREFUSED (unix(7)). */
bool
vhost_in_use (const char *path)
{
    CLEANUP_CLOSE int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen (path) >= sizeof address.sun_path) {
        return false;
    }
    memcpy (address.sun_path, path, strlen (path) + 1);
    return connect (fd, (const struct sockaddr *)&address, sizeof address) == 0
           || (errno != ENOENT && errno != ECONNREFUSED && errno != ENOTDIR);
}

/* Allows Open vSwitch to connect, which may run as its own user: the owner of
 * the directory. */
static int
admit (struct hv_ctx *ctx, const char *path)
{
    const char *dir =
        hv_format (ctx, "%.*s", (int)(strrchr (path, '/') - path), path);
    struct stat st;

    if (chmod (path, 0660) < 0 || stat (dir, &st) < 0
        || lchown (path, st.st_uid, st.st_gid) < 0) {
        return hv_fail (ctx, errno,
                        "cannot give the socket %s to Open vSwitch: %m", path);
    }
    return 0;
}

int
vhost_listen (struct hv_ctx *ctx, const char *path, int *out)
{
    CLEANUP_CLOSE int fd =
        socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    const struct sockaddr *a = (const struct sockaddr *)&address;
    int r;

    memcpy (address.sun_path, path, strlen (path) + 1);
    if (fd < 0) {
        return hv_fail (ctx, errno, "cannot create a socket: %m");
    }
    r = bind (fd, a, sizeof address);
    if (r < 0 && errno == EADDRINUSE) {
        if (!is_socket (path) || vhost_in_use (path)) {
            return hv_fail (ctx, EEXIST,
                            "the socket %s is in use: stop what listens there, "
                            "or remove it",
                            path);
        }
        unlink (path);
        r = bind (fd, a, sizeof address);
    }
    if (r < 0) {
        return hv_fail (ctx, errno, "cannot create the socket %s: %m", path);
    }
    if (listen (fd, 1) < 0) {
        r = hv_fail (ctx, errno, "cannot listen on %s: %m", path);
    } else {
        r = admit (ctx, path);
    }
    if (r < 0) {
        unlink (path);
        return r;
    }
    *out = steal_fd (&fd);
    return 0;
}

void
vhost_remove (struct hv_ctx *ctx, const char *path)
{
    if (is_socket (path) && unlink_if_any (path) < 0) {
        hv_log (ctx, HV_INFO, "cannot remove the socket %s: %m", path);
    }
}
