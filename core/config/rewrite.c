/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/compat.h"

#define MODE 0644 /* Of a new one. */

static const char *
directory_of (struct hvctl *h, const char *path)
{
    const char *slash = strrchr (path, '/');

    return slash ? arena_dup_n (&h->arena, path,
                                slash == path ? 1 : (size_t)(slash - path))
                 : ".";
}

const char *
rewrite_target (struct hvctl *h, const char *path)
{
    CLEANUP_FREE char *target = realpath (path, NULL);

    return target ? arena_dup (&h->arena, target) : path;
}

const char *
rewrite_temporary (struct hvctl *h, const char *path, const char *name)
{
    return arena_format (&h->arena, "%s/.%s.new", directory_of (h, path), name);
}

/* These include access control lists and labels.  One that cannot be copied is
 * left out: a label that only the system sets is right already. */
static void
copy_attributes (int from, int to)
{
    char names[4096], value[4096];
    ssize_t len = flistxattr (from, names, sizeof names);

    for (ssize_t i = 0; i < len; i += (ssize_t)strlen (names + i) + 1) {
        ssize_t n = fgetxattr (from, names + i, value, sizeof value);

        if (n >= 0 && fsetxattr (to, names + i, value, (size_t)n, 0) < 0) {
            continue;
        }
    }
}

/* If we may not set the group, its bits are cleared in the mode: nobody gains
 * access. */
static int
copy_metadata (const char *path, int to)
{
    CLEANUP_CLOSE int from = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st, now;
    mode_t mode = MODE;

    if (from < 0) {
        return errno == ENOENT ? fchmod (to, mode) : -1;
    }
    if (fstat (from, &st) < 0) {
        return -1;
    }
    if (fchown (to, st.st_uid, st.st_gid) < 0
        && fchown (to, (uid_t)-1, st.st_gid) < 0 && errno != EPERM) {
        return -1;
    }
    mode = st.st_mode & 07777;
    if (fstat (to, &now) == 0 && now.st_gid != st.st_gid) {
        mode &= 07707;
    }
    copy_attributes (from, to);
    return fchmod (to, mode);
}

int
rewrite_begin (const char *path, const char *temporary, const char *text,
               struct error *err)
{
    CLEANUP_CLOSE int fd = open (
        temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    size_t len = strlen (text);

    if (fd < 0) {
        return fail (err, errno, "cannot write %s: %m", temporary);
    }
    errno = ENOSPC;
    if (write (fd, text, len) != (ssize_t)len || copy_metadata (path, fd) < 0
        || fsync (fd) < 0) {
        fail (err, errno, "cannot write %s: %m", temporary);
        unlink (temporary);
        return -err->code;
    }
    return 0;
}

static int
rename_with (struct hvctl *h, const char *temporary, const char *path,
             unsigned flags, struct error *err)
{
    CLEANUP_CLOSE int dir =
        open (directory_of (h, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if ((flags ? renameat2 (AT_FDCWD, temporary, AT_FDCWD, path, flags)
               : rename (temporary, path))
        < 0) {
        return fail (err, errno, "cannot write %s: %m", path);
    }
    /* The file is in place; when it reaches the disk is up to the file
     * system. */
    if (dir >= 0 && fsync (dir) < 0) {
        hvctl_debug (h, "%s: %s", path, strerror (errno));
    }
    return 0;
}

int
rewrite_end (struct hvctl *h, const char *temporary, const char *path,
             struct error *err)
{
    return rename_with (h, temporary, path, 0, err);
}

int
rewrite_publish (struct hvctl *h, const char *temporary, const char *path,
                 struct error *err)
{
    return rename_with (h, temporary, path, RENAME_NOREPLACE, err);
}

void
rewrite_show (struct hvctl *h, const char *temporary, const char *shown,
              struct error *err)
{
    const char *text = arena_dup (&h->arena, err->text), *at;
    char *to = err->text;
    size_t room = sizeof err->text, n;

    while ((at = strstr (text, temporary)) && room > 256) {
        n = (size_t)snprintf (to, room, "%.*s%s", (int)(at - text), text,
                              shown);
        n = n < room ? n : room - 1;
        to += n;
        room -= n;
        text = at + strlen (temporary);
    }
    snprintf (to, room, "%s", text);
}

const char *
rewrite_kept (struct hvctl *h, const char *path)
{
    return arena_format (&h->arena, "%s" REWRITE_KEPT, path);
}

const char *
rewrite_keep (struct hvctl *h, const char *temporary, const char *path)
{
    const char *kept = rewrite_kept (h, path);

    return rename (temporary, kept) < 0 ? NULL : kept;
}
