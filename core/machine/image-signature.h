/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Signatures of images and of their checksums, verified by gpgv or sqv in the
 * jail, with the keys of image-keys.h. */
#ifndef CORE_IMAGE_SIGNATURE_H
#define CORE_IMAGE_SIGNATURE_H

#include "core/base/context.h"
#include "core/base/error.h"

struct image_signature {
    enum {
        IMAGE_SIGNATURE_NONE,    /* The file has none. */
        IMAGE_SIGNATURE_GOOD,    /* By 'key'. */
        IMAGE_SIGNATURE_BAD,     /* Or of a key that is not valid any more. */
        IMAGE_SIGNATURE_UNKNOWN, /* Nothing is known of it, and 'why'. */
    } is;
    const char *key; /* Its fingerprint. */
    const char *why;
};

/* Verifies the signature in one file, of another one.  'name' is the image,
 * 'key' the only fingerprint, or keyring, that counts, or null.  Fails only if
 * that cannot be done. */
int image_signature_verify (struct hvctl *h, const char *name, const char *key,
                            const char *signature, const char *data,
                            struct image_signature *out, struct error *err);

#endif /* CORE_IMAGE_SIGNATURE_H */
