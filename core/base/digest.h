/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Cryptographic hashes, by libgcrypt. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256 32

/* A piece of the input. */
struct digest_part {
    const void *bytes;
    size_t n;
};

/* Store the hash of the pieces, one after the other.  They fail only if there is
 * no libgcrypt, or it forbids the algorithm; '*why' is then the reason. */
int digest_shake128 (const struct digest_part *parts, size_t n, uint8_t *out,
                     size_t size, const char **why);
int digest_sha256 (const struct digest_part *parts, size_t n,
                   uint8_t out[DIGEST_SHA256], const char **why);

#endif /* CORE_DIGEST_H */
