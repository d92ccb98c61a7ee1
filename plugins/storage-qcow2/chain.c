/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Nothing is guessed here, and nothing is trusted.  A header decides which
 * files of the host a hypervisor can read, so each layer has to state the
 * format of its backing file, which has to be of that format. */
#include "plugins/storage-qcow2/chain.h"

#include <errno.h>
#include <string.h>
#include <sys/xattr.h>

#include "common/cleanup.h"
#include "common/qcow2.h"
#include "plugins/common/volume.h"

/* Constant along the chain. */
struct walk {
    const char *pool;
    struct chain *chain;
};

const char *
chain_resolve (struct hv_ctx *ctx, const char *path, const char *name)
{
    const char *dir = volume_parent (ctx, path);

    if (name[0] == '/') {
        return hv_format (ctx, "%s", name);
    }
    return hv_format (ctx, "%s/%s", strcmp (dir, "/") ? dir : "", name);
}

/* ------------------------------------------ Which files it may name */

/* Is 'path', which is as realpath() returns it, below 'dir'?  'deep': not
 * only directly. */
static bool
is_below (const char *path, const char *dir, bool deep)
{
    CLEANUP_FREE char *real = realpath (dir, NULL);
    size_t len = real ? strlen (real) : 0;

    if (!real || strncmp (path, real, len) != 0) {
        return false;
    }
    if (strcmp (real, "/") != 0) {
        if (path[len] != '/') {
            return false;
        }
        len++;
    }
    return deep || !strchr (path + len, '/');
}

/* Is 'path' below one of the directories "A:B:C"? */
static bool
is_below_any (struct hv_ctx *ctx, const char *path, const char *dirs)
{
    while (dirs && *dirs) {
        size_t len = strcspn (dirs, ":");

        if (len
            && is_below (path, hv_format (ctx, "%.*s", (int)len, dirs), true)) {
            return true;
        }
        dirs += len + (dirs[len] == ':');
    }
    return false;
}

/* Did we set it, or did the owner confirm it?  check_mark() has compared the
 * mark.  It is not enough that the image is in a pool: it may have been copied
 * there. */
static bool
is_marked (int fd)
{
    return fgetxattr (fd, BACKING_XATTR, NULL, 0) >= 0;
}

static bool
is_in_pool (const struct walk *w, const char *path)
{
    CLEANUP_FREE char *real = realpath (path, NULL);

    return real && w->pool && is_below (real, w->pool, false);
}

int
chain_check_place (struct hv_ctx *ctx, const char *path, const char *named,
                   const char *backing)
{
    CLEANUP_FREE char *real = realpath (path, NULL);
    CLEANUP_FREE char *below = realpath (backing, NULL);

    /* A missing or unreadable file is reported when it is opened. */
    if (!real || !below) {
        return 0;
    }
    if (is_below (below, volume_parent (ctx, real), false)
        || is_below_any (ctx, below, hv_option (ctx, NULL, BACKING_PATH_KEY))) {
        return 0;
    }
    return hv_fail (ctx, EPERM,
                    "%s names %s as its backing file, which is in another "
                    "directory: an image of unknown origin could expose any "
                    "file of this host to the guest this way, so if you trust "
                    "it, list the directory in '" BACKING_PATH_KEY
                    "' of plugin storage-qcow2, or, if it is a volume, confirm "
                    "this with: setfattr -n " BACKING_XATTR " -v %s %s",
                    path, below, named, path);
}

/* The hypervisor can write the header of a volume.  A compromised one must not
 * make us open another file for it at the next start. */
static int
check_mark (struct hv_ctx *ctx, int fd, const char *path,
            const struct qcow2_header *header)
{
    char was[sizeof header->backing];
    ssize_t len = fgetxattr (fd, BACKING_XATTR, was, sizeof was);

    if (len < 0) {
        return 0; /* Not ours, or no attributes here. */
    }
    if ((size_t)len == strlen (header->backing)
        && !memcmp (was, header->backing, (size_t)len)) {
        return 0;
    }
    return hv_fail (ctx, EPERM,
                    "%s was created by hvctl with the backing file '%.*s', but "
                    "its header now names '%s': if you changed that, confirm "
                    "it with: setfattr -n " BACKING_XATTR " -v '%s' %s",
                    path, (int)len, was, header->backing, header->backing,
                    path);
}

