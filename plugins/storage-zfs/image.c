/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Several hvctl processes may need the same image at once, and any of them may
 * be killed: one creates the dataset, and records its process in the property
 * hvctl:maker; the others wait for it, or take over when that process has
 * exited. */
#include "plugins/storage-zfs/image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/hash.h"
#include "plugins/storage-zfs/make.h"

#define PREFIX "_image-"

enum {
    VOLUME_BLOCK = 16384, /* As OpenZFS has it since 2.2; 8K is slower. */
    SECTOR = 512,
    TURN = 200,      /* The interval between two checks of another process's
                      * dataset. */
    TURNS = 10,      /* Of taking over. */
    PATH_KEPT = 600, /* Of ZFS_SOURCE: a property has at most 1024 bytes. */
};

uint64_t
image_block_size (const struct zfs_pool *pool)
{
    return !pool->zvol        ? SECTOR
           : pool->block_size ? pool->block_size
                              : VOLUME_BLOCK;
}

uint64_t
image_round (const struct zfs_pool *pool, uint64_t size)
{
    uint64_t block = image_block_size (pool);

    return (size + block - 1) & ~(block - 1);
}

/* ----------------------------------------------------------- Identity */

/* The identity of the image's file, as the value of ZFS_SOURCE.  A program that
 * writes to the file can reset its modification time, but not the change time
 * of its inode. */
static const char *
describe (struct hv_ctx *ctx, const struct zfs_pool *pool,
          const struct import *from)
{
    const struct stat *st = &from->st;
    size_t len = strlen (from->path);
    char *text = hv_format (
        ctx, "%s %s%" PRIu64 " size=%jd inode=%ju time=%jd.%09ld %jd.%09ld %s",
        from->format, pool->zvol ? "zvol" : "file", image_block_size (pool),
        (intmax_t)st->st_size, (uintmax_t)st->st_ino,
        (intmax_t)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
        (intmax_t)st->st_ctim.tv_sec, st->st_ctim.tv_nsec,
        from->path + (len > PATH_KEPT ? len - PATH_KEPT : 0));

    for (char *p = text; *p; p++) {
        if (*p < ' ' || *p > '~') {
            *p = '?';
        }
    }
    return text;
}

/* ------------------------------------------------------- Existence */

enum there { ABSENT, UNMARKED, MAKING, ABANDONED, NO_SNAPSHOT, WHOLE };

static int
look (struct hv_ctx *ctx, const struct image *image, enum there *out)
{
    struct zfs_objects found;
    const struct zfs_object *o;
    int r = zfs_get (ctx, ZFS_OWNER "," ZFS_MAKER "," ZFS_SOURCE,
                     image->dataset, true, &found);

    if (r < 0) {
        *out = ABSENT;
        return r == -ENOENT ? 0 : r;
    }
    o = &found.p[0];
    if (!zfs_is (o, ZFS_IMAGE) || !o->maker || !o->source) {
        *out = UNMARKED;
        return 0;
    }
    if (strcmp (o->source, image->source) != 0) {
        return zfs_fail (ctx, EEXIST,
                         "'%s' is another image: destroy it if no volume needs "
                         "it ('zfs get " ZFS_SOURCE "' shows what it is)",
                         image->dataset);
    }
    if (strcmp (o->maker, ZFS_DONE) != 0) {
        *out = zfs_maker_lives (ctx, o->maker) ? MAKING : ABANDONED;
        return 0;
    }
    *out = NO_SNAPSHOT;
    for (size_t i = 1; i < found.n; i++) {
        if (!strcmp (found.p[i].name, image->snapshot)) {
            *out = WHOLE;
        }
    }
    return 0;
}

static int
take_snapshot (struct hv_ctx *ctx, const struct image *image)
{
    int r = ZFS_RUN (ctx, "snapshot", "-o", ZFS_OWNER "=" ZFS_SNAPSHOT,
                     image->snapshot);

    return r == -EEXIST ? 0 : r;
}

static int
make (struct hv_ctx *ctx, const struct zfs_pool *pool,
      const struct image *image)
{
    const struct make new = { .dataset = image->dataset,
                              .owner = ZFS_IMAGE,
                              .maker = zfs_maker (ctx),
                              .source = image->source,
                              .size = image->size };
    int r = make_dataset (ctx, pool, &new);

    if (r < 0) {
        return r;
    }
    r = import_into (ctx, &image->from, image->dataset, pool->zvol,
                     image->size);
    if (r == 0) {
        r = ZFS_RUN (ctx, "set", ZFS_MAKER "=" ZFS_DONE, image->dataset);
    }
    if (r < 0) {
        zfs_undo (ctx, image->dataset);
    }
    return r;
}

