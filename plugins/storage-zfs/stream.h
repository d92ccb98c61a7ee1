/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What is sent and received. */
#ifndef STORAGE_ZFS_STREAM_H
#define STORAGE_ZFS_STREAM_H

#include "plugins/storage-zfs/volume.h"

/* A stream's first record. */
#define STREAM_HEAD 312

/* Reads it, and checks that it is of one snapshot, and for such a pool. */
int stream_begin (struct hv_ctx *ctx, const struct zfs_pool *pool, int fd,
                  char head[STREAM_HEAD]);

/* The GUID of the snapshot, and of the one that it goes on from; 0: it has
 * everything. */
uint64_t stream_to (const char *head);
uint64_t stream_from (const char *head);

/* Receives the head and the rest, and mounts nothing. */
int stream_receive (struct hv_ctx *ctx, const char *name, const char *head,
                    int fd);

/* Mounts what was received.  It has to have a disk, which is only ours, and
 * nothing else; if it is not 'kept' as it is, it is made ours. */
int stream_check_files (struct hv_ctx *ctx, const char *dataset, bool kept);

/* Adds an increment to a volume. */
int receive_increment (struct hv_ctx *ctx, const struct hv_volume *vol,
                       const char *snapshot, const char *head, int fd);

#endif /* STORAGE_ZFS_STREAM_H */
