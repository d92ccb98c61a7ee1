/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The interface between the files of storage-qcow2.
 *
 *   storage-qcow2.c  the tables; volumes
 *   chain.c          the layers of an image, read by ourselves
 *   image.c          writing images, with qemu-img
 *   users.c          overlays on a file, and processes that have it open
 *   snapshot.c       snapshots, as files: creating and reverting
 *   forget.c         deleting snapshots and volumes, promoting clones
 *   stream.c         sending and receiving them */
#ifndef STORAGE_QCOW2_H
#define STORAGE_QCOW2_H

#include "hvctl/plugin.h"
#include "plugins/common/volume.h"
#include "plugins/storage-qcow2/chain.h"

#define SUFFIX ".qcow2"

/* Stores the path of the volume, and of its pool's directory, if any. */
int qcow2_locate (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char **path, const char **pool);

/* Stores the path of the volume, and its layers. */
int qcow2_walk (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char **path, struct chain *chain);

/* The same, and stores the position of a snapshot in the chain. */
int qcow2_find (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot, const char **path, struct chain *chain,
                size_t *index);

/* image.c */

/* Runs qemu-img.  It gets only paths that begin with a slash, which it does not
 * interpret as anything else, and reads only images that chain.c has
 * checked. */
int run_qemu_img (struct hv_ctx *ctx, const char *const *argv,
                  const char *const *reads, const char *const *writes);

/* Returns the paths of all layers, for 'reads'. */
const char *const *layer_paths (struct hv_ctx *ctx, const struct chain *chain);

/* Creates the image of 'vol', as configured for its pool, on vol->backing, in
 * the temporary file, reads it back, and marks it. */
int image_write (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
                 const struct volume_file *file);

/* users.c */

/* Returns the part before the suffix of a volume's or snapshot's file, "NAME"
 * or "NAME@SNAPSHOT", or null if it is neither.  '*at': the position of the
 * '@'. */
const char *image_name (struct hv_ctx *ctx, const char *entry, const char **at);

/* Fails if one of the 'n' files is below images of the pool 'dir' other than
 * the volume 'owner' and its snapshots, and names all of those; a missing file
 * is not a failure. */
int check_unused (struct hv_ctx *ctx, const char *const files[], size_t n,
                  const char *dir, const char *owner);

/* snapshot.c */

/* An extended attribute of a frozen file: the time, in seconds. */
#define TIME_XATTR "user.hvctl.snapshot"

/* A volume that is being changed. */
struct change {
    struct hv_ctx *ctx;
    const struct hv_volume *vol;
    const char *path, *dir;
    struct chain chain;
    struct volume_file file; /* The lock, and the file that is next. */
};

#define CHANGE_CLEANUP __attribute__ ((cleanup (change_end)))

/* Locks the volume against other hvctls, and reads it. */
int change_begin (struct hv_ctx *ctx, const struct hv_volume *vol,
                  struct change *c);
void change_end (struct change *c);

/* Returns the file of a snapshot of the volume in 'path'. */
const char *frozen_path (struct hv_ctx *ctx, const char *path,
                         const char *snapshot);

/* A file whose existence says that a snapshot is partly merged with the layer
 * above it. */
const char *marker_path (struct hv_ctx *ctx, const char *dir,
                         const char *frozen);

/* Returns the name of the volume's snapshot in that layer, or null. */
const char *snapshot_of (struct hv_ctx *ctx, const char *path,
                         const char *layer);

/* Returns the position of a snapshot in the chain, or 0. */
size_t find_snapshot (const struct chain *chain, const char *frozen);

/* change_begin() for one of the volume's snapshots, which must exist:
 * stores its file, and its position in the chain. */
int change_of (struct hv_ctx *ctx, const struct hv_volume *vol,
               const char *snapshot, struct change *c, const char **frozen,
               size_t *index);

int qcow2_snapshot (struct hv_ctx *ctx, const struct hv_volume *vol,
                    const char *snapshot);
int qcow2_snapshots (struct hv_ctx *ctx, const struct hv_volume *vol,
                     struct hv_list *out);
int qcow2_revert (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char *snapshot);

/* stream.c */
int qcow2_send (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot, const char *from, int fd);
int qcow2_receive (struct hv_ctx *ctx, const struct hv_volume *vol,
                   const char *snapshot, int fd);

/* forget.c */
int qcow2_forget (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char *snapshot);
int qcow2_promote (struct hv_ctx *ctx, const struct hv_volume *vol);

/* Removes a volume with its snapshots, unless others depend on them. */
int qcow2_destroy (struct hv_ctx *ctx, const struct hv_volume *vol);

#endif /* STORAGE_QCOW2_H */
