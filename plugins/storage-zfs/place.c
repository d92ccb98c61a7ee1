/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The kernel lists all mounts: /proc/self/mountinfo, see proc(5).  Reading it
 * takes microseconds, where 'zfs get' takes milliseconds, at each start of a
 * VM. */
#include "plugins/storage-zfs/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/compat.h"
#include "common/size.h"
#include "plugins/storage-zfs/zfs.h"

enum { NODE_LIMIT = 10000, NODE_STEP = 20 };

/* A line: "ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS TAG... - TYPE SOURCE
 * SUPEROPTIONS". */
struct mount {
    uint64_t id;
    char *root, *mountpoint, *type, *source, *options;
};

/* Decodes "\040" and the like. */
static void
unescape (char *s)
{
    char *to = s;

    while (*s) {
        if (s[0] == '\\' && strspn (s + 1, "01234567") >= 3) {
            *to++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + s[3] - '0');
            s += 4;
        } else {
            *to++ = *s++;
        }
    }
    *to = '\0';
}

static bool
split_mount (char *line, struct mount *m)
{
    char *rest = strstr (line, " - "), *id;

    if (!rest) {
        return false;
    }
    *rest = '\0';
    rest += 3;
    line[strcspn (line, "\n")] = rest[strcspn (rest, "\n")] = '\0';
    id = strsep (&line, " ");
    strsep (&line, " ");
    strsep (&line, " ");
    m->root = strsep (&line, " ");
    m->mountpoint = strsep (&line, " ");
    m->type = strsep (&rest, " ");
    m->source = strsep (&rest, " ");
    m->options = rest;
    if (!m->mountpoint || !m->source || !m->options
        || !parse_uint (id, &m->id)) {
        return false;
    }
    unescape (m->mountpoint);
    unescape (m->source);
    return true;
}

/* Any user may mount a FUSE file system that claims to be our dataset, so the
 * mount must be root's. */
static bool
is_zfs (const struct mount *m)
{
    return !strcmp (m->type, "zfs")
           || (!strcmp (m->type, "fuse.zfs")
               && strstr (m->options, ",user_id=0,"));
}

/* Does the path lead to this mount? */
static bool
is_visible (const struct mount *m)
{
    struct statx st;

    return statx (AT_FDCWD, m->mountpoint, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID,
                  &st)
               == 0
           && (!(st.stx_mask & STATX_MNT_ID) || st.stx_mnt_id == m->id);
}

const char *
place_mounted (struct hv_ctx *ctx, const char *dataset)
{
    CLEANUP_FCLOSE FILE *f = fopen ("/proc/self/mountinfo", "re");
    CLEANUP_FREE char *line = NULL;
    struct mount m;
    size_t room = 0;

    while (f && getline (&line, &room, f) > 0) {
        if (strstr (line, dataset) && split_mount (line, &m) && is_zfs (&m)
            && !strcmp (m.source, dataset) && !strcmp (m.root, "/")
            && is_visible (&m)) {
            return hv_format (ctx, "%s", m.mountpoint);
        }
    }
    return NULL;
}

/* Explains why it is not mounted. */
static int
not_mounted (struct hv_ctx *ctx, const char *dataset)
{
    struct zfs_objects found;
    const struct zfs_object *o;
    int r = zfs_get (ctx, "type,mounted,mountpoint", dataset, false, &found);

    if (r < 0) {
        return r;
    }
    o = &found.p[0];
    if (o->type && strcmp (o->type, "filesystem") != 0) {
        return zfs_fail (
            ctx, EINVAL,
            "'%s' is a ZFS volume, but its pool is for files in file systems: "
            "set 'zvol' to yes if the pool should have ZFS volumes",
            dataset);
    }
    if (o->mountpoint && o->mountpoint[0] != '/') {
        return zfs_fail (ctx, ENODEV,
                         "'%s' is not mounted, since its mountpoint is '%s': "
                         "give the pool's dataset one with 'zfs set "
                         "mountpoint=DIRECTORY'",
                         dataset, o->mountpoint);
    }
    return zfs_fail (ctx, ENODEV,
                     "'%s' is not mounted at %s, or something else is mounted "
                     "over it: run 'zfs mount %s'",
                     dataset, o->mountpoint ? o->mountpoint : "its mountpoint",
                     dataset);
}

int
place_open (struct hv_ctx *ctx, const char *dataset, const char **dir, int *fd)
{
    *dir = place_mounted (ctx, dataset);
    if (!*dir) {
        return not_mounted (ctx, dataset);
    }
    *fd = open (*dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) {
        return zfs_fail (ctx, errno, "cannot open %s: %m", *dir);
    }
    return 0;
}

const char *
place_node (struct hv_ctx *ctx, const char *dataset)
{
    return hv_format (ctx, "/dev/zvol/%s", dataset);
}

int
place_wait (struct hv_ctx *ctx, const char *node)
{
    struct stat st;
    bool more = true;

    for (int waited = 0; more && waited <= NODE_LIMIT; waited += NODE_STEP) {
        if (stat (node, &st) == 0) {
            return S_ISBLK (st.st_mode)
                       ? 0
                       : zfs_fail (ctx, ENOTBLK, "%s is not a block device",
                                   node);
        }
        more = zfs_wait (ctx, NODE_STEP);
    }
    return zfs_fail (ctx, ETIMEDOUT,
                     "the volume exists, but its device %s has not appeared: "
                     "is udev running, with the rules of zfs",
                     node);
}
