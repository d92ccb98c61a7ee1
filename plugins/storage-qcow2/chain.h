/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Walks the layers of an image by reading each header ourselves. */
#ifndef STORAGE_QCOW2_CHAIN_H
#define STORAGE_QCOW2_CHAIN_H

#include "hvctl/plugin.h"

/* The key of the plugin's own section; see 'pool' below. */
#define BACKING_PATH_KEY "backing_path"

/* An extended attribute of each volume that we created: the name of the backing
 * file in its header at that time. */
#define BACKING_XATTR "user.hvctl.backing"
#define FORMAT_XATTR "user.hvctl.backing-format"

enum { CHAIN_MAX = 32 };

struct layer {
    const char *path, *format;
    uint64_t dev, ino;
};

struct chain {
    struct layer layers[CHAIN_MAX]; /* The top one first. */
    size_t n;
    uint64_t size;      /* Of the top layer, as a guest sees it. */
    uint64_t allocated; /* Of the top layer. */
};

/* Checks the image 'path' of 'format', and all below it, down to the last
 * byte that tells QEMU what to open, and fills in 'out'.  'what' names
 * it: "the volume".  'pool' is the directory of the pool, or null: we wrote the
 * headers of the files in there, which may name any file.  All
 * others may name files in their own directory, or below the directories in
 * the plugin's own 'backing_path'. */
int chain_walk (struct hv_ctx *ctx, const char *what, const char *path,
                const char *format, const char *pool, struct chain *out);

/* Returns the path of the backing file 'name' of the image 'path': relative to
 * it. */
const char *chain_resolve (struct hv_ctx *ctx, const char *path,
                           const char *name);

/* Returns whether the header of 'path', which does not carry our mark, may name
 * 'backing', by the text 'named'.  An image from elsewhere must not select
 * files of this host (CVE-2024-32498). */
int chain_check_place (struct hv_ctx *ctx, const char *path, const char *named,
                       const char *backing);

#endif /* STORAGE_QCOW2_CHAIN_H */
