/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Deletes snapshots and volumes, and makes clones independent. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/cleanup.h"
#include "plugins/storage-qcow2/storage-qcow2.h"

/* Is the image unwritten?  Then its table of tables is all zeros
 * (docs/interop/qcow2.txt: offsets 36 and 40), and it has no internal snapshots
 * (60). */
static bool
is_empty (const char *path)
{
    CLEANUP_CLOSE int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint8_t header[72], chunk[4096];
    uint64_t at = 0, left = 0;
    ssize_t n;

    if (fd < 0 || pread (fd, header, sizeof header, 0) != sizeof header) {
        return false;
    }
    for (size_t i = 36; i < 40; i++) {
        left = left << 8 | header[i];
    }
    for (size_t i = 40; i < 48; i++) {
        at = at << 8 | header[i];
    }
    if (memcmp (header + 60, "\0\0\0\0", 4) != 0 || at > INT64_MAX / 2) {
        return false;
    }
    for (left *= 8; left > 0; left -= (uint64_t)n, at += (uint64_t)n) {
        n = pread (fd, chunk, left < sizeof chunk ? left : sizeof chunk,
                   (off_t)at);
        for (ssize_t i = 0; i < n; i++) {
            if (chunk[i]) {
                return false;
            }
        }
        if (n <= 0) {
            return false;
        }
    }
    return true;
}

static int
size_of (struct change *c, const char *path, uint64_t *size)
{
    struct chain chain;
    int r = chain_walk (c->ctx, "the snapshot", path, "qcow2", c->dir, &chain);

    *size = chain.size;
    return r;
}

/* Writes the content of 'above' into the snapshot below it.  Until it replaces
 * 'above', that is complete, but the snapshot is not. */
static int
merge (struct change *c, const char *above, const char *frozen)
{
    const char *marker = marker_path (c->ctx, c->dir, frozen);
    CLEANUP_CLOSE int fd = -1;
    int r = volume_check_idle (c->ctx, frozen);

    if (r < 0) {
        return r;
    }
    fd = open (marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return hv_fail (c->ctx, errno, "cannot create %s: %m", marker);
    }
    r = volume_sync (c->ctx, c->dir);
    if (r == 0) {
        r = run_qemu_img (c->ctx,
                          (const char *const[]){ "qemu-img", "commit", "-q",
                                                 "-d", "-f", "qcow2", above,
                                                 NULL },
                          layer_paths (c->ctx, &c->chain),
                          (const char *const[]){ above, frozen, NULL });
    }
    close_fd (steal_fd (&fd));
    fd = r == 0 ? open (frozen, O_RDWR | O_CLOEXEC) : -1;
    if (r == 0 && (fd < 0 || fsync (fd) < 0)) {
        r = hv_fail (c->ctx, errno, "cannot write %s: %m", frozen);
    }
    return r;
}

/* The file that replaces a newer snapshot has the same age. */
static void
pass_time_on (const char *from, const char *to)
{
    char text[24];
    ssize_t len = getxattr (from, TIME_XATTR, text, sizeof text);

    if (len > 0) {
        setxattr (to, TIME_XATTR, text, (size_t)len, 0);
    }
}

/* Replaces the layer above with the snapshot's file, which has the same
 * content. */
static int
fold (struct change *c, const char *above, const char *frozen)
{
    uint64_t size, size_above;
    int r;

    if ((r = volume_check_idle (c->ctx, above)) < 0
        || (r = size_of (c, frozen, &size)) < 0
        || (r = size_of (c, above, &size_above)) < 0) {
        return r;
    }
    /* An empty overlay needs no merging, so a snapshot can even be rolled back
     * while a VM still writes to the frozen file. */
    if (!is_empty (above) || size != size_above) {
        r = merge (c, above, frozen);
    }
    if (r < 0) {
        return r;
    }
    pass_time_on (above, frozen);
    if (rename (frozen, above) < 0) {
        return hv_fail (c->ctx, errno, "cannot rename %s to %s: %m", frozen,
                        above);
    }
    unlink (marker_path (c->ctx, c->dir, frozen));
    return volume_sync (c->ctx, c->dir);
}

