/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The locations of datasets on this host: the mount point of a file system,
 * and the device node of a volume.  No program is run for it. */
#ifndef STORAGE_ZFS_PLACE_H
#define STORAGE_ZFS_PLACE_H

#include "hvctl/plugin.h"

#define PLACE_DISK "disk.raw"   /* The disk, in the directory of its dataset. */
#define PLACE_IMAGE "image.raw" /* Renamed when it is complete. */

/* Returns the directory, or null if it is not mounted, or hidden by another
 * mount. */
const char *place_mounted (struct hv_ctx *ctx, const char *dataset);

/* Opens the directory, with flags for openat(). */
int place_open (struct hv_ctx *ctx, const char *dataset, const char **dir,
                int *fd);

/* Returns the device node of a volume. */
const char *place_node (struct hv_ctx *ctx, const char *dataset);

/* Waits until it exists: udev creates it asynchronously. */
int place_wait (struct hv_ctx *ctx, const char *node);

#endif /* STORAGE_ZFS_PLACE_H */
