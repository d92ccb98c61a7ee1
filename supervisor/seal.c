/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Empties the root directory of a jail that runs (core/sandbox/jail-items.c
 * says what is in it), from inside its mount namespace.
 *
 * Nothing is removed: a second, empty tmpfs takes the root's place.
 * pivot_root(2) moves the root of every process of the namespace that has the
 * old one, so one detached mount takes all the others with it, at once and
 * whatever was put there.  What the jailed process has open or mapped stays
 * with it.
 *
 * As root we enter the namespace and leave it again.  From a user namespace
 * there is no way back: a child enters it. */

#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The one file that may stay: user-mode networking in the process reads it
 * for as long as it runs.  core/sandbox/jail-items.c has a copy made. */
#define NAMES "/etc/resolv.conf"

/* Notes in 'why' what failed; errno is the cause. */
static int
failed (char why[SEAL_WHY], const char *what)
{
    append (append (append (why, what), ": "), strerror (errno));
    return -1;
}

static int
open_namespace (pid_t pid, const char *name, char why[SEAL_WHY])
{
    char path[64];
    int fd;

    append (
        append (append_number (append (path, "/proc/"), (uint64_t)pid), "/ns/"),
        name);
    fd = open (path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? failed (why, path) : fd;
}

/* Copies the file into the new root, which is our working directory, and keeps
 * its owner. */
static int
keep_names (int from)
{
    char text[16384];
    struct stat st;
    ssize_t n = read (from, text, sizeof text);
    int to, ok;

    if (n < 0 || fstat (from, &st) < 0 || mkdir ("etc", 0755) < 0) {
        return -1;
    }
    to = open ("etc/resolv.conf", O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
    ok = to >= 0 && write (to, text, (size_t)n) == n
         && fchown (to, st.st_uid, st.st_gid) == 0;
    close_if (&to);
    return ok ? 0 : -1;
}

/* In the process's mount namespace. */
static int
replace_root (int keep, char why[SEAL_WHY])
{
    int names = keep ? open (NAMES, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
    int kept = names < 0;

    if (mount ("hvctl", "/dev", "tmpfs",
               MS_NOSUID | MS_NODEV | MS_NOEXEC | (names < 0 ? MS_RDONLY : 0),
               "mode=0755,nr_inodes=8,size=64k")
            < 0
        || chdir ("/dev") < 0) {
        close_if (&names);
        return failed (why, "mounting an empty tmpfs");
    }
    if (names >= 0) {
        kept =
            keep_names (names) == 0
            && mount (NULL, ".", NULL,
                      MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                      NULL)
                   == 0;
    }
    close_if (&names);
    return !kept ? failed (why, "keeping " NAMES)
           : syscall (SYS_pivot_root, ".", ".") < 0 ? failed (why, "pivot_root")
           : umount2 (".", MNT_DETACH) < 0
               ? failed (why, "detaching the old root")
               : 0;
}

static int
enter (int user, int mounts, char why[SEAL_WHY])
{
    if (user >= 0 && setns (user, CLONE_NEWUSER) < 0) {
        return failed (why, "entering its user namespace");
    }
    return setns (mounts, CLONE_NEWNS) < 0
               ? failed (why, "entering its mount namespace")
               : 0;
}

/* We are of no use in the wrong namespace: the process, and we, end. */
static void
leave (int ours, int root)
{
    if (setns (ours, CLONE_NEWNS) < 0 || fchdir (root) < 0 || chroot (".") < 0
        || chdir ("/") < 0) {
        kill_it ();
        _exit (1);
    }
}

static int
as_root (int mounts, int keep, char why[SEAL_WHY])
{
    int ours = open_namespace (getpid (), "mnt", why), r = -1;
    int root = open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (ours >= 0 && root < 0) {
        failed (why, "/");
    } else if (ours >= 0 && enter (-1, mounts, why) == 0) {
        r = replace_root (keep, why);
        leave (ours, root);
    }
    close_if (&ours);
    close_if (&root);
    return r;
}

/* The child shares our memory, and so tells why. */
static int
as_user (int user, int mounts, int keep, char why[SEAL_WHY])
{
    int status = -1;
    pid_t pid = vfork ();

    if (pid == 0) {
        _exit (enter (user, mounts, why) < 0 || replace_root (keep, why) < 0);
    }
    if (pid < 0) {
        return failed (why, "vfork");
    }
    while (waitpid (pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (status != 0 && !*why) {
        append (why, "the child that does it died");
    }
    return status == 0 ? 0 : -1;
}

int
empty_root (int keep, char why[SEAL_WHY])
{
    int is_root = geteuid () == 0, r = -1;
    int mounts = open_namespace (s.pid, "mnt", why);
    int user = mounts < 0 || is_root ? -1 : open_namespace (s.pid, "user", why);
    mode_t mask = umask (022);

    if (mounts >= 0 && is_root) {
        r = as_root (mounts, keep, why);
    } else if (mounts >= 0 && user >= 0) {
        r = as_user (user, mounts, keep, why);
    }
    umask (mask);
    close_if (&mounts);
    close_if (&user);
    return r;
}
