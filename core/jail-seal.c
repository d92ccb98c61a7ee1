/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Empties the root directory of a jail that runs (see jail-root.c for what is
 * in it): from inside its mount namespace, but by a process of our own.  What
 * the jailed process has open or mapped stays with it. */

#include "core/jail.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "common/cleanup.h"

#define MAX_MOUNTS 1024

struct mounts {
    char *points[MAX_MOUNTS];
    size_t n;
};

static int
failed (char *detail, size_t size, const char *what, const char *path)
{
    int code = errno;

    snprintf (detail, size, "%s %s: %s", what, path, strerror (code));
    return -code;
}

/* Undoes the kernel's \040. */
static void
unescape (char *s)
{
    char *out = s;

    while (*s) {
        if (*s == '\\' && s[1] && s[2] && s[3]) {
            *out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
            s += 4;
        } else {
            *out++ = *s++;
        }
    }
    *out = '\0';
}

/* Where something is mounted, as the process sees it; read outside, since
 * there is no /proc inside. */
static int
read_mounts (pid_t pid, struct mounts *mounts, char *detail, size_t size)
{
    char path[64], line[8192], point[4096];
    FILE *f;

    snprintf (path, sizeof path, "/proc/%d/mountinfo", (int)pid);
    f = fopen (path, "re");
    if (!f) {
        return failed (detail, size, "open", path);
    }
    while (fgets (line, sizeof line, f) && mounts->n < MAX_MOUNTS) {
        if (sscanf (line, "%*s %*s %*s %*s %4095s", point) == 1
            && strcmp (point, "/")) {
            unescape (point);
            mounts->points[mounts->n++] = xstrdup (point);
        }
    }
    fclose (f);
    return 0;
}

/* In one call, where the kernel can (5.8): then the two can not be of
 * different processes. */
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
        return failed (detail, size, "open", path);
    }
    if (user_namespace && setns (user, CLONE_NEWUSER) < 0) {
        return failed (detail, size, "entering", "its user namespace");
    }
    if (setns (mnt, CLONE_NEWNS) < 0) {
        return failed (detail, size, "entering", "its mount namespace");
    }
    return 0;
}

/* The one file that may stay: the process's user-mode network reads it for as
 * long as it runs.  It is a copy, in a jail that keeps the host's network. */
static bool
stays (const char *dir, const char *name)
{
    return (!strcmp (dir, "/") && !strcmp (name, "etc"))
           || (!strcmp (dir, "/etc") && !strcmp (name, "resolv.conf"));
}

static int remove_below (const char *dir, bool keep, char *detail, size_t size);

static int
remove_entry (const char *dir, const char *name, bool keep, char *detail,
              size_t size)
{
    char path[4096];
    struct stat st;

    snprintf (path, sizeof path, "%s/%s", dir[1] ? dir : "", name);
    if (lstat (path, &st) < 0) {
        return failed (detail, size, "stat", path);
    }
    if (S_ISDIR (st.st_mode)) {
        int r = remove_below (path, keep, detail, size);

        if (r < 0 || (keep && stays (dir, name))) {
            return r;
        }
        return rmdir (path) < 0 ? failed (detail, size, "rmdir", path) : 0;
    }
    if (keep && stays (dir, name)) {
        return 0;
    }
    return unlink (path) < 0 ? failed (detail, size, "unlink", path) : 0;
}

static int
remove_below (const char *dir, bool keep, char *detail, size_t size)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *entry;
    int r = 0;

    if (!d) {
        return failed (detail, size, "open", dir);
    }
    while (r == 0 && (entry = readdir (d))) {
        if (strcmp (entry->d_name, ".") && strcmp (entry->d_name, "..")) {
            r = remove_entry (dir, entry->d_name, keep, detail, size);
        }
    }
    return r;
}

int
jail_empty_root (pid_t pid, bool user_namespace, char *detail, size_t size)
{
    static struct mounts mounts;
    bool keep;
    int r = read_mounts (pid, &mounts, detail, size);

    if (r < 0 || (r = join (pid, user_namespace, detail, size)) < 0) {
        return r;
    }
    /* Children come after their parents in the list. */
    while (mounts.n > 0) {
        const char *point = mounts.points[--mounts.n];

        if (umount2 (point, MNT_DETACH | UMOUNT_NOFOLLOW) < 0 && errno != EINVAL
            && errno != ENOENT) {
            return failed (detail, size, "umount", point);
        }
    }
    if (mount (NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NOEXEC,
               NULL)
        < 0) {
        return failed (detail, size, "remount", "/");
    }
    keep = access ("/etc/resolv.conf", F_OK) == 0;
    r = remove_below ("/", keep, detail, size);
    if (mount (NULL, "/", NULL,
               MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV
                   | MS_NOEXEC,
               NULL)
        < 0) {
        return failed (detail, size, "remount", "/");
    }
    return r;
}
