/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-users.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

#define NOTES                                                                  \
    "images" /* In the VM's run directory: a path in JSON per line.            \
              */

static const char *
quoted (struct hvctl *h, const char *path)
{
    return arena_format (&h->arena, "\"%s\"", path);
}

static const char *
in_rundir (struct hvctl *h, const char *vm, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, vm), file);
}

int
image_users_note (struct hvctl *h, const char *vm, const char *path,
                  struct error *err)
{
    const char *notes = in_rundir (h, vm, NOTES);
    const char *line = arena_format (&h->arena, "%s\n", quoted (h, path));
    CLEANUP_CLOSE int fd =
        open (notes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    return fd < 0 || write (fd, line, strlen (line)) != (ssize_t)strlen (line)
               ? fail (err, errno, "cannot write %s: %m", notes)
               : 0;
}

static bool
names_it (struct hvctl *h, const char *vm, const char *file, const char *path)
{
    CLEANUP_FREE char *text = file_read (in_rundir (h, vm, file));

    return text && strstr (text, quoted (h, path));
}

static bool
was_given (struct hvctl *h, const char *vm, const char *path)
{
    return names_it (h, vm, "plan", path) || names_it (h, vm, NOTES, path);
}

static bool
is_writable (int fdinfo, const char *number)
{
    char text[4096], path[64];
    const char *flags;

    snprintf (path, sizeof path, "/proc/self/fd/%d/%s", fdinfo, number);
    file_read_kernel (path, text, sizeof text);
    flags = strstr (text, "flags:\t");
    return !flags
           || (strtoul (flags + strlen ("flags:\t"), NULL, 8) & O_ACCMODE)
                  != O_RDONLY;
}

/* Is one of the links in 'dir' to the file?  'fdinfo': a directory that tells
 * how each is open, or -1: the mode of the link does. */
static bool
links_to (const char *dir, int fdinfo, const struct stat *file, bool writing)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    struct stat st, link;
    struct dirent *e;

    while (d && (e = readdir (d))) {
        if (fstatat (dirfd (d), e->d_name, &st, 0) < 0
            || st.st_dev != file->st_dev || st.st_ino != file->st_ino) {
            continue;
        }
        if (!writing
            || (fdinfo >= 0
                    ? is_writable (fdinfo, e->d_name)
                    : fstatat (dirfd (d), e->d_name, &link, AT_SYMLINK_NOFOLLOW)
                              < 0
                          || (link.st_mode & S_IWUSR))) {
            return true;
        }
    }
    return false;
}

/* A first thread that has ended has no files any more; the others do. */
static bool
thread_has (struct hvctl *h, const char *task, const struct stat *file,
            bool writing)
{
    struct arena *a = &h->arena;
    CLEANUP_CLOSE int fdinfo = open (arena_format (a, "%s/fdinfo", task),
                                     O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return links_to (arena_format (a, "%s/fd", task), fdinfo, file, writing);
}

static bool
has_it (struct hvctl *h, const char *vm, const struct stat *file, bool writing)
{
    struct arena *a = &h->arena;
    struct vec tids = { 0 };
    struct vm_state s;
    const char *proc;
    bool found = false;

    state_read (h, vm, &s);
    if (s.run <= RUN_STALE) {
        return false;
    }
    proc = arena_format (a, "/proc/%d/task", (int)s.pid);
    file_names (a, proc, &tids);
    for (size_t i = 0; i < tids.n && !found; i++) {
        const char *task =
            arena_format (a, "%s/%s", proc, (const char *)tids.p[i]);

        found = thread_has (h, task, file, writing)
                || (i + 1 == tids.n /* They share their memory. */
                    && links_to (arena_format (a, "/proc/%s/map_files",
                                               (const char *)tids.p[i]),
                                 -1, file, writing));
    }
    return found;
}

bool
image_users_any (struct hvctl *h, const char *self, const char *path, int fd,
                 bool writing)
{
    struct vec names = { 0 };
    struct stat st;

    /* Who has a device such as /dev/null is nobody's business. */
    if (fstat (fd, &st) < 0
        || (!S_ISREG (st.st_mode) && !S_ISBLK (st.st_mode))) {
        return false;
    }
    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp (names.p[i], self) && was_given (h, names.p[i], path)
            && has_it (h, names.p[i], &st, writing)) {
            return true;
        }
    }
    return false;
}

const char *
image_users_names (struct hvctl *h, const char *self, const char *path, int fd)
{
    const char *users = NULL;
    struct vec names = { 0 };
    struct stat st;
    bool known = fstat (fd, &st) == 0, several = false;

    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp (names.p[i], self)
            && (names_it (h, names.p[i], "plan", path)
                || (known && has_it (h, names.p[i], &st, false)))) {
            several = users != NULL;
            users = several ? arena_format (&h->arena, "%s, %s", users,
                                            (const char *)names.p[i])
                            : names.p[i];
        }
    }
    return users
               ? arena_format (&h->arena, "VM%s %s", several ? "s" : "", users)
               : NULL;
}
