/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/context.h"
#include "core/base/process.h"
#include "core/provider/network.h"

#define OWN "/proc/self/ns/net"

/* The directory in which ip-netns(8) keeps named namespaces. */
#define NAMED "/run/netns"

static int64_t
number_of (const char *path)
{
    struct stat st;

    return stat (path, &st) < 0 ? 0 : (int64_t)st.st_ino;
}

int64_t
netns_own (void)
{
    return number_of (OWN);
}

/* Checks DIR/ENTRY/'rest' for each entry. */
static int
find_below (const char *dir, const char *rest, int64_t number)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    while (d && (e = readdir (d))) {
        CLEANUP_FREE char *path = NULL;
        CLEANUP_CLOSE int fd = -1;
        struct stat st;

        if (e->d_name[0] == '.'
            || asprintf (&path, "%s/%s%s", dir, e->d_name, rest) < 0
            || number_of (path) != number) {
            continue;
        }
        fd = open (path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0 && fstat (fd, &st) == 0 && (int64_t)st.st_ino == number) {
            return steal_fd (&fd);
        }
    }
    return -1;
}

/* Opens a namespace that a process is in, or that has a name. */
static int
find_namespace (int64_t number)
{
    int fd = find_below ("/proc", "/ns/net", number);

    return fd < 0 ? find_below (NAMED, "", number) : fd;
}

/* Could it be a namespace that we cannot see? */
static bool
may_be_hidden (void)
{
    return geteuid () == 0 && !process_in_first ("pid");
}

/* It may no longer exist: that cannot be determined from here, so only 'kill'
 * goes ahead. */
static int
hidden (int64_t number, const struct hvctl *h, const struct hv_port *port,
        struct error *err)
{
    if (h->kills) {
        hvctl_warn ("%s: nic %s is in another network namespace (net:[%jd]), "
                    "which is not accessible from here: if it still exists, "
                    "the interfaces of this NIC stay in it",
                    port->vm, port->name, (intmax_t)number);
        return 0;
    }
    return fail (err, ESTALE,
                 "nic %s is in another network namespace (net:[%jd]), which is "
                 "not accessible from here: stop %s where it was started, or, "
                 "if that no longer exists, with hvctl kill",
                 port->name, (intmax_t)number, port->vm);
}

int
netns_detach (int64_t number, struct plugin *p, const struct hv_port *port,
              struct error *err)
{
    CLEANUP_CLOSE int back = -1;
    CLEANUP_CLOSE int there = -1;
    int rc;

    if (!number || number == netns_own ()) {
        return network_detach (p, port, err);
    }
    there = find_namespace (number);
    if (there < 0 && may_be_hidden ()) {
        return hidden (number, p->h, port, err);
    }
    if (there < 0) {
        return network_detach (p, port, err);
    }
    back = open (OWN, O_RDONLY | O_CLOEXEC);
    if (back < 0 || setns (there, CLONE_NEWNET) < 0) {
        return fail (err, errno,
                     "nic %s is in another network namespace (net:[%jd]), "
                     "which cannot be entered (%m): stop %s where it was "
                     "started",
                     port->name, (intmax_t)number, port->vm);
    }
    rc = network_detach (p, port, err);
    if (setns (back, CLONE_NEWNET) < 0) {
        return fail (err, errno,
                     "cannot return to the original network namespace: %m");
    }
    return rc;
}
