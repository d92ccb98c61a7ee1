/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The file that an image is imported from, and its bytes. */
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

/* Writes it to an empty dataset, which is to have 'size' bytes. */
int import_into (struct hv_ctx *ctx, const struct import *from,
                 const char *dataset, bool zvol, uint64_t size);

/* Copies what is not zero from one descriptor to another, which has zeros
 * only.  From something that cannot seek 'size' bytes are read, at most. */
int import_copy (struct hv_ctx *ctx, int from, int to, uint64_t size,
                 const char *name);

#endif /* STORAGE_ZFS_IMPORT_H */
