/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Empties the root directory of a jail that runs (jail-items.c says what is in
 * it), from inside its mount namespace, but by a process of our own.
 *
 * Nothing is removed: a second, empty tmpfs takes the root's place.
 * pivot_root(2) moves the root of every process of the namespace that has the
 * old one, so one detached mount takes all the others with it, at once and
 * whatever was put there.  What the jailed process has open or mapped stays
 * with it. */

#include "core/sandbox/jail-seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/cleanup.h"

/* The one file that may stay: user-mode networking in the process reads it
 * for as long as it runs.  jail-items.c has a copy made. */
#define NAMES "/etc/resolv.conf"

static int
failed (char *detail, size_t size, const char *what)
{
    int code = errno;

    snprintf (detail, size, "%s: %s", what, strerror (code));
    return -code;
}

static int
join (pid_t pid, bool user_namespace, char *detail, size_t size)
{
    char path[64];
    CLEANUP_CLOSE int user = -1, mnt = -1;

    snprintf (path, sizeof path, "/proc/%d/ns/user", (int)pid);
    user = open (path, O_RDONLY | O_CLOEXEC);
    snprintf (path, sizeof path, "/proc/%d/ns/mnt", (int)pid);
    mnt = open (path, O_RDONLY | O_CLOEXEC);
    if (mnt < 0 || user < 0) {
        return failed (detail, size, path);
    }
    if (user_namespace && setns (user, CLONE_NEWUSER) < 0) {
        return failed (detail, size, "entering its user namespace");
    }
    if (setns (mnt, CLONE_NEWNS) < 0) {
        return failed (detail, size, "entering its mount namespace");
    }
    return 0;
}

/* Copies the file into the new root, which is our working directory, and keeps
 * its owner. */
static int
keep_names (int from)
{
    char text[16384];
    struct stat st;
    CLEANUP_CLOSE int to = -1;
    ssize_t n = read (from, text, sizeof text);

    if (n < 0 || fstat (from, &st) < 0 || mkdir ("etc", 0755) < 0) {
        return -1;
    }
    to = open ("etc/resolv.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
    return to < 0 || write (to, text, (size_t)n) != n
                   || fchown (to, st.st_uid, st.st_gid) < 0
               ? -1
               : 0;
}

int
jail_empty_root (const struct process *p, char *detail, size_t size)
{
    CLEANUP_CLOSE int names = -1;
    int r = join (p->pid, p->user_namespace, detail, size);

    if (r < 0) {
        return r;
    }
    umask (022);
    if (p->names_stay) {
        names = open (NAMES, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    }
    if (mount ("hvctl", "/dev", "tmpfs",
               MS_NOSUID | MS_NODEV | MS_NOEXEC | (names < 0 ? MS_RDONLY : 0),
               "mode=0755,nr_inodes=8,size=64k")
            < 0
        || chdir ("/dev") < 0) {
        return failed (detail, size, "mounting an empty tmpfs");
    }
    if (names >= 0
        && (keep_names (names) < 0
            || mount (NULL, ".", NULL,
                      MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                      NULL)
                   < 0)) {
        return failed (detail, size, "keeping " NAMES);
    }
    if (syscall (SYS_pivot_root, ".", ".") < 0) {
        return failed (detail, size, "pivot_root");
    }
    if (umount2 (".", MNT_DETACH) < 0) {
        return failed (detail, size, "detaching the old root");
    }
    return 0;
}
