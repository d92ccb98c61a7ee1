/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Verifies a sealed process by asking the kernel: no restriction is assumed to
 * be in force because it was requested. */

#include "core/sandbox/jail-check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The members of /proc/PID/status (proc(5)) and what they must be. */
static const struct {
    const char *name, *value;
} members[] = {
    { "Seccomp", "2" },
    { "NoNewPrivs", "1" },
    { "CapInh", "0000000000000000" },
    { "CapPrm", "0000000000000000" },
    { "CapEff", "0000000000000000" },
    { "CapBnd", "0000000000000000" },
    { "CapAmb", "0000000000000000" },
};

/* Returns the rest of the line "NAME:\t", or null. */
static const char *
find_member (const char *status, const char *name)
{
    size_t len = strlen (name);

    while (status) {
        if (!strncmp (status, name, len) && status[len] == ':') {
            return status + len + 1 + strspn (status + len + 1, "\t ");
        }
        status = strchr (status, '\n');
        status = status ? status + 1 : NULL;
    }
    return NULL;
}

static bool
is_value (const char *line, const char *value)
{
    size_t len = strlen (value);

    return line && !strncmp (line, value, len) && line[len] == '\n';
}

static int
check_ids (const char *status, const char *name, uid_t id, struct error *err)
{
    const char *line = find_member (status, name);
    char expected[64];

    snprintf (expected, sizeof expected, "%u\t%u\t%u\t%u", id, id, id, id);
    return is_value (line, expected)
               ? 0
               : fail (err, EPERM, "%s is %.*s, not %s", name,
                       line ? (int)strcspn (line, "\n") : 1, line ? line : "?",
                       expected);
}

static int
check_status (const char *status, const struct process *p, struct error *err)
{
    /* A user without a namespace cannot empty the set (jail.c), and gains
     * nothing by it, with no_new_privs. */
    bool bounded = p->uid != 0 || p->own_root;

    for (size_t i = 0; i < ARRAY_SIZE (members); i++) {
        const char *line = find_member (status, members[i].name);

        if (!bounded && !strcmp (members[i].name, "CapBnd")) {
            continue;
        }
        if (!is_value (line, members[i].value)) {
            return fail (err, EPERM, "%s is %.*s, not %s", members[i].name,
                         line ? (int)strcspn (line, "\n") : 1,
                         line ? line : "?", members[i].value);
        }
    }
    if (p->uid == 0) {
        return 0; /* Its ids are those of a user namespace. */
    }
    return check_ids (status, "Uid", p->uid, err) < 0
                   || check_ids (status, "Gid", p->uid, err) < 0
               ? -err->code
               : 0;
}

/* A thread may end between two calls. */
static int
check_thread (int dir, const char *tid, const struct process *p,
              struct error *err)
{
    char path[64], status[8192];
    ssize_t n;

    snprintf (path, sizeof path, "%.20s/status", tid);
    CLEANUP_CLOSE int fd = openat (dir, path, O_RDONLY | O_CLOEXEC);

    n = fd < 0 ? -1 : read (fd, status, sizeof status - 1);
    if (n < 0) {
        return errno == ENOENT || errno == ESRCH
                   ? 0
                   : fail (err, errno, "its status cannot be read: %m");
    }
    status[n] = '\0';
    return check_status (status, p, err) < 0
               ? fail_prefix (err, "thread %.20s", tid)
               : 0;
}

static int
check_threads (const struct process *p, struct error *err)
{
    char path[64];
    struct dirent *e;
    int n = 0, r = 0;

    snprintf (path, sizeof path, "/proc/%d/task", (int)p->pid);
    CLEANUP_CLOSEDIR DIR *dir = opendir (path);

    if (!dir) {
        return fail (err, ECHILD, "it has exited");
    }
    while (r == 0 && (e = readdir (dir))) {
        if (*e->d_name != '.') {
            r = check_thread (dirfd (dir), e->d_name, p, err);
            n++;
        }
    }
    return r == 0 && n == 0 ? fail (err, ECHILD, "it has exited") : r;
}

static int
check_root (const struct process *p, struct error *err)
{
    char path[64], found[NAME_MAX + 1] = "";
    struct dirent *e;

    snprintf (path, sizeof path, "/proc/%d/root", (int)p->pid);
    CLEANUP_CLOSEDIR DIR *dir = opendir (path);

    if (!dir) {
        return fail (err, errno, "its root directory cannot be read: %m");
    }
    while ((e = readdir (dir))) {
        bool expected = !strcmp (e->d_name, ".") || !strcmp (e->d_name, "..")
                        || (p->names_stay && !strcmp (e->d_name, "etc"));

        if (!expected && (!*found || strcmp (e->d_name, found) < 0)) {
            snprintf (found, sizeof found, "%s", e->d_name);
        }
    }
    return *found ? fail (err, EPERM, "its root directory contains %s", found)
                  : 0;
}

int
jail_check (const struct process *p, struct error *err)
{
    int r = check_threads (p, err);

    if (r == 0 && p->own_root) {
        r = check_root (p, err);
    }
    return r < 0 ? fail_prefix (err, "the process is not confined as it should "
                                     "be, and is not started")
                 : 0;
}
