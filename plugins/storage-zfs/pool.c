/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Everything that does not need zfs: a pool's section, valid names of datasets,
 * and their makers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/size.h"
#include "plugins/storage-zfs/zfs.h"

/* ---------------------------------------------------------------- Names */

bool
zfs_is_name (const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789_.:-";
    size_t len = strspn (name, letters);

    return len && !name[len] && name[0] != '-' && strcmp (name, ".") != 0
           && strcmp (name, "..") != 0;
}

static bool
is_dataset (struct hv_ctx *ctx, const char *path)
{
    char *copy = hv_format (ctx, "%s", path), *part;

    while ((part = strsep (&copy, "/"))) {
        if (!zfs_is_name (part)) {
            return false;
        }
    }
    return strlen (path) <= ZFS_NAME_LENGTH;
}

int
zfs_child (struct hv_ctx *ctx, const char *parent, const char *name,
           const char **dataset)
{
    *dataset = hv_format (ctx, "%s/%s", parent, name);
    if (!zfs_is_name (name) || !is_dataset (ctx, *dataset)) {
        return zfs_fail (
            ctx, EINVAL,
            "'%s' is not a valid dataset name: it may contain letters, digits, "
            "'_', '.', ':' and '-', and at most %d bytes",
            *dataset, ZFS_NAME_LENGTH);
    }
    return 0;
}

int
zfs_at (struct hv_ctx *ctx, const char *dataset, const char *name,
        const char **snapshot)
{
    *snapshot = hv_format (ctx, "%s@%s", dataset, name);
    /* Ours begin with '_'. */
    if (!zfs_is_name (name) || name[0] == '_'
        || strlen (*snapshot) > ZFS_NAME_LENGTH) {
        return zfs_fail (
            ctx, EINVAL,
            "'%s' is not a valid snapshot name: it must begin with a letter or "
            "digit, and may contain letters, digits, '_', '.', ':' and '-', "
            "and with its dataset at most %d bytes",
            name, ZFS_NAME_LENGTH);
    }
    return 0;
}

/* --------------------------------------------------------------- A pool */

const struct hv_key zfs_keys[] = {
    { "dataset", HV_STRING, NULL,
      "the parent dataset of the volumes, such as tank/vms", true },
    { "zvol", HV_BOOL, "no",
      "volumes are ZFS volumes (zvols), not files in file systems", false },
    { "block_size", HV_SIZE, NULL,
      "recordsize or volblocksize of new volumes; default: 16K for zvols, that "
      "of 'dataset' for files",
      false },
    { "compression", HV_STRING, NULL,
      "compression of new volumes; default: that of 'dataset'", false },
    { "keep_images", HV_BOOL, "no",
      "keep an imported image after its last clone", false },
    { NULL, HV_STRING, NULL, NULL, false },
};

static int
read_block_size (struct hv_ctx *ctx, const char *text, uint64_t *out)
{
    /* ZFS's own limits; more than 128K is a feature of the pool. */
    if (text
        && (!parse_size (text, out) || *out < 512 || *out > 16 << 20
            || *out & (*out - 1))) {
        return zfs_fail (
            ctx, EINVAL,
            "'block_size' must be a power of two from 512 to 16M, not '%s'",
            text);
    }
    return 0;
}

int
zfs_pool_read (struct hv_ctx *ctx, const struct hv_options *options,
               struct zfs_pool *out)
{
    *(struct zfs_failure *)ctx->self = (struct zfs_failure){ 0, NULL };
    *out = (struct zfs_pool){
        .dataset = hv_option (ctx, options, "dataset"),
        .compression = hv_option (ctx, options, "compression"),
    };
    if (!out->dataset || !is_dataset (ctx, out->dataset)) {
        return zfs_fail (ctx, EINVAL,
                         "the pool's 'dataset' must be the name of a dataset, "
                         "such as tank/vms, not '%s'",
                         out->dataset ? out->dataset : "");
    }
    if (out->compression
        && out->compression[strspn (out->compression,
                                    "abcdefghijklmnopqrstuvwxyz0123456789-")]) {
        return zfs_fail (ctx, EINVAL,
                         "'compression' must be on, off, lz4, zstd or another "
                         "algorithm of ZFS, not '%s'",
                         out->compression);
    }
    parse_bool (hv_option (ctx, options, "zvol"), &out->zvol);
    parse_bool (hv_option (ctx, options, "keep_images"), &out->keep_images);
    return read_block_size (ctx, hv_option (ctx, options, "block_size"),
                            &out->block_size);
}

/* --------------------------------------------------------------- Makers */

/* Reads the first word of a file after 'skip' others, or "". */
static const char *
read_word (struct hv_ctx *ctx, const char *path, const char *after, int skip)
{
    CLEANUP_FCLOSE FILE *f = fopen (path, "re");
    char text[1024], *p = text;
    size_t n = f ? fread (text, 1, sizeof text - 1, f) : 0;

    text[n] = '\0';
    if (after) {
        p = strrchr (text, *after);
        p = p ? p + 1 : text + n;
    }
    for (p += strspn (p, " "); skip > 0; skip--) {
        p += strcspn (p, " ");
        p += strspn (p, " ");
    }
    return hv_format (ctx, "%.*s", (int)strcspn (p, " \n"), p);
}

/* "BOOT.PID.START": process IDs are reused.  The start is the 20th word after
 * the command, which is in parentheses; see proc(5). */
static const char *
identify (struct hv_ctx *ctx, const char *pid)
{
    const char *boot =
        read_word (ctx, "/proc/sys/kernel/random/boot_id", NULL, 0);
    const char *start =
        read_word (ctx, hv_format (ctx, "/proc/%s/stat", pid), ")", 19);

    return hv_format (ctx, "%.8s.%s.%s", boot, pid, start);
}

const char *
zfs_maker (struct hv_ctx *ctx)
{
    return identify (ctx, hv_format (ctx, "%d", (int)getpid ()));
}

bool
zfs_maker_lives (struct hv_ctx *ctx, const char *maker)
{
    const char *dot = maker ? strchr (maker, '.') : NULL;
    size_t len = dot ? strspn (dot + 1, "0123456789") : 0;

    return len && len < 11
           && !strcmp (maker, identify (ctx, hv_format (ctx, "%.*s", (int)len,
                                                        dot + 1)));
}
