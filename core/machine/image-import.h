/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images from elsewhere: copied or downloaded, checked, converted to raw in the
 * jail, and only then visible under their name.  The caller has the lock of
 * images_key(). */
#ifndef CORE_IMAGE_IMPORT_H
#define CORE_IMAGE_IMPORT_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/image-trust.h"
#include "core/machine/recovery.h"
#include "core/state/images.h"

struct image_wish {
    struct image_claim claim; /* 'file': an absolute path, or a URL. */
    uint64_t limit;           /* Of what is downloaded, and unpacked. */
};

struct image_result {
    struct image_record image;
    bool unchanged; /* It was there, and is as it is on the server. */
    bool begun;     /* The change has to be rolled back if it fails. */
};

/* Imports an image, or finds that it is up to date. */
int image_import (struct hvctl *h, const struct image_wish *wish,
                  struct image_result *result, struct error *err);

/* Recovery of the entries of an import. */
#define IMAGE_IMPORT "image-import"
#define IMAGE_DATA "image-data"
recovery_op image_import_recover, image_import_recover_data;

#endif /* CORE_IMAGE_IMPORT_H */
