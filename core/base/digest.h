/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Cryptographic hashes, by libgcrypt. */
#ifndef CORE_DIGEST_H
#define CORE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_SHA256 32
#define DIGEST_SHA512 64

/* A piece of the input. */
struct digest_part {
    const void *bytes;
    size_t n;
};

/* Store the hash of the pieces, one after the other.  They fail only if there
 * is no libgcrypt, or it forbids the algorithm; '*why' is then the reason. */
int digest_shake128 (const struct digest_part *parts, size_t n, uint8_t *out,
                     size_t size, const char **why);
int digest_sha256 (const struct digest_part *parts, size_t n,
                   uint8_t out[DIGEST_SHA256], const char **why);

/* A hash of data that comes in pieces. */
struct digest {
    void *handle; /* Null: none was begun. */
    size_t size;  /* In bytes. */
};

/* Fails like digest_sha256(); what was begun is released by digest_end(), which
 * stores the hash in hexadecimal digits, or by digest_drop(). */
#define DIGEST_HEX (2 * DIGEST_SHA256 + 1)
#define DIGEST_HEX_512 (2 * DIGEST_SHA512 + 1)
int digest_begin (struct digest *d, const char **why);     /* SHA-256 */
int digest_begin_512 (struct digest *d, const char **why); /* SHA-512 */
void digest_add (struct digest *d, const void *bytes, size_t n);
void digest_end (struct digest *d, char *hex);
void digest_drop (struct digest *d);

#endif /* CORE_DIGEST_H */
