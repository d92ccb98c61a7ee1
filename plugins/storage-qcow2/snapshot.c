/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots, as files that every hypervisor can read: the volume's content is
 * frozen as NAME@SNAPSHOT.qcow2, and NAME.qcow2 is a new, empty overlay on it.
 * A volume's name contains no '@', so a snapshot cannot be mistaken for a
 * volume.
 *
 * At every moment NAME.qcow2 exists and is complete: it is only ever replaced,
 * by one rename().  Every interrupted operation can be repeated, and its
 * left-overs do not count, since the snapshots of a volume are those in its
 * chain.  A running VM is not disturbed: its descriptors stay with the frozen
 * file, until its hypervisor is told to switch to the overlay. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "common/size.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

void
change_end (struct change *c)
{
    volume_abandon (&c->file);
}

const char *
frozen_path (struct hv_ctx *ctx, const char *path, const char *snapshot)
{
    return hv_format (ctx, "%.*s@%s" SUFFIX,
                      (int)(strlen (path) - strlen (SUFFIX)), path, snapshot);
}

const char *
marker_path (struct hv_ctx *ctx, const char *dir, const char *frozen)
{
    return hv_format (ctx, "%s/.%s.gone", dir, strrchr (frozen, '/') + 1);
}

static const char *
base_name (const char *path)
{
    return strrchr (path, '/') + 1;
}

const char *
snapshot_of (struct hv_ctx *ctx, const char *path, const char *layer)
{
    size_t len = strlen (path) - strlen (SUFFIX);

    return !strncmp (path, layer, len) && layer[len] == '@'
               ? volume_name (ctx, layer + len + 1, SUFFIX)
               : NULL;
}

/* ------------------------------------------------------------- Beginning */

/* Removes second names of files in the chain: of a snapshot that was not
 * finished. */
static void
sweep (struct change *c)
{
    CLEANUP_CLOSEDIR DIR *d = opendir (c->dir);
    struct dirent *entry;

    while (d && (entry = readdir (d))) {
        const char *path = hv_format (c->ctx, "%s/%s", c->dir, entry->d_name);
        struct stat st;

        if (!snapshot_of (c->ctx, c->path, path) || lstat (path, &st) < 0) {
            continue;
        }
        for (size_t i = 0; i < c->chain.n; i++) {
            const struct layer *l = &c->chain.layers[i];

            if (l->dev == st.st_dev && l->ino == st.st_ino
                && strcmp (l->path, path) != 0) {
                unlink (path);
            }
        }
    }
}

int
change_begin (struct hv_ctx *ctx, const struct hv_volume *vol, struct change *c)
{
    int r = volume_of_pool (ctx, vol, "can have snapshots");

    *c = (struct change){ .ctx = ctx, .vol = vol, .file = VOLUME_FILE_INIT };
    if (r == 0) {
        r = qcow2_locate (ctx, vol, &c->path, &c->dir);
    }
    if (r == 0) {
        r = volume_begin_over (ctx, c->path, &c->file);
    }
    if (r == 0) {
        r = qcow2_walk (ctx, vol, &c->path, &c->chain);
    }
    if (r == 0) {
        sweep (c);
    }
    return r;
}

size_t
find_snapshot (const struct chain *chain, const char *frozen)
{
    for (size_t i = 1; i < chain->n; i++) {
        if (!strcmp (chain->layers[i].path, frozen)) {
            return i;
        }
    }
    return 0;
}

int
change_of (struct hv_ctx *ctx, const struct hv_volume *vol,
           const char *snapshot, struct change *c, const char **frozen,
           size_t *index)
{
    int r = change_begin (ctx, vol, c);

    if (r < 0) {
        return r;
    }
    *frozen = frozen_path (ctx, c->path, snapshot);
    *index = find_snapshot (&c->chain, *frozen);
    return *index
               ? 0
               : hv_fail (ctx, ENOENT, "there is no snapshot '%s'", snapshot);
}

/* Creates an empty overlay on the snapshot, with the permissions of the
 * volume. */
static int
write_overlay (struct change *c, const char *frozen, uint64_t size)
{
    const struct hv_volume overlay = {
        .name = c->vol->name,
        .pool = c->vol->pool,
        .options = c->vol->options,
        .backing = base_name (frozen),
        .backing_format = "qcow2",
    };
    struct stat st;
    int r = image_write (c->ctx, &overlay, (size + 511) & ~UINT64_C (511),
                         &c->file);

    if (r == 0
        && (stat (c->path, &st) < 0
            || fchown (c->file.fd, st.st_uid, st.st_gid) < 0
            || fchmod (c->file.fd, st.st_mode & 07777) < 0)) {
        r = hv_fail (c->ctx, errno, "cannot give %s the permissions of %s: %m",
                     c->file.temporary, c->path);
    }
    return r;
}

/* ------------------------------------------------------------- Making */

static bool
same_file (const char *a, const char *b)
{
    struct stat s, t;

    return lstat (a, &s) == 0 && lstat (b, &t) == 0 && s.st_dev == t.st_dev
           && s.st_ino == t.st_ino;
}

