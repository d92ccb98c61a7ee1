/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What vouches for an image: a checksum that the user states, or that is in a
 * file of checksums, which is signed or at least comes by https; or a signature
 * of the image itself. */
#ifndef CORE_IMAGE_TRUST_H
#define CORE_IMAGE_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/image-content.h"
#include "core/machine/image-sums.h"

/* What the user has said, or the host configuration. */
struct image_claim {
    const char *name, *file; /* As in struct image_wish. */
    const char *sha256;      /* Stated; or null. */
    const char *signature;   /* Of the image, a path or URL; or null. */
    const char *sums;        /* The URL of checksums; or null. */
    const char *key;         /* The only key that counts; or null. */
    bool unverified;         /* Nothing is needed. */
    int64_t timeout;
};

struct image_trust {
    const char *verified; /* "sha256", "signature", "https"; or null. */
    const char *source;   /* Of the checksum or the signature; or null. */
    const char *key;      /* The fingerprint of the key; or null. */
    struct image_sum sum; /* What the image must have; or empty. */
};

/* Finds what will vouch for the image, before that is downloaded; fails if
 * nothing does. */
int image_trust_find (struct hvctl *h, const struct image_claim *claim,
                      struct image_trust *out, struct error *err);

/* Does it vouch for what has been downloaded, or copied, to 'path'? */
int image_trust_check (struct hvctl *h, const struct image_claim *claim,
                       struct image_trust *trust,
                       const struct image_hashes *hashes, const char *path,
                       struct error *err);

/* The temporary files of this, for the import's recovery. */
#define IMAGE_TRUST_FILES "sums", "signature", "signed", "keys", "small-origin"

#endif /* CORE_IMAGE_TRUST_H */
