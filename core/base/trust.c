/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/trust.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

static int
foreign (const struct stat *st, const char *path, struct error *err)
{
    return S_ISLNK (st->st_mode)
               ? fail_exit (
                   err, EXIT_DENIED, EPERM,
                   "%s is a symbolic link owned by user %u, and root follows "
                   "only its own: remove it, or create it again as root",
                   path, st->st_uid)
               : fail_exit (err, EXIT_DENIED, EPERM,
                            "%s is owned by user %u, and root trusts only what "
                            "root owns (chown root %s)",
                            path, st->st_uid, path);
}

static int
writable (const char *path, struct error *err)
{
    return fail_exit (err, EXIT_DENIED, EPERM,
                      "%s is writable by others, and root trusts only what "
                      "root alone can write (chmod go-w %s)",
                      path, path);
}

/* Root alone may have made or changed it. */
static int
check_roots (const struct stat *st, const char *path, struct error *err)
{
    if (st->st_uid != 0) {
        return foreign (st, path, err);
    }
    return !S_ISLNK (st->st_mode) && (st->st_mode & 022) ? writable (path, err)
                                                         : 0;
}

int
trust_stat (const struct stat *st, const char *path, struct error *err)
{
    return geteuid () == 0 ? check_roots (st, path, err) : 0;
}

/* Parent directories may be writable by others if those cannot remove files of
 * ours from them.  Some, such as /var/log, are group-writable in distributions:
 * a file that is put in our place there would not be owned by root. */
static int
check_on_the_way (const struct stat *st, const char *path, struct error *err)
{
    if (st->st_uid != 0) {
        return foreign (st, path, err);
    }
    return S_ISDIR (st->st_mode) && (st->st_mode & S_IWOTH)
                   && !(st->st_mode & S_ISVTX)
               ? writable (path, err)
               : 0;
}

/* 'links' is set if there were some. */
static int
walk (const char *path, bool *links, struct error *err)
{
    char part[PATH_MAX];
    struct stat st;

    if (strlen (path) >= sizeof part) {
        return fail (err, ENAMETOOLONG, "%s: %s", path,
                     strerror (ENAMETOOLONG));
    }
    for (const char *end = path; *end;) {
        end += strspn (end, "/");
        end += strcspn (end, "/");
        memcpy (part, path, (size_t)(end - path));
        part[end - path] = '\0';
        if (lstat (part, &st) < 0) {
            return errno == ENOENT
                       ? 0
                       : fail (err, errno, "cannot access %s: %m", part);
        }
        if ((*end ? check_on_the_way (&st, part, err)
                  : check_roots (&st, part, err))
            < 0) {
            return -err->code;
        }
        *links |= S_ISLNK (st.st_mode);
    }
    return 0;
}

int
trust_path (const char *path, struct error *err)
{
    CLEANUP_FREE char *real = NULL;
    bool links = false;

    if (geteuid () != 0) {
        return 0;
    }
    if (walk (path, &links, err) < 0) {
        return -err->code;
    }
    if (!links) {
        return 0;
    }
    real = realpath (path, NULL);
    return real ? walk (real, &links, err) : 0;
}

int
trust_files (const char *dir, struct error *err)
{
    CLEANUP_CLOSEDIR DIR *d = geteuid () == 0 ? opendir (dir) : NULL;
    struct dirent *e;
    struct stat st;

    while (d && (e = readdir (d))) {
        char path[PATH_MAX];

        if (fstatat (dirfd (d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0
            || (!S_ISREG (st.st_mode) && !S_ISLNK (st.st_mode))) {
            continue;
        }
        snprintf (path, sizeof path, "%.2048s/%.255s", dir, e->d_name);
        if (S_ISLNK (st.st_mode)) {
            return fail_exit (
                err, EXIT_DENIED, EPERM,
                "%s is a symbolic link, which hvctl never creates: remove it",
                path);
        }
        if (trust_stat (&st, path, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}
