/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* storage-qcow2: each volume is a qcow2 file in a directory, alone or as an
 * overlay on another image.
 *
 * Images are looked at by chain.c, in process.  Only what writes one is left
 * to qemu-img (image.c), after chain.c has agreed.  A start runs no program.
 * Snapshots are files, too: snapshot.c. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "common/size.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

static const struct hv_key plugin_keys[] = {
    { BACKING_PATH_KEY, HV_PATHS, NULL,
      "directories, separated by colons, whose files any image may have as "
      "backing files",
      false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static const struct hv_key pool_keys[] = {
    VOLUME_PATH_KEY,
    { "preallocation", HV_STRING, "off",
      "space to allocate at once: off, metadata, falloc or full (not for "
      "overlays)",
      false },
    { "cluster_size", HV_SIZE, "64K", "cluster size of new volumes", false },
    { "lazy_refcounts", HV_BOOL, "no",
      "lazy reference counts: faster, but slow to open after a crash", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

int
qcow2_locate (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char **path, const char **pool)
{
    int r = volume_path (ctx, vol, SUFFIX, path);

    *pool = r == 0 && !vol->path ? volume_parent (ctx, *path) : NULL;
    return r;
}

int
qcow2_walk (struct hv_ctx *ctx, const struct hv_volume *vol, const char **path,
            struct chain *chain)
{
    const char *pool;
    int r = qcow2_locate (ctx, vol, path, &pool);

    return r < 0 ? r
                 : chain_walk (ctx, vol->path ? "the image" : "the volume",
                               *path, "qcow2", pool, chain);
}

static int
qcow2_chain (struct hv_ctx *ctx, const struct hv_volume *vol,
             struct hv_chain *out, struct hv_volume_info *info)
{
    struct chain chain;
    const char *path;
    int r = qcow2_walk (ctx, vol, &path, &chain);

    if (r < 0) {
        return r;
    }
    for (size_t i = 0; i < chain.n; i++) {
        hv_layer (ctx, out, chain.layers[i].path, chain.layers[i].format);
    }
    info->size = chain.size;
    info->allocated = chain.allocated;
    return 0;
}

/* ------------------------------------------------------------- Volumes */

/* Checks the backing image of the new volume, and the size. */
static int
check_backing (struct hv_ctx *ctx, const struct hv_volume *vol,
               const char *pool, uint64_t *size)
{
    struct chain chain;
    char needs[32];
    int r;

    *size = vol->size;
    if (!vol->backing) {
        return volume_check_size (ctx, vol->size);
    }
    /* The header has room for 1023 bytes, and our parser accepts only printable
     * ones. */
    if (vol->backing[0] != '/' || strlen (vol->backing) > 1023
        || strpbrk (vol->backing, "\n\r\t\033")) {
        return hv_fail (ctx, EINVAL,
                        "'%s' cannot be the name of a backing file: it must "
                        "be absolute, at most 1023 bytes, and on one line",
                        vol->backing);
    }
    r = chain_walk (ctx, "the backing image", vol->backing, vol->backing_format,
                    pool, &chain);
    if (r < 0) {
        return r;
    }
    if (chain.n == CHAIN_MAX) {
        return hv_fail (ctx, ELOOP, "%s already has %d layers, the maximum",
                        vol->backing, CHAIN_MAX);
    }
    if (!vol->size) {
        *size = (chain.size + 511) & ~UINT64_C (511);
    } else if (vol->size < chain.size) {
        return hv_fail (
            ctx, EINVAL,
            "a volume with backing file %s needs at least its size, %s",
            vol->backing, format_size (chain.size, needs, sizeof needs));
    }
    return volume_check_size (ctx, *size);
}

static int
qcow2_check (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char *path, *pool;
    uint64_t size;
    int r = volume_of_pool (ctx, vol, "can be created");

    if (r == 0) {
        r = qcow2_locate (ctx, vol, &path, &pool);
    }
    return r < 0 ? r : check_backing (ctx, vol, pool, &size);
}

static int
qcow2_create (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    VOLUME_FILE_CLEANUP struct volume_file file = VOLUME_FILE_INIT;
    const char *path, *pool;
    uint64_t size;
    int r = volume_of_pool (ctx, vol, "can be created");

    if (r == 0) {
        r = qcow2_locate (ctx, vol, &path, &pool);
    }
    if (r == 0) {
        r = check_backing (ctx, vol, pool, &size);
    }
    if (r == 0) {
        r = volume_begin (ctx, path, &file);
    }
    if (r == 0) {
        r = image_write (ctx, vol, size, &file);
    }
    return r < 0 ? r : volume_finish (ctx, &file);
}

int
qcow2_find (struct hv_ctx *ctx, const struct hv_volume *vol,
            const char *snapshot, const char **path, struct chain *chain,
            size_t *index)
{
    const char *frozen;
    int r = qcow2_walk (ctx, vol, path, chain);

    if (r < 0) {
        return r;
    }
    frozen = frozen_path (ctx, *path, snapshot);
    *index = find_snapshot (chain, frozen);
    if (!*index) {
        return hv_fail (ctx, ENOENT, "'%s' has no snapshot '%s'", vol->name,
                        snapshot);
    }
    if (access (marker_path (ctx, volume_parent (ctx, *path), frozen), F_OK)
        == 0) {
        return hv_fail (ctx, EIO,
                        "the deletion of snapshot '%s' was interrupted: "
                        "delete it again",
                        snapshot);
    }
    return 0;
}

static int
clone_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
                const struct hv_volume *from, const char *snapshot)
{
    struct hv_volume overlay = *vol;
    struct chain chain;
    const char *path;
    size_t i;
    int r = qcow2_find (ctx, from, snapshot, &path, &chain, &i);

    if (r < 0) {
        return r;
    }
    overlay.backing = chain.layers[i].path;
    overlay.backing_format = "qcow2";
    return qcow2_create (ctx, &overlay);
}

/* An overlay may only be on a file that is not written any more: a snapshot. */
static int
qcow2_clone (struct hv_ctx *ctx, const struct hv_volume *vol,
             const struct hv_volume *from, const char *snapshot)
{
    const char *path, *pool, *name;
    int r;

    if (snapshot) {
        return clone_snapshot (ctx, vol, from, snapshot);
    }
    name = hv_format (ctx, "clone-%.50s", vol->name);
    r = qcow2_locate (ctx, vol, &path, &pool);
    if (r == 0 && access (path, F_OK) == 0) {
        return hv_fail (ctx, EEXIST, "%s already exists", path);
    }
    if (r == 0) {
        r = qcow2_locate (ctx, from, &path, &pool);
    }
    if (r == 0) {
        r = volume_check_idle (ctx, path);
    }
    if (r == 0) {
        r = qcow2_snapshot (ctx, from, name);
    }
    /* Left by an hvctl that was killed before it had created the clone. */
    if (r == -EEXIST) {
        r = qcow2_forget (ctx, from, name);
        r = r < 0 ? r : qcow2_snapshot (ctx, from, name);
    }
    if (r < 0) {
        return r;
    }
    r = clone_snapshot (ctx, vol, from, name);
    if (r < 0) {
        qcow2_forget (ctx, from, name);
    }
    return r;
}

static int
qcow2_resize (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    struct chain chain;
    const char *path;
    int r = qcow2_walk (ctx, vol, &path, &chain);

    if (r == 0) {
        r = volume_check_growth (ctx, path, chain.size, vol->size);
    }
    if (r < 0 || vol->size == chain.size) {
        return r;
    }
    return run_qemu_img (
        ctx,
        (const char *const[]){ "qemu-img", "resize", "-q", "-f", "qcow2", path,
                               hv_format (ctx, "%" PRIu64, vol->size), NULL },
        layer_paths (ctx, &chain), (const char *const[]){ path, NULL });
}

static int
qcow2_list (struct hv_ctx *ctx, const struct hv_options *options,
            struct hv_list *out)
{
    return volume_list (ctx, options, SUFFIX, out);
}

static const struct hv_storage storage = {
    .size = sizeof storage,
    .type = "qcow2",
    .format = "qcow2",
    .keys = pool_keys,
    .chain = qcow2_chain,
    .create = qcow2_create,
    .destroy = qcow2_destroy,
    .resize = qcow2_resize,
    .check = qcow2_check,
    .list = qcow2_list,
    .snapshot = qcow2_snapshot,
    .snapshots = qcow2_snapshots,
    .revert = qcow2_revert,
    .forget = qcow2_forget,
    .promote = qcow2_promote,
    .send = qcow2_send,
    .receive = qcow2_receive,
    .clone = qcow2_clone,
};

const struct hv_plugin hv_plugin = {
    .abi = HV_ABI,
    .size = sizeof hv_plugin,
    .name = "storage-qcow2",
    .version = "0.1.0",
    .license = "LGPL-2.1-or-later",
    .summary = "volumes and overlays as qcow2 files in a directory",
    .keys = plugin_keys,
    .storage = &storage,
};
