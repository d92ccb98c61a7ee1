/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files of checksums, in the form of sha256sum and in that of BSD. */
#ifndef CORE_IMAGE_SUMS_H
#define CORE_IMAGE_SUMS_H

#include <stdbool.h>

#include "core/base/digest.h"

/* A checksum, in lower case: SHA-256 or SHA-512. */
struct image_sum {
    char hex[DIGEST_HEX_512];
};

/* Finds the checksum of the file of that name.  Returns false if there is none,
 * or two that differ. */
bool image_sums_find (const char *text, const char *name,
                      struct image_sum *sum);

/* Reads a checksum that stands alone. */
bool image_sums_read (const char *text, struct image_sum *sum);

/* Returns "SHA-256" or "SHA-512". */
const char *image_sums_kind (const struct image_sum *sum);

#endif /* CORE_IMAGE_SUMS_H */