int
qcow2_forget (struct hv_ctx *ctx, const struct hv_volume *vol,
              const char *snapshot)
{
    CHANGE_CLEANUP struct change c;
    const char *frozen;
    size_t index;
    int r = change_of (ctx, vol, snapshot, &c, &frozen, &index);

    if (r < 0) {
        return r;
    }
    r = check_unused (ctx, &frozen, 1, c.dir, vol->name);
    return r < 0 ? r : fold (&c, c.chain.layers[index - 1].path, frozen);
}

/* ------------------------------------------------------------- Clones */

/* Returns the lowest layer that belongs to the volume itself. */
static size_t
lowest_own (const struct change *c)
{
    size_t own = 0;

    while (own + 1 < c->chain.n
           && snapshot_of (c->ctx, c->path, c->chain.layers[own + 1].path)) {
        own++;
    }
    return own;
}

/* Copies the layers below the volume into its lowest layer.  Until the header
 * is changed, at the very end, that layer is unchanged for its readers; in
 * between it has no mark, which one of the two headers would contradict. */
int
qcow2_promote (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    CHANGE_CLEANUP struct change c;
    int r = change_begin (ctx, vol, &c);
    const char *path;
    size_t own;

    if (r < 0) {
        return r;
    }
    own = lowest_own (&c);
    path = c.chain.layers[own].path;
    for (size_t i = 0; r == 0 && i <= own; i++) {
        r = volume_check_idle (ctx, c.chain.layers[i].path);
    }
    if (r < 0 || own + 1 == c.chain.n) {
        return r;
    }
    removexattr (path, BACKING_XATTR);
    r = run_qemu_img (ctx,
                      (const char *const[]){ "qemu-img", "rebase", "-q", "-f",
                                             "qcow2", "-b", "", path, NULL },
                      layer_paths (ctx, &c.chain),
                      (const char *const[]){ path, NULL });
    if (r == 0 && setxattr (path, BACKING_XATTR, "", 0, 0) < 0
        && errno != ENOTSUP) {
        r = hv_fail (ctx, errno, "cannot mark %s: %m", path);
    }
    return r;
}

/* Stores the files of the volume: those of its snapshots, including deleted
 * ones, and its own, which is the last. */
static int
own_files (struct hv_ctx *ctx, const char *path, const char *dir,
           const char ***files, size_t *n)
{
    const char *const none[] = { NULL }, *const *entries = none;
    size_t room = 1;
    int r = volume_entries (ctx, dir, &entries);

    if (r < 0 && r != -ENOENT) {
        errno = -r;
        return hv_fail (ctx, errno, "cannot read the directory %s: %m", dir);
    }
    while (entries[room - 1]) {
        room++;
    }
    *files = hv_alloc (ctx, room * sizeof **files);
    *n = 0;
    for (; *entries; entries++) {
        const char *file = hv_format (ctx, "%s/%s", dir, *entries);

        if (snapshot_of (ctx, path, file)) {
            (*files)[(*n)++] = file;
        }
    }
    (*files)[(*n)++] = path;
    return 0;
}

/* The snapshots are deleted first: after an interruption the volume is still
 * listed, and can be deleted again. */
int
qcow2_destroy (struct hv_ctx *ctx, const struct hv_volume *vol)
{
    const char **files = NULL, *path, *pool;
    size_t n = 0;
    int r = volume_of_pool (ctx, vol, "can be deleted");

    if (r == 0) {
        r = qcow2_locate (ctx, vol, &path, &pool);
    }
    if (r == 0) {
        r = own_files (ctx, path, pool, &files, &n);
    }
    if (r == 0) {
        r = check_unused (ctx, files, n, pool, vol->name);
    }
    for (size_t i = 0; r == 0 && i < n; i++) {
        if (i < n - 1) {
            unlink (marker_path (ctx, pool, files[i]));
        }
        r = volume_remove (ctx, files[i]);
    }
    return r;
}
