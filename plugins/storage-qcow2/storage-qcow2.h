/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the files of storage-qcow2 know about each other.
 *
 *   storage-qcow2.c  the tables; volumes
 *   chain.c          the layers of an image, by our own reading
 *   image.c          writing images, by qemu-img
 *   users.c          who lies on a file, who has it open
 *   snapshot.c       snapshots, as files; making them and going back
 *   forget.c         snapshots and volumes go, clones become independent
 *   stream.c         sending and receiving them */
#ifndef STORAGE_QCOW2_H
#define STORAGE_QCOW2_H

#include "hvctl/plugin.h"
#include "plugins/common/volume.h"
#include "plugins/storage-qcow2/chain.h"

#define SUFFIX ".qcow2"

/* Stores where the volume is, and in which pool's directory, if any. */
int qcow2_locate (struct hv_ctx *ctx, const struct hv_volume *vol,
                  const char **path, const char **pool);

/* Stores where the volume is, and its layers. */
int qcow2_walk (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char **path, struct chain *chain);

/* The same, and stores where in the chain a snapshot of it is. */
int qcow2_find (struct hv_ctx *ctx, const struct hv_volume *vol,
                const char *snapshot, const char **path, struct chain *chain,
                size_t *index);

/* image.c */

/* Runs qemu-img.  It gets only paths that begin with a slash, which it takes
 * for nothing else, and reads no image that chain.c has not seen. */
int run_qemu_img (struct hv_ctx *ctx, const char *const *argv,
                  const char *const *reads, const char *const *writes);

/* The paths of all layers, for 'reads'. */
const char *const *layer_paths (struct hv_ctx *ctx, const struct chain *chain);

/* Writes the image of 'vol', as its pool has them, on vol->backing, to the
 * temporary file, reads it back, and marks it. */
int image_write (struct hv_ctx *ctx, const struct hv_volume *vol, uint64_t size,
                 const struct volume_file *file);

/* users.c */

/* The part before the suffix of a volume's or snapshot's file, "NAME" or
 * "NAME@SNAPSHOT", or null if it is neither.  '*at': where the '@' is. */
const char *image_name (struct hv_ctx *ctx, const char *entry, const char **at);

/* Fails if images of the pool 'dir' other than the volume 'owner' and its
 * snapshots lie on one of the 'n' files, and names all of them; a file that is
 * missing is no failure. */
int check_unused (struct hv_ctx *ctx, const char *const files[], size_t n,
                  const char *dir, const char *owner);

/* Fails if a hypervisor, or another program that locks images, has it open. */
int check_idle (struct hv_ctx *ctx, const char *path);

/* snapshot.c */

/* An extended attribute of a frozen file: when, in seconds. */
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

/* Locks the volume against other hvctls, and looks at it. */
int change_begin (struct hv_ctx *ctx, const struct hv_volume *vol,
                  struct change *c);
void change_end (struct change *c);

/* The file of a snapshot of the volume in 'path'. */
const char *frozen_path (struct hv_ctx *ctx, const char *path,
                         const char *snapshot);

/* A file whose existence says that a snapshot is half merged into what came
 * after it. */
const char *marker_path (struct hv_ctx *ctx, const char *dir,
                         const char *frozen);

/* Returns the name of the volume's snapshot that the layer is, or null. */
const char *snapshot_of (struct hv_ctx *ctx, const char *path,
                         const char *layer);

/* Returns where in the chain a snapshot is, or 0. */
size_t find_snapshot (const struct chain *chain, const char *frozen);

/* change_begin() for one of the volume's snapshots, which has to be there:
 * stores its file, and where in the chain that is. */
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

/* Removes a volume with its snapshots, unless others lie on them. */
int qcow2_destroy (struct hv_ctx *ctx, const struct hv_volume *vol);

#endif /* STORAGE_QCOW2_H */
