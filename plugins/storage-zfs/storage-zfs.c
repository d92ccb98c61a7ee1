/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-zfs: each volume is a dataset of its own below the pool's, with the
 * file disk.raw in it, or a ZFS volume.
 *
 *   zfs.c       the program zfs: what it is asked, and what it means
 *   place.c     where datasets are in this host's file tree
 *   pool.c      a pool's section, and names
 *   create.c    new volumes; make.c their datasets
 *   clone.c     volumes that are clones of others
 *   image.c     images, imported once and then cloned; import.c their bytes
 *   volume.c    volumes that are there
 *   snapshot.c  their snapshots
 *   stream.c    sending them; receive.c and increment.c receive
 *
 * A volume that is interrupted while it is made has no disk.raw yet (a zvol:
 * its property hvctl:maker is not "done"); the next create takes its place.
 * A start runs no program, if volumes are files. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "hvctl/plugin.h"
#include "plugins/common/volume.h"
#include "plugins/storage-zfs/image.h"
#include "plugins/storage-zfs/place.h"
#include "plugins/storage-zfs/volume.h"
#include "plugins/storage-zfs/zfs.h"

/* ---------------------------------------------------------------- Chain */

static int
chain_file (struct hv_ctx *ctx, const char *dataset, struct hv_chain *out,
            struct hv_volume_info *info)
{
    CLEANUP_CLOSE int dir_fd = -1;
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    const char *dir, *path;
    int r = place_open (ctx, dataset, &dir, &dir_fd);

    if (r < 0) {
        return r;
    }
    path = hv_format (ctx, "%s/" PLACE_DISK, dir);
    if (faccessat (dir_fd, PLACE_DISK, F_OK, AT_SYMLINK_NOFOLLOW) < 0
        && errno == ENOENT) {
        return zfs_fail (
            ctx, ENOENT,
            "'%s' has no " PLACE_DISK
            ": it is not a volume, or its creation was interrupted",
            dataset);
    }
    r = volume_open (ctx, "the volume", path, &fd, &st);
    if (r == 0) {
        r = volume_length (ctx, fd, &st, path, &info->size);
    }
    if (r == 0) {
        info->allocated = (uint64_t)st.st_blocks * 512;
        hv_layer (ctx, out, path, "raw");
    }
    return r;
}

static int
chain_zvol (struct hv_ctx *ctx, const char *dataset, struct hv_chain *out,
            struct hv_volume_info *info)
{
    struct zfs_objects found;
    const struct zfs_object *o;
    int r = zfs_get (ctx, "type,volsize,referenced," ZFS_MAKER, dataset, false,
                     &found);

    if (r < 0) {
        return r;
    }
    o = &found.p[0];
    if (!o->type || strcmp (o->type, "volume") != 0) {
        return zfs_fail (
            ctx, EINVAL,
            "'%s' is a file system, but its pool is for ZFS volumes: set "
            "'zvol' to no if the pool should have file systems",
            dataset);
    }
    if (o->maker && strcmp (o->maker, ZFS_DONE) != 0) {
        return zfs_fail (
            ctx, ENOENT,
            "'%s' is being created, or its creation was interrupted", dataset);
    }
    info->size = o->volsize;
    info->allocated = o->referenced;
    hv_layer (ctx, out, place_node (ctx, dataset), "raw");
    return 0;
}

static int
zfs_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
           struct hv_chain *out, struct hv_volume_info *info)
{
    struct zfs_pool pool;
    const char *dataset;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    return r < 0       ? r
           : pool.zvol ? chain_zvol (ctx, dataset, out, info)
                       : chain_file (ctx, dataset, out, info);
}

/* A file is usable at once. */
static int
zfs_activate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct zfs_pool pool;
    const char *dataset;
    int r = zvolume_locate (ctx, vol, &pool, &dataset);

    return r < 0 || !pool.zvol ? r
                               : place_wait (ctx, place_node (ctx, dataset));
}

static int
zfs_deactivate (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    return 0;
}

/* --------------------------------------------------------------- Resize */