static int
check_new (struct change *c, const char *frozen, const char *snapshot)
{
    if (find_snapshot (&c->chain, frozen)) {
        return hv_fail (c->ctx, EEXIST, "there is already a snapshot '%s'",
                        snapshot);
    }
    if (c->chain.n == CHAIN_MAX) {
        return hv_fail (
            c->ctx, ELOOP,
            "the volume already has %d layers, the maximum: delete a snapshot",
            CHAIN_MAX);
    }
    return check_unused (c->ctx, &c->path, 1, c->dir, c->vol->name);
}

/* Creates the hard link, and records the time. */
static int
freeze (struct change *c, const char *frozen)
{
    const char *now = hv_format (c->ctx, "%lld", (long long)time (NULL));

    unlink (marker_path (c->ctx, c->dir, frozen));
    if (setxattr (c->path, TIME_XATTR, now, strlen (now), 0) < 0
        && errno != ENOTSUP) {
        return hv_fail (c->ctx, errno, "cannot mark %s: %m", c->path);
    }
    if (link (c->path, frozen) == 0) {
        return 0;
    }
    return hv_fail (
        c->ctx, errno,
        errno == EEXIST
            ? "%s is in the way: it is not a snapshot of this volume, so "
              "inspect it, and move it away"
            : "cannot create %s, a hard link to the volume's file: %m",
        frozen);
}

int
qcow2_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot)
{
    CHANGE_CLEANUP struct change c;
    int r = change_begin (ctx, vol, &c);
    const char *frozen;

    if (r < 0) {
        return r;
    }
    frozen = frozen_path (ctx, c.path, snapshot);
    r = check_new (&c, frozen, snapshot);
    if (r == 0) {
        r = write_overlay (&c, frozen, c.chain.size);
    }
    if (r == 0) {
        r = freeze (&c, frozen);
    }
    if (r < 0) {
        return r;
    }
    r = volume_finish (ctx, &c.file);
    if (r < 0 && same_file (frozen, c.path)) {
        unlink (frozen);
    } else if (r < 0) {
        rename (frozen, c.path); /* As it was. */
    }
    return r;
}

/* Without attributes: the time of the guest's last write. */
static int64_t
time_of (const char *frozen)
{
    char text[24] = "";
    ssize_t len = getxattr (frozen, TIME_XATTR, text, sizeof text - 1);
    uint64_t seconds;
    struct stat st;

    if (len > 0 && parse_uint (text, &seconds) && seconds <= INT64_MAX) {
        return (int64_t)seconds;
    }
    return stat (frozen, &st) == 0 ? st.st_mtime : 0;
}

int
qcow2_snapshots (struct hv_ctx *ctx, const struct hv_volume *vol,
                 struct hv_list *out)
{
    struct chain chain;
    const char *path;
    int r = volume_of_pool (ctx, vol, "can have snapshots");

    if (r == 0) {
        r = qcow2_walk (ctx, vol, &path, &chain);
    }
    for (size_t i = r < 0 ? 0 : chain.n; i-- > 1;) {
        const char *layer = chain.layers[i].path;
        const char *name = snapshot_of (ctx, path, layer);

        if (name) {
            hv_add (ctx, out, name,
                    hv_format (ctx, "%" PRId64, time_of (layer)));
        }
    }
    return r;
}

/* ------------------------------------------------------------- Reverting */

/* Fails if there are layers between the volume and the snapshot. */
static int
check_newest (struct change *c, size_t index)
{
    const char *newer = "";

    for (size_t i = index; i-- > 1;) {
        const char *layer = c->chain.layers[i].path;
        const char *name = snapshot_of (c->ctx, c->path, layer);

        newer = hv_format (c->ctx, "%s%s%s", newer, *newer ? ", " : "",
                           name ? name : layer);
    }
    return *newer ? hv_fail (c->ctx, EBUSY,
                             "newer snapshots would be lost: %s; delete them "
                             "first if you do not need them",
                             newer)
                  : 0;
}

static int
check_whole (struct change *c, const char *frozen, const char *snapshot)
{
    return access (marker_path (c->ctx, c->dir, frozen), F_OK) == 0
               ? hv_fail (c->ctx, EIO,
                          "the deletion of snapshot '%s' was interrupted, and "
                          "its content is no longer complete: delete it again",
                          snapshot)
               : 0;
}

int
qcow2_revert (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char *snapshot)
{
    CHANGE_CLEANUP struct change c;
    struct chain below;
    const char *frozen;
    size_t index;
    int r = change_of (ctx, vol, snapshot, &c, &frozen, &index);

    if (r < 0) {
        return r;
    }
    if ((r = check_newest (&c, index)) < 0
        || (r = check_whole (&c, frozen, snapshot)) < 0
        || (r = volume_check_idle (ctx, c.path)) < 0
        || (r = check_unused (ctx, &c.path, 1, c.dir, vol->name)) < 0
        || (r = chain_walk (ctx, "the snapshot", frozen, "qcow2", c.dir,
                            &below))
               < 0
        || (r = write_overlay (&c, frozen, below.size)) < 0) {
        return r;
    }
    return volume_finish (ctx, &c.file);
}
