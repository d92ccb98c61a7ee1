/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removing and renaming files that need not exist.  On a read-only file system
 * the kernel fails with EROFS before it looks whether there is one, so errno
 * does not tell. */
#ifndef COMMON_IF_ANY_H
#define COMMON_IF_ANY_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Returns 0 if there is no file 'path', -1 with the errno before otherwise. */
static inline int
fail_if_any (const char *path)
{
    int error = errno;

    if (error == ENOENT || error == ENOTDIR
        || (faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0
            && (errno == ENOENT || errno == ENOTDIR))) {
        return 0;
    }
    errno = error;
    return -1;
}

static inline int
unlink_if_any (const char *path)
{
    return unlink (path) < 0 ? fail_if_any (path) : 0;
}

static inline int
rename_if_any (const char *from, const char *to)
{
    return rename (from, to) < 0 ? fail_if_any (from) : 0;
}

#endif /* COMMON_IF_ANY_H */