static int
resize_zvol (struct hv_ctx *ctx, const struct zfs_pool *pool,
             const struct hv_volume *vol, const struct zfs_object *o)
{
    uint64_t size;
    int r = zvolume_check_size (ctx, pool, vol, NULL, &size);

    if (r == 0) {
        r = volume_check_growth (ctx, o->name, o->volsize, size);
    }
    return r < 0 || size == o->volsize
               ? r
               : ZFS_RUN (ctx, "set", hv_format (ctx, "volsize=%" PRIu64, size),
                          o->name);
}

static int
resize_file (struct hv_ctx *ctx, const struct hv_volume *vol,
             const char *dataset)
{
    CLEANUP_CLOSE int dir_fd = -1;
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    const char *dir;
    int r = place_open (ctx, dataset, &dir, &dir_fd);

    if (r < 0) {
        return r;
    }
    fd = openat (dir_fd, PLACE_DISK, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat (fd, &st) < 0) {
        return zfs_fail (ctx, errno, "cannot open %s/" PLACE_DISK ": %m", dir);
    }
    r = volume_check_growth (ctx, vol->name, (uint64_t)st.st_size, vol->size);
    if (r == 0 && (ftruncate (fd, (off_t)vol->size) < 0 || fsync (fd) < 0)) {
        return zfs_fail (ctx, errno, "cannot resize %s/" PLACE_DISK ": %m",
                         dir);
    }
    return r;
}

static int
zfs_resize (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    int r = zvolume_get (ctx, vol, "volsize", false, &pool, &found);

    if (r < 0) {
        return r;
    }
    return pool.zvol ? resize_zvol (ctx, &pool, vol, &found.p[0])
                     : resize_file (ctx, vol, found.p[0].name);
}

/* -------------------------------------------------------------- Destroy */

/* Names the snapshots and children of the dataset.  ENOTEMPTY: there are only
 * snapshots of ours, without clones. */
static int
check_children (struct hv_ctx *ctx, const struct hv_volume *vol,
                const struct zfs_objects *in, bool *image)
{
    const char *dependents = NULL, *clones = NULL;
    const char *dataset = in->p[0].name;
    size_t len = strlen (dataset);
    bool ours = true;
    int r;

    for (size_t i = 1; i < in->n; i++) {
        const char *name = in->p[i].name;

        if (!strcmp (name + len, "@" IMAGE_SNAPSHOT)) {
            *image = true; /* It was promoted. */
        } else if (zvolume_is_hidden (&in->p[i], dataset)) {
            return zvolume_is_needed (ctx, &in->p[i]);
        } else if (name[len] != '#') {
            dependents = zvolume_list (
                ctx, dependents, name[len] == '@' ? name + len + 1 : name);
            ours = ours && name[len] == '@' && zfs_is (&in->p[i], ZFS_SNAPSHOT);
        }
    }
    if (!dependents) {
        return 0;
    }
    r = ours ? zvolume_clones (ctx, dataset, &clones) : 0;
    return r < 0 ? r
                 : zfs_fail (ctx, ours && !clones ? ENOTEMPTY : EBUSY,
                             "'%s' has snapshots or child datasets, which "
                             "would be deleted with it: %s; delete them first "
                             "(hvctl volume rm %s/%s@SNAPSHOT)%s%s",
                             dataset, dependents, vol->pool, vol->name,
                             clones ? ", and before that their clones: " : "",
                             clones ? clones : "");
}

/* A promoted volume has the snapshot that the others are clones of, and the
 * dataset of the image is one of these clones itself. */
static int
release_promoted (struct hv_ctx *ctx, const struct zfs_pool *pool,
                  const char *dataset)
{
    const char *snapshot = hv_format (ctx, "%s@" IMAGE_SNAPSHOT, dataset);
    const char *clones = NULL, *image = NULL;
    struct zfs_objects found;
    int r = zfs_get (ctx, ZFS_OWNER ",origin", pool->dataset, true, &found);

    for (size_t i = 0; r == 0 && i < found.n; i++) {
        const struct zfs_object *o = &found.p[i];

        if (!o->origin || strcmp (o->origin, snapshot) != 0) {
            continue;
        }
        if (zfs_is (o, ZFS_IMAGE)) {
            image = o->name;
        } else {
            clones = zvolume_list (ctx, clones, o->name);
        }
    }
    if (clones) {
        return zfs_fail (
            ctx, EBUSY,
            "other volumes are clones of '%s' and would lose their "
            "data: %s; delete or promote them first",
            snapshot, clones);
    }
    if (r == 0 && image) {
        r = image_destroy (ctx, image);
    }
    return r < 0 ? r : ZFS_RUN (ctx, "destroy", snapshot);
}

