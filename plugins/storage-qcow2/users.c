/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Users of an image: the images of its pool that have it as backing file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

/* Has the image 'path' one of the files 'st' as backing file? */
static bool
lies_on (struct hv_ctx *ctx, const char *path, const struct stat *st, size_t n)
{
    CLEANUP_CLOSE int fd = -1;
    struct qcow2_header header;
    char reason[QCOW2_REASON];
    struct stat s;

    if (stat (path, &s) < 0 || !S_ISREG (s.st_mode)) {
        return false;
    }
    fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || !qcow2_read (fd, &header, reason) || !header.backing[0]
        || stat (chain_resolve (ctx, path, header.backing), &s) < 0) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (s.st_dev == st[i].st_dev && s.st_ino == st[i].st_ino) {
            return true;
        }
    }
    return false;
}

const char *
image_name (struct hv_ctx *ctx, const char *entry, const char **at)
{
    const char *sign = strchr (entry, '@');
    const char *volume;

    *at = NULL;
    if (!sign) {
        return volume_name (ctx, entry, SUFFIX);
    }
    volume = hv_format (ctx, "%.*s" SUFFIX, (int)(sign - entry), entry);
    if (!volume_name (ctx, volume, SUFFIX)
        || !volume_name (ctx, sign + 1, SUFFIX)) {
        return NULL;
    }
    volume =
        hv_format (ctx, "%.*s", (int)(strlen (entry) - strlen (SUFFIX)), entry);
    *at = strchr (volume, '@');
    return volume;
}

/* Is the image 'name' the volume 'owner', or a snapshot of it? */
static bool
is_of (const char *name, const char *at, const char *owner)
{
    size_t len = at ? (size_t)(at - name) : strlen (name);

    return strlen (owner) == len && !strncmp (name, owner, len);
}

/* Stores which of the files exist; returns how many. */
static size_t
stat_all (const char *const files[], size_t n, struct stat *st)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        found += stat (files[i], &st[found]) == 0;
    }
    return found;
}

int
check_unused (struct hv_ctx *ctx, const char *const files[], size_t n,
              const char *dir, const char *owner)
{
    struct stat *st = hv_alloc (ctx, n * sizeof *st);
    const char *const *entries;
    const char *users = NULL;
    int r;

    n = stat_all (files, n, st);
    r = n ? volume_entries (ctx, dir, &entries) : -ENOENT;
    if (r < 0) {
        errno = -r;
        return r == -ENOENT ? 0 /* The files do not exist. */
                            : hv_fail (ctx, errno,
                                       "cannot read the directory %s: %m", dir);
    }
    for (; *entries; entries++) {
        const char *at, *name = image_name (ctx, *entries, &at);

        if (name && !is_of (name, at, owner)
            && lies_on (ctx, hv_format (ctx, "%s/%s", dir, *entries), st, n)) {
            users = users ? hv_format (ctx, "%s, %s", users, name) : name;
        }
    }
    if (users) {
        return hv_fail (ctx, EBUSY,
                        "other volumes of the pool have it as backing file and "
                        "would lose their data: %s",
                        users);
    }
    return 0;
}
