/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Streams that are sent and received. */
#ifndef STORAGE_ZFS_STREAM_H
#define STORAGE_ZFS_STREAM_H

#include "plugins/storage-zfs/volume.h"

/* The first record of a stream. */
#define STREAM_HEAD 312

/* Reads it, and checks that it is of one snapshot, and suits such a pool. */
int stream_begin (struct hv_ctx *ctx, const struct zfs_pool *pool, int fd,
                  char head[STREAM_HEAD]);

/* Return the GUID of the snapshot, and of its base; 0: the stream is
 * complete. */
uint64_t stream_to (const char *head);
uint64_t stream_from (const char *head);

/* Receives the head and the rest, without mounting anything. */
int stream_receive (struct hv_ctx *ctx, const char *name, const char *head,
                    int fd);

/* Mounts the received dataset.  It must contain a disk, readable only by us,
 * and nothing else; if it is not 'kept' as it is, we take ownership of it. */
int stream_check_files (struct hv_ctx *ctx, const char *dataset, bool kept);

/* Adds an increment to a volume. */
int receive_increment (struct hv_ctx *ctx, const struct hv_volume *vol,
                       const char *snapshot, const char *head, int fd);

#endif /* STORAGE_ZFS_STREAM_H */
