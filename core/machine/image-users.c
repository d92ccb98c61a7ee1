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

/* In the VM's run directory: DEVICE:INODE of each file, between spaces.  A path
 * would be one of several.  They stay until the VM is released: it may keep
 * what it was told to give back. */
#define NOTES "images"

/* Who has a device such as /dev/null is nobody's business. */
static bool
is_image (const struct stat *file)
{
    return S_ISREG (file->st_mode) || S_ISBLK (file->st_mode);
}

static const char *
notes_of (struct hvctl *h, const char *vm)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, vm), NOTES);
}

static const char *
as_word (struct hvctl *h, const struct stat *file)
{
    return arena_format (&h->arena, " %ju:%ju ", (uintmax_t)file->st_dev,
                         (uintmax_t)file->st_ino);
}

int
image_users_note (struct hvctl *h, const char *vm,
                  const struct image_open images[], size_t n, struct error *err)
{
    const char *notes = notes_of (h, vm), *line = "";
    CLEANUP_CLOSE int fd = -1;

    for (size_t i = 0; i < n; i++) {
        struct stat st;

        if (fstat (images[i].fd, &st) == 0 && is_image (&st)) {
            line = arena_format (&h->arena, "%s%s", line, as_word (h, &st));
        }
    }
    if (!*line) {
        return 0;
    }
    fd = open (notes, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 || write (fd, line, strlen (line)) != (ssize_t)strlen (line)
               ? fail (err, errno, "cannot write %s: %m", notes)
               : 0;
}

static bool
was_given (struct hvctl *h, const char *vm, const struct stat *file)
{
    CLEANUP_FREE char *text = file_read (notes_of (h, vm));

    return text && strstr (text, as_word (h, file));
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

enum has { HAS_NOT, HAS, HAS_UNKNOWN };

static bool
is_open_for_writing (DIR *links, int fdinfo, const char *name)
{
    struct stat link;

    return fdinfo >= 0
               ? is_writable (fdinfo, name)
               : fstatat (dirfd (links), name, &link, AT_SYMLINK_NOFOLLOW) < 0
                     || (link.st_mode & S_IWUSR);
}

/* Is one of the links in 'dir' to the file?  'fdinfo': a directory that tells
 * how each is open, or -1: the mode of the link does.  It is unknown if there
 * is none, as for a thread that has ended. */
static enum has
links_to (const char *dir, int fdinfo, const struct stat *file, bool writing)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (dir);
    enum has has = HAS_UNKNOWN;
    struct dirent *e;
    struct stat st;

    while (d && (e = readdir (d))) {
        if (*e->d_name == '.') {
            continue;
        }
        has = HAS_NOT;
        if (fstatat (dirfd (d), e->d_name, &st, 0) == 0
            && st.st_dev == file->st_dev && st.st_ino == file->st_ino
            && (!writing || is_open_for_writing (d, fdinfo, e->d_name))) {
            return HAS;
        }
    }
    return has;
}

static enum has
thread_has_open (struct hvctl *h, const char *task, const struct stat *file,
                 bool writing)
{
    struct arena *a = &h->arena;
    CLEANUP_CLOSE int fdinfo = open (arena_format (a, "%s/fdinfo", task),
                                     O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return links_to (arena_format (a, "%s/fd", task), fdinfo, file, writing);
}

/* Threads share their files and their memory, but one that has ended has
 * neither: the first one that is alive tells. */
static enum has
has_it (struct hvctl *h, const char *vm, const struct stat *file, bool writing)
{
    struct arena *a = &h->arena;
    enum has open = HAS_UNKNOWN, mapped = HAS_UNKNOWN;
    struct vec tids = { 0 };
    struct vm_state s;
    const char *proc;

    state_read (h, vm, &s);
    if (s.run <= RUN_STALE) {
        return HAS_NOT;
    }
    proc = arena_format (a, "/proc/%d/task", (int)s.pid);
    file_names (a, proc, &tids);
    for (size_t i = 0; i < tids.n && open != HAS; i++) {
        const char *tid = tids.p[i];

        if (open == HAS_UNKNOWN) {
            open = thread_has_open (h, arena_format (a, "%s/%s", proc, tid),
                                    file, writing);
        }
        if (mapped == HAS_UNKNOWN && open != HAS) {
            mapped = links_to (arena_format (a, "/proc/%s/map_files", tid), -1,
                               file, writing);
        }
        if (open == HAS_NOT && mapped != HAS_UNKNOWN) {
            break;
        }
    }
    return mapped == HAS ? HAS : open;
}

static enum has
uses (struct hvctl *h, const char *vm, const struct stat *file, bool writing)
{
    return was_given (h, vm, file) ? has_it (h, vm, file, writing) : HAS_NOT;
}

bool
image_users_any (struct hvctl *h, const char *self, int fd, bool writing)
{
    const struct image_open image = { .fd = fd, .writing = writing };

    return image_users_first (h, self, &image, 1) == 0;
}

static bool
is_used (struct hvctl *h, const char *self, const struct image_open *image,
         const struct vec *names)
{
    struct stat st;

    if (image->ignored || !names->n || fstat (image->fd, &st) < 0
        || !is_image (&st)) {
        return false;
    }
    for (size_t i = 0; i < names->n; i++) {
        if (strcmp (names->p[i], self)
            && uses (h, names->p[i], &st, image->writing) == HAS) {
            return true;
        }
    }
    return false;
}

int
image_users_first (struct hvctl *h, const char *self,
                   const struct image_open images[], size_t n)
{
    struct vec names = { 0 };

    if (n) {
        state_names (h, &names);
    }
    for (size_t i = 0; i < n; i++) {
        if (is_used (h, self, &images[i], &names)) {
            return (int)i;
        }
    }
    return -1;
}

const char *
image_users_names (struct hvctl *h, const char *self, int fd)
{
    const char *users = NULL;
    struct vec names = { 0 };
    bool several = false;
    struct stat st;

    if (fstat (fd, &st) < 0) {
        return NULL;
    }
    state_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (strcmp (names.p[i], self)
            && uses (h, names.p[i], &st, false) != HAS_NOT) {
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
