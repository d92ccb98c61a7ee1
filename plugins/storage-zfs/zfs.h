/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The program zfs, and its output.
 *
 * It is only queried with 'zfs get -Hp', which OpenZFS 2 and zfs-fuse 0.7.0
 * both have ('zfs list' of zfs-fuse has no -p, and JSON came with OpenZFS 2.3).
 * Errors are zfs_fail()ed, with zfs's error message and a matching errno. */
#ifndef STORAGE_ZFS_ZFS_H
#define STORAGE_ZFS_ZFS_H

#include "hvctl/plugin.h"

/* User properties.  The first is our mark: nothing that does not have it as
 * its own (not inherited) is ever destroyed or changed. */
#define ZFS_OWNER "hvctl:owner" /* One of the following. */
#define ZFS_VOLUME "volume"
#define ZFS_IMAGE "image"
#define ZFS_SNAPSHOT "snapshot"
#define ZFS_STREAM "stream" /* Below it is what is being received. */

#define ZFS_MAKER "hvctl:maker"  /* The process that makes it, or... */
#define ZFS_DONE "done"          /* ...it is whole. */
#define ZFS_SOURCE "hvctl:image" /* The file an image was imported from. */

/* Its longest name, with '@' and the snapshot; ZFS_MAX_DATASET_NAME_LEN is
 * 256 with the null byte. */
#define ZFS_NAME_LENGTH 255

/* The settings of a pool. */
struct zfs_pool {
    const char *dataset; /* The parent of all our datasets. */
    bool zvol;
    uint64_t block_size;     /* 0: as ZFS has it. */
    const char *compression; /* Null: likewise. */
    bool keep_images;
};

extern const struct hv_key zfs_keys[];

int zfs_pool_read (struct hv_ctx *ctx, const struct hv_options *options,
                   struct zfs_pool *out);

/* Stores "PARENT/name". */
int zfs_child (struct hv_ctx *ctx, const char *parent, const char *name,
               const char **dataset);

/* Checks the name of a snapshot, and stores "DATASET@name". */
int zfs_at (struct hv_ctx *ctx, const char *dataset, const char *name,
            const char **snapshot);

/* Returns whether a dataset's component, or a snapshot, may have that name. */
bool zfs_is_name (const char *name);

/* A file system, a volume or a snapshot.  Properties that were not requested,
 * or do not apply, are null. */
struct zfs_object {
    const char *name;
    const char *type; /* "filesystem", "volume", "snapshot". */
    const char *origin;
    const char *mountpoint;
    const char *mounted;                /* "yes", "no". */
    const char *owner, *maker, *source; /* Only its own, not inherited. */
    const char *ratio;                  /* compressratio */
    const char *deferred;               /* defer_destroy: "on", "off". */
    const char *guid;                   /* All 64 bits of a number. */
    uint64_t creation, createtxg, volsize, referenced;
};

struct zfs_objects {
    const struct zfs_object *p;
    size_t n;
};

/* Queries properties ("type,origin") of a dataset, which is then the first
 * of 'out'; with 'children' also those of its direct children, and
 * of its snapshots.  Fails with ENOENT if it does not exist. */
int zfs_get (struct hv_ctx *ctx, const char *properties, const char *dataset,
             bool children, struct zfs_objects *out);

/* The same, also when the operation's time is over: for cleaning up. */
int zfs_get_anyway (struct hv_ctx *ctx, const char *properties,
                    const char *dataset, struct zfs_objects *out);

/* The same for one that must exist, of the given kind, and be ours. */
int zfs_get_ours (struct hv_ctx *ctx, const char *properties,
                  const char *dataset, const char *owner, bool children,
                  struct zfs_objects *out);

/* Returns whether it is ours, and of this kind. */
bool zfs_is (const struct zfs_object *o, const char *owner);

/* Runs zfs to change something; argv[0] is "zfs".  If a dataset is busy, it
 * retries for some seconds: even an unused one can be busy for a moment. */
int zfs_run (struct hv_ctx *ctx, const char *const *argv);

#define ZFS_RUN(ctx, ...)                                                      \
    zfs_run (ctx, (const char *const[]){ "zfs", __VA_ARGS__, NULL })

/* The same for 'zfs send', to a descriptor, and 'zfs receive', of 'head' and
 * the data of a descriptor; the other is -1. */
int zfs_stream (struct hv_ctx *ctx, const char *const *argv, int out,
                const char *head, size_t head_size, int in);

/* Destroys a new object after a failure, which is still the one that is
 * reported; a failure here is a warning. */
void zfs_undo (struct hv_ctx *ctx, const char *dataset);

/* hv_fail(), for all of this plugin: it stores the message, since programs
 * that are run to clean up afterwards may fail, too. */
int zfs_fail (struct hv_ctx *ctx, int error, const char *fmt, ...)
    HV_PRINTF (3, 4);

struct zfs_failure {
    int error;
    const char *message; /* Null: there was none. */
};

/* Return the last message of this operation; repeat it. */
struct zfs_failure zfs_last (struct hv_ctx *ctx);
void zfs_repeat (struct hv_ctx *ctx, const struct zfs_failure *failure);

/* The plugin's open(). */
int zfs_open (struct hv_ctx *ctx);

/* Fails unless this ZFS has volumes.  That of zfs-fuse aborts on an attempt
 * to create one. */
int zfs_check_zvols (struct hv_ctx *ctx);

/* Return this process as the value of ZFS_MAKER; whether one still runs. */
const char *zfs_maker (struct hv_ctx *ctx);
bool zfs_maker_lives (struct hv_ctx *ctx, const char *maker);

/* Sleeps.  Returns false if the operation's time is over. */
bool zfs_wait (struct hv_ctx *ctx, int64_t ms);

#endif /* STORAGE_ZFS_ZFS_H */
