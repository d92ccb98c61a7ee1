/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Walks the layers of an image by our own reading of each header. */
#ifndef STORAGE_QCOW2_CHAIN_H
#define STORAGE_QCOW2_CHAIN_H

#include "hvctl/plugin.h"

/* The key of the plugin's own section; see 'pool' below. */
#define BACKING_PATH_KEY "backing_path"

/* An extended attribute of each volume that we made: the backing file's name
 * as its header had it then. */
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
 * byte that tells QEMU what to open, and fills in 'out'.  'what' is what to
 * call it: "the volume".  'pool' is the directory of the pool, or null: the
 * headers of files in there are of our making and may name any file.  All
 * others may name files of their own directory, and what is below those in
 * the plugin's own 'backing_path'. */
int chain_walk (struct hv_ctx *ctx, const char *what, const char *path,
                const char *format, const char *pool, struct chain *out);

/* Where the backing file 'name' of the image 'path' is: relative to it. */
const char *chain_resolve (struct hv_ctx *ctx, const char *path,
                           const char *name);

/* May the header of 'path', which carries no mark of ours, name 'backing', by
 * the text 'named'?  An image from elsewhere must not choose among the files of
 * this host (CVE-2024-32498). */
int chain_check_place (struct hv_ctx *ctx, const char *path, const char *named,
                       const char *backing);

#endif /* STORAGE_QCOW2_CHAIN_H */
