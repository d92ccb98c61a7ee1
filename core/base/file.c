/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/trust.h"

#define MAX_FILE (1 << 20)
#define MAX_LARGE (64 << 20)

/* Replaced files, which exist as long as these descriptors are open. */
static struct {
    int fds[16];
    size_t n;
} replaced;

static char *
load (int dir, const char *path, off_t limit, size_t *size, struct error *err)
{
    CLEANUP_CLOSE int fd =
        openat (dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct error foreign = { 0 };
    struct stat st;
    char *text;

    if (fd < 0 || fstat (fd, &st) < 0) {
        fail (err, errno, "cannot be read: %m");
        return NULL;
    }
    if (trust_stat (&st, path, &foreign) < 0) {
        fail (err, foreign.code, "is not loaded: %s", foreign.text);
        return NULL;
    }
    if (!S_ISREG (st.st_mode) || st.st_size > limit) {
        fail (err, EINVAL, "is not a file of at most %lld MiB",
              (long long)limit >> 20);
        return NULL;
    }
    text = file_read_open (fd, (size_t)st.st_size, size);
    if (!text) {
        fail (err, errno, "cannot be read: %m");
    }
    return text;
}

char *
file_load (const char *path, size_t *size, struct error *err)
{
    return load (AT_FDCWD, path, MAX_FILE, size, err);
}

char *
file_load_in (int dir, const char *name, size_t *size, struct error *err)
{
    return load (dir, name, MAX_FILE, size, err);
}

char *
file_read_open (int fd, size_t size, size_t *got)
{
    CLEANUP_FREE char *text = xalloc (size + 1);
    ssize_t n = read (fd, text, size);

    if (n < 0) {
        return NULL;
    }
    text[n] = '\0';
    *got = (size_t)n;
    return steal (&text);
}

ssize_t
file_read_stream (int fd, char *to, size_t room)
{
    size_t len = 0;
    ssize_t n;

    while ((n = read (fd, to + len, room - len)) != 0) {
        if (n < 0 && errno != EINTR) {
            return -1;
        }
        len += n > 0 ? (size_t)n : 0;
        if (len == room) {
            errno = EFBIG;
            return -1;
        }
    }
    return (ssize_t)len;
}

char *
file_read_named (const char *path, struct error *err)
{
    struct error why = { 0 };
    size_t size;
    char *text = file_load (path, &size, &why);

    if (!text) {
        fail (err, why.code, "%s %s", path, why.text);
    }
    return text;
}

char *
file_read (const char *path)
{
    struct error ignored = { 0 };
    size_t size;

    return file_load (path, &size, &ignored);
}

char *
file_read_large (const char *path)
{
    struct error ignored = { 0 };
    size_t size;

    return load (AT_FDCWD, path, MAX_LARGE, &size, &ignored);
}

ssize_t
file_read_kernel (const char *path, char *text, size_t size)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read (fd, text, size - 1);

    text[n > 0 ? n : 0] = '\0';
    return n;
}

int
file_names (struct arena *a, const char *dir, struct vec *names)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    if (!d) {
        return -errno;
    }
    while ((e = readdir (d))) {
        if (e->d_name[0] != '.') {
            vec_add (a, names, arena_dup (a, e->d_name));
        }
    }
    vec_sort (names);
    return 0;
}

bool
file_is_there (const char *path)
{
    return faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void
file_allow_many (void)
{
    struct rlimit limit;

    if (getrlimit (RLIMIT_NOFILE, &limit) == 0
        && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)!setrlimit (RLIMIT_NOFILE, &limit);
    }
}

bool
file_remove_all (const char *dir, const char *last)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct dirent *e;

    while (d && (e = readdir (d))) {
        if (strcmp (e->d_name, ".") && strcmp (e->d_name, "..")
            && (!last || strcmp (e->d_name, last))) {
            unlinkat (dirfd (d), e->d_name, 0);
        }
    }
    if (d && last) {
        unlinkat (dirfd (d), last, 0);
    }
    return d != NULL;
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

void
file_set_aside (const char *path, const char *old)
{
    int fd = replaced.n < ARRAY_SIZE (replaced.fds)
                 ? open (old, O_PATH | O_CLOEXEC | O_NOFOLLOW)
                 : -1;

    if (fd >= 0) {
        replaced.fds[replaced.n++] = fd;
    }
    rename (path, old);
}

void
file_settle (void)
{
    while (replaced.n > 0) {
        close (replaced.fds[--replaced.n]);
    }
}

bool
file_is_at (int fd, const char *path)
{
    struct stat a, b;

    return fstat (fd, &a) == 0 && stat (path, &b) == 0 && a.st_ino == b.st_ino
           && a.st_dev == b.st_dev;
}

int
file_copy (const char *from, const char *to, struct error *err)
{
    CLEANUP_CLOSE int in = open (from, O_RDONLY | O_CLOEXEC);
    CLEANUP_CLOSE int out =
        open (to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    char buffer[65536];
    ssize_t n;

    if (in < 0) {
        return fail (err, errno, "cannot open %s: %m", from);
    }
    if (out < 0) {
        return fail (err, errno, "cannot write %s: %m", to);
    }
    while ((n = read (in, buffer, sizeof buffer)) > 0) {
        errno = ENOSPC;
        if (write (out, buffer, (size_t)n) != n) {
            return fail (err, errno, "cannot write %s: %m", to);
        }
    }
    if (n < 0 || fsync (out) < 0) {
        return fail (err, errno, "cannot copy %s to %s: %m", from, to);
    }
    return 0;
}
