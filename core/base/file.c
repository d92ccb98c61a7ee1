/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/trust.h"

char *
file_read (const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    CLEANUP_FREE char *text = NULL;
    struct error ignored = { 0 };
    struct stat st;
    ssize_t n;

    if (fd < 0 || fstat (fd, &st) < 0 || !S_ISREG (st.st_mode)
        || st.st_size > 1 << 20 || trust_stat (&st, path, &ignored) < 0) {
        return NULL;
    }
    text = xalloc ((size_t)st.st_size + 1);
    n = read (fd, text, (size_t)st.st_size);
    if (n < 0) {
        return NULL;
    }
    text[n] = '\0';
    return steal (&text);
}

int
file_write (const char *path, unsigned mode, const char *text,
            struct error *err)
{
    CLEANUP_FREE char *temporary = xformat ("%s.new", path);
    CLEANUP_CLOSE int fd = open (
        temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    size_t len = strlen (text);

    if (fd < 0) {
        return fail (err, errno, "cannot write %s: %m", path);
    }
    errno = ENOSPC;
    if (write (fd, text, len) != (ssize_t)len || rename (temporary, path) < 0) {
        fail (err, errno, "cannot write %s: %m", path);
        unlink (temporary);
        return -err->code;
    }
    return 0;
}

int
file_make_dirs (const char *path, unsigned mode, struct error *err)
{
    char part[4096];

    if (strlen (path) >= sizeof part) {
        return fail (err, ENAMETOOLONG, "cannot create %s: %s", path,
                     strerror (ENAMETOOLONG));
    }
    if (access (path, F_OK) == 0) {
        return 0;
    }
    for (const char *slash = strchr (path + 1, '/'); slash;
         slash = strchr (slash + 1, '/')) {
        memcpy (part, path, (size_t)(slash - path));
        part[slash - path] = '\0';
        if (mkdir (part, 0755) < 0 && errno != EEXIST) {
            return fail (err, errno, "cannot create the directory %s: %m",
                         part);
        }
    }
    if (mkdir (path, mode) < 0 && errno != EEXIST) {
        return fail (err, errno, "cannot create the directory %s: %m", path);
    }
    return 0;
}
