/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The file that an image is imported from, and its contents. */
#ifndef STORAGE_ZFS_IMPORT_H
#define STORAGE_ZFS_IMPORT_H

#include <sys/stat.h>

#include "hvctl/plugin.h"

struct import {
    const char *path;   /* Absolute, without symbolic links. */
    const char *format; /* "raw" or "qcow2". */
    uint64_t size;      /* As a guest would see it. */
    struct stat st;
    int fd;
};

#define IMPORT_CLEANUP __attribute__ ((cleanup (import_close)))
#define IMPORT_INIT                                                            \
    {                                                                          \
        .fd = -1                                                               \
    }

/* Opens it, if it is of that format and can be imported. */
int import_open (struct hv_ctx *ctx, const char *path, const char *format,
                 struct import *out);
void import_close (struct import *import);

/* Writes it to an empty dataset, which gets 'size' bytes. */
int import_into (struct hv_ctx *ctx, const struct import *from,
                 const char *dataset, bool zvol, uint64_t size);

/* Opens the file or device of an empty dataset for writing. */
int import_target (struct hv_ctx *ctx, const char *dataset, bool zvol,
                   const char **path, int *fd);

/* Calls 'piece' for all non-zero data in the first 'size' bytes of 'from',
 * named 'name', until that fails.  A piece has at most 1 MiB. */
typedef int import_piece (void *to, const char *p, size_t len, uint64_t at);
int import_pieces (struct hv_ctx *ctx, int from, uint64_t size,
                   const char *name, import_piece *piece, void *to);

/* Writes all of it, or reports that the pool is full. */
int import_write (struct hv_ctx *ctx, int fd, const char *p, size_t len,
                  uint64_t at, const char *name);

#endif /* STORAGE_ZFS_IMPORT_H */