/* cloud-hypervisor (v53) rewrites the header when it repairs an image that was
 * not closed, and drops the format of the backing file
 * (block/src/formats/qcow/header.rs, write_to()).  The mark has it. */
static void
remember_format (int fd, struct qcow2_header *header)
{
    char was[sizeof header->backing_format];
    ssize_t len = fgetxattr (fd, FORMAT_XATTR, was, sizeof was - 1);

    if (header->backing[0] && !header->backing_format[0] && len > 0
        && fgetxattr (fd, BACKING_XATTR, NULL, 0) > 0) {
        memcpy (header->backing_format, was, (size_t)len);
        header->backing_format[len] = '\0';
    }
}

/* ------------------------------------------------------------- A layer */

/* QEMU interprets "json:…", "nbd:…", "fat:…" as something other than a file. */
static bool
has_protocol (const char *name)
{
    return name[strcspn (name, ":/")] == ':';
}

static int
check_features (struct hv_ctx *ctx, const char *path,
                const struct qcow2_header *header)
{
    if (header->incompatible & QCOW2_DATA_FILE || header->data_file_name) {
        return hv_fail (ctx, ENOTSUP,
                        "%s keeps its data in another file, named in its "
                        "header, which hvctl does not open: copy it with "
                        "'qemu-img convert -f qcow2 -O qcow2' if you trust it",
                        path);
    }
    if (header->crypt_method) {
        return hv_fail (ctx, ENOTSUP,
                        "%s is encrypted, which hvctl does not support", path);
    }
    if (header->incompatible & QCOW2_CORRUPT) {
        return hv_fail (ctx, EIO,
                        "%s is marked corrupt: repair it with 'qemu-img "
                        "check -f qcow2 -r all'",
                        path);
    }
    if (header->incompatible & ~(uint64_t)QCOW2_KNOWN) {
        return hv_fail (ctx, ENOTSUP,
                        "%s has features that this hvctl does not know", path);
    }
    return 0;
}

/* Checks the backing file that 'path' names, and stores it. */
static int
check_backing (struct hv_ctx *ctx, const struct walk *w, int fd,
               const char *path, const struct qcow2_header *header,
               const char **below, const char **format)
{
    if (!header->backing[0]) {
        return 0;
    }
    if (has_protocol (header->backing)) {
        return hv_fail (ctx, EINVAL,
                        "%s names '%s' as its backing file, which is not the "
                        "name of a file on this host",
                        path, header->backing);
    }
    *below = chain_resolve (ctx, path, header->backing);
    if (!header->backing_format[0]) {
        return hv_fail (
            ctx, EINVAL,
            "%s does not state the format of its backing file %s, and guessing "
            "it would let a guest choose which files are opened: set it with "
            "'qemu-img rebase -u -f qcow2 -F FORMAT -b %s %s'",
            path, *below, header->backing, path);
    }
    if (strcmp (header->backing_format, "qcow2") != 0
        && strcmp (header->backing_format, "raw") != 0) {
        return hv_fail (
            ctx, ENOTSUP,
            "%s states that its backing file %s has format '%s', and hvctl "
            "reads only qcow2 and raw: convert it with qemu-img",
            path, *below, header->backing_format);
    }
    *format = hv_format (ctx, "%s", header->backing_format);
    return is_in_pool (w, path) && is_marked (fd)
               ? 0
               : chain_check_place (ctx, path, header->backing, *below);
}

static int
check_qcow2 (struct hv_ctx *ctx, const struct walk *w, int fd,
             const char *upper, const char *path, uint64_t *size,
             const char **below, const char **format)
{
    struct qcow2_header header;
    char reason[QCOW2_REASON];
    int r;

    if (!qcow2_read (fd, &header, reason)) {
        const char *is = image_looks_like (fd);
        const char *looks = strcmp (is, "qcow2") && strcmp (is, "qcow")
                                ? hv_format (ctx, " (it looks like %s)", is)
                                : "";

        return upper ? hv_fail (ctx, EINVAL,
                                "%s states that its backing file %s is qcow2, "
                                "but %s %s%s",
                                upper, path, path, reason, looks)
                     : hv_fail (ctx, EINVAL, "%s %s%s", path, reason, looks);
    }
    *size = header.size;
    r = check_features (ctx, path, &header);
    if (r == 0) {
        r = check_mark (ctx, fd, path, &header);
    }
    if (r == 0) {
        remember_format (fd, &header); /* The mark is as it was. */
        r = check_backing (ctx, w, fd, path, &header, below, format);
    }
    return r;
}