static int
destroy_dataset (struct hv_ctx *ctx, const char *dataset)
{
    bool mounted = place_mounted (ctx, dataset);
    int r = ZFS_RUN (ctx, "destroy", dataset);
    const char *const argv[] = { "zfs", "mount", dataset, NULL };
    const struct hv_program mount = { .size = sizeof mount,
                                      .argv = argv,
                                      .timeout = hv_remaining (ctx) };

    /* zfs unmounts it first, and leaves it unmounted. */
    if (r < 0 && r != -ENOENT && mounted && !place_mounted (ctx, dataset)) {
        struct zfs_objects found;

        if (zfs_get (ctx, "type", dataset, false, &found) == 0
            && hv_run (ctx, &mount, NULL) < 0) {
            hv_log (ctx, HV_WARNING, "%s is no longer mounted", dataset);
        }
        return zfs_fail (ctx, -r, "zfs cannot destroy '%s' now: it is busy",
                         dataset);
    }
    return r == -ENOENT ? 0 : r;
}

static int
zfs_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    bool image = false;
    struct zfs_pool pool;
    struct zfs_objects found;
    int r = zvolume_get_tidy (ctx, vol, "origin", &pool, &found);

    if (r == -ENOENT) {
        /* It no longer exists, provided that its parent does. */
        return zvolume_check_parent (ctx, &pool, 0);
    }
    if (r == 0) {
        r = check_children (ctx, vol, &found, &image);
    }
    if (r == 0) {
        r = zvolume_check_idle (ctx, &pool, found.p[0].name);
    }
    if (r == 0 && image) {
        r = release_promoted (ctx, &pool, found.p[0].name);
    }
    if (r == 0) {
        r = destroy_dataset (ctx, found.p[0].name);
    }
    if (r == 0) {
        image_release (ctx, &pool, found.p[0].origin);
        zvolume_release (ctx, found.p[0].origin);
    }
    return r;
}

/* ----------------------------------------------------------------- List */

static int
zfs_list (struct hv_ctx *ctx, const struct hv_options *options,
          struct hv_list *out)
{
    struct zfs_pool pool;
    struct zfs_objects found;
    size_t len;
    int r = zfs_pool_read (ctx, options, &pool);

    if (r == 0) {
        r = zfs_get (ctx, "type," ZFS_OWNER, pool.dataset, true, &found);
    }
    if (r < 0) {
        return r == -ENOENT ? zvolume_check_parent (ctx, &pool, r) : r;
    }
    len = strlen (pool.dataset) + 1;
    for (size_t i = 1; i < found.n; i++) {
        const struct zfs_object *o = &found.p[i];
        const char *name = o->name + len;

        if (o->type && zfs_is (o, ZFS_VOLUME) && name[-1] == '/'
            && zfs_is_name (name)
            && !strcmp (o->type, pool.zvol ? "volume" : "filesystem")) {
            hv_add (ctx, out, name, NULL);
        }
    }
    return 0;
}

static const struct hv_storage storage = {
    .size = sizeof storage,
    .type = "zfs",
    .keys = zfs_keys,
    .chain = zfs_chain,
    .create = zfs_create,
    .destroy = zfs_destroy,
    .resize = zfs_resize,
    .check = zfs_check,
    .list = zfs_list,
    .activate = zfs_activate,
    .deactivate = zfs_deactivate,
    .snapshot = zfs_snapshot,
    .snapshots = zfs_snapshots,
    .revert = zfs_revert,
    .forget = zfs_forget,
    .promote = zfs_promote,
    .send = zfs_send,
    .receive = zfs_receive,
    .clone = zfs_clone,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "storage-zfs",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "volumes as ZFS datasets: instant clones and snapshots",
    .open = zfs_open,
    .storage = &storage,
};