static int
wait_for_other (struct hv_ctx *ctx, const struct import *from)
{
    return zfs_wait (ctx, TURN) ? 0
                                : zfs_fail (ctx, ETIMEDOUT,
                                            "another hvctl is still importing "
                                            "%s: try again when it is done",
                                            from->path);
}

/* Takes the next step towards the image.  A new dataset gets its properties,
 * and so our mark, a moment after its name. */
static int
take_turn (struct hv_ctx *ctx, const struct zfs_pool *pool,
           const struct image *image, enum there there)
{
    return there == ABSENT      ? make (ctx, pool, image)
           : there == ABANDONED ? ZFS_RUN (ctx, "destroy", image->dataset)
                                : wait_for_other (ctx, &image->from);
}

int
image_get (struct hv_ctx *ctx, const struct zfs_pool *pool,
           const struct image *image)
{
    enum there there = ABSENT;

    for (int turns = 0; turns < TURNS;) {
        int r = look (ctx, image, &there);

        if (r < 0 || there == WHOLE) {
            return r;
        }
        if (there == NO_SNAPSHOT) {
            return take_snapshot (ctx, image);
        }
        r = take_turn (ctx, pool, image, there);
        turns += there != MAKING;
        /* Another process was faster. */
        if (r < 0 && r != -EEXIST && r != -ENOENT) {
            return r;
        }
    }
    return zfs_fail (ctx, EBUSY,
                     there == UNMARKED
                         ? "'%s' was not created by hvctl: destroy it, since "
                           "hvctl needs its name"
                         : "'%s' keeps appearing and disappearing",
                     image->dataset);
}

int
image_open (struct hv_ctx *ctx, const struct zfs_pool *pool,
            const struct hv_volume *vol, struct image *out)
{
    int r = import_open (ctx, vol->backing, vol->backing_format, &out->from);

    if (r < 0) {
        return r;
    }
    out->size = image_round (pool, out->from.size);
    out->source = describe (ctx, pool, &out->from);
    r = zfs_child (
        ctx, pool->dataset,
        hv_format (ctx, PREFIX "%016" PRIx64,
                   hash_bytes (HASH_START, out->source, strlen (out->source))),
        &out->dataset);
    out->snapshot = hv_format (ctx, "%s@" IMAGE_SNAPSHOT, out->dataset);
    return r;
}

void
image_close (struct image *image)
{
    import_close (&image->from);
}

/* ------------------------------------------------------- Clean-up */

/* Destroys it without an error: usually it is still in use. */
static bool
destroyed (struct hv_ctx *ctx, const char *what)
{
    int r = ZFS_RUN (ctx, "destroy", what);

    if (r < 0 && r != -ENOENT) {
        hv_log (ctx, HV_DEBUG, "%s is left behind", what);
        return false;
    }
    return true;
}

int
image_destroy (struct hv_ctx *ctx, const char *dataset)
{
    const char *snapshot = hv_format (ctx, "%s@" IMAGE_SNAPSHOT, dataset);

    return destroyed (ctx, snapshot) && destroyed (ctx, dataset)
               ? 0
               : zfs_fail (ctx, EBUSY,
                           "the image '%s' depends on it, and other volumes on "
                           "that: delete or promote them first",
                           dataset);
}

void
image_release (struct hv_ctx *ctx, const struct zfs_pool *pool,
               const char *origin)
{
    size_t len = strlen (pool->dataset);
    const char *at = origin ? strchr (origin, '@') : NULL, *dataset;
    struct zfs_objects found;

    if (pool->keep_images || !at || strcmp (at + 1, IMAGE_SNAPSHOT) != 0
        || strncmp (origin, pool->dataset, len) != 0
        || strncmp (origin + len, "/" PREFIX, sizeof PREFIX) != 0) {
        return;
    }
    dataset = hv_format (ctx, "%.*s", (int)(at - origin), origin);
    if (zfs_get_ours (ctx, "type", dataset, ZFS_IMAGE, false, &found) == 0
        && destroyed (ctx, origin)) {
        destroyed (ctx, dataset);
    }
}
