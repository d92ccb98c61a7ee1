/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Copies of images, hashes of them, and how far they are written. */
#ifndef CORE_IMAGE_CONTENT_H
#define CORE_IMAGE_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/digest.h"
#include "core/base/error.h"

/* Hashes of a whole file. */
struct image_hashes {
    bool want_512; /* Both take twice as long as one. */
    char sha256[DIGEST_HEX], sha512[DIGEST_HEX_512];
};

/* Copies a file of 'size' bytes, without the blocks that are zero, and stores
 * the hashes of all of it; the latter alone.  'name' is for messages. */
int image_content_copy (struct hvctl *h, int from, const char *name, int to,
                        uint64_t size, struct image_hashes *hashes,
                        struct error *err);
int image_content_sum (struct hvctl *h, int fd, const char *name, uint64_t size,
                       struct image_hashes *hashes, struct error *err);

/* Stores a SHA-256 of a raw image that takes as long as it has data, not as the
 * disk is large: of the numbers of all blocks that are not zero, each with the
 * contents behind it, and of the size. */
int image_content_hash (struct hvctl *h, int fd, const char *name,
                        uint64_t size, char hex[DIGEST_HEX], struct error *err);

/* A file that a program writes, and whoever is told of it; for 'moved' of
 * struct program. */
struct image_growth {
    struct hvctl *h;
    int fd;
};

/* Reports the bytes that the file has; the program has printed something. */
void image_content_grown (void *growth, uint64_t ignored);

#endif /* CORE_IMAGE_CONTENT_H */
