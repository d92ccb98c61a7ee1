/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "plugins/storage-zfs/make.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "plugins/storage-zfs/image.h"

/* zfs clone -o A=B -o C=D ... ORIGIN DATASET: with room. */
struct words {
    const char *p[32];
    size_t n;
};

static void
add (struct words *w, const char *word)
{
    w->p[w->n++] = word;
}

static void
set (struct hv_ctx *ctx, struct words *w, const char *property,
     const char *value)
{
    if (value) {
        add (w, "-o");
        add (w, hv_format (ctx, "%s=%s", property, value));
    }
}

static void
set_block_size (struct hv_ctx *ctx, struct words *w,
                const struct zfs_pool *pool, const struct make *make)
{
    if (!pool->zvol) {
        if (pool->block_size) {
            set (ctx, w, "recordsize",
                 hv_format (ctx, "%" PRIu64, pool->block_size));
        }
        set (ctx, w, "atime", "off");
        return;
    }
    /* "dev": the kernel does not look for partitions, which are the guest's. */
    set (ctx, w, "volmode", "dev");
    if (!make->origin) {
        set (ctx, w, "volblocksize",
             hv_format (ctx, "%" PRIu64, image_block_size (pool)));
    }
}

/* zfs may have created it and failed then: it could not be mounted, or was
 * killed. It is ours if its property names this process. */
static void
undo (struct hv_ctx *ctx, const struct make *make)
{
    const struct zfs_failure failure = zfs_last (ctx);
    struct zfs_objects found;

    if (zfs_get_ours (ctx, ZFS_MAKER, make->dataset, make->owner, false, &found)
            == 0
        && found.p[0].maker && !strcmp (found.p[0].maker, make->maker)) {
        zfs_undo (ctx, make->dataset);
    }
    zfs_repeat (ctx, &failure);
}

int
make_dataset (struct hv_ctx *ctx, const struct zfs_pool *pool,
              const struct make *make)
{
    struct words w = { .n = 0 };
    int r;

    add (&w, "zfs");
    add (&w, make->origin ? "clone" : "create");
    if (pool->zvol && !make->origin) {
        add (&w, "-s");
        add (&w, "-V");
        add (&w, hv_format (ctx, "%" PRIu64, make->size));
    }
    set (ctx, &w, ZFS_OWNER, make->owner);
    set (ctx, &w, ZFS_MAKER, make->maker);
    set (ctx, &w, ZFS_SOURCE, make->source);
    set_block_size (ctx, &w, pool, make);
    set (ctx, &w, "compression", pool->compression);
    if (make->origin) {
        add (&w, make->origin);
    }
    add (&w, make->dataset);
    r = zfs_run (ctx, w.p);
    if (r < 0 && r != -EEXIST && r != -ENOENT && r != -ENOTDIR) {
        undo (ctx, make);
    }
    return r;
}