/* A raw image is opened as raw, whatever it contains, so this is harmless; but
 * the creator of the overlay may have meant, or been tricked into, another
 * format. */
static int
check_raw (struct hv_ctx *ctx, int fd, const char *upper, const char *path)
{
    if (upper && !strcmp (image_looks_like (fd), "qcow2")) {
        return hv_fail (
            ctx, EINVAL,
            "%s states that its backing file %s is raw, but it begins like "
            "qcow2: either that statement is wrong (correct it with 'qemu-img "
            "rebase -u -f qcow2 -F qcow2 -b %s %s'), or a guest wrote a forged "
            "header to its raw disk, to trick a program that guesses the "
            "format into opening files of the host",
            upper, path, path, upper);
    }
    return 0;
}

/* ------------------------------------------------------------- The chain */

static int
add_layer (struct hv_ctx *ctx, struct chain *chain, const char *path,
           const char *format, const struct stat *st)
{
    struct layer new = { path, format, st->st_dev, st->st_ino };

    for (size_t i = 0; i < chain->n; i++) {
        const struct layer *l = &chain->layers[i];

        if (l->dev == new.dev && l->ino == new.ino) {
            return hv_fail (ctx, ELOOP,
                            "%s names %s as its backing file, which is above "
                            "it in the same chain: a loop",
                            chain->layers[chain->n - 1].path, path);
        }
    }
    if (chain->n == CHAIN_MAX) {
        return hv_fail (ctx, ELOOP,
                        "%s has a chain of more than %d layers: shorten it "
                        "with 'qemu-img rebase' or 'qemu-img commit'",
                        chain->layers[0].path, CHAIN_MAX);
    }
    chain->layers[chain->n++] = new;
    return 0;
}

/* Checks one layer; 'upper' is the path of the one above, or null. */
static int
walk_layer (struct hv_ctx *ctx, const struct walk *w, const char *what,
            const char *upper, const char *path, const char *format,
            const char **below, const char **below_format)
{
    CLEANUP_CLOSE int fd = -1;
    struct stat st;
    uint64_t size;
    int r;

    r = volume_open (
        ctx, upper ? hv_format (ctx, "the backing file of %s", upper) : what,
        path, &fd, &st);
    if (r == 0) {
        r = add_layer (ctx, w->chain, path, format, &st);
    }
    if (r < 0) {
        return r;
    }
    if (!strcmp (format, "qcow2")) {
        r = check_qcow2 (ctx, w, fd, upper, path, &size, below, below_format);
    } else {
        r = check_raw (ctx, fd, upper, path);
        if (r == 0) {
            r = volume_length (ctx, fd, &st, path, &size);
        }
    }
    if (r == 0 && !upper) {
        w->chain->size = size;
        w->chain->allocated =
            S_ISBLK (st.st_mode) ? size : (uint64_t)st.st_blocks * 512;
    }
    return r;
}

int
chain_walk (struct hv_ctx *ctx, const char *what, const char *path,
            const char *format, const char *pool, struct chain *out)
{
    const struct walk w = { pool, out };
    const char *upper = NULL;

    memset (out, 0, sizeof *out);
    if (strcmp (format, "qcow2") != 0 && strcmp (format, "raw") != 0) {
        return hv_fail (ctx, ENOTSUP,
                        "%s has format '%s', and hvctl reads only qcow2 and "
                        "raw: convert it with qemu-img",
                        path, format);
    }
    while (path) {
        const char *below = NULL, *below_format = NULL;
        int r = walk_layer (ctx, &w, what, upper, path, format, &below,
                            &below_format);

        if (r < 0) {
            return r;
        }
        upper = path;
        path = below;
        format = below_format;
    }
    return 0;
}
