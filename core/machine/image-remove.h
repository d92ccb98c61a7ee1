/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Removal of images that no disk needs.  The caller has the lock of
 * images_key(). */
#ifndef CORE_IMAGE_REMOVE_H
#define CORE_IMAGE_REMOVE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/recovery.h"
#include "core/state/images.h"

/* Adds the volumes that are overlays on the image, "POOL/NAME": those whose
 * layers cannot be read are taken for some. */
void image_remove_users (struct hvctl *h, const struct image_record *image,
                         struct vec *users);

/* Removes an image, or what is left of a damaged one. */
int image_remove (struct hvctl *h, const char *name, struct error *err);

/* Recovery of its entry. */
#define IMAGE_RM "image-rm"
recovery_op image_remove_recover;

#endif /* CORE_IMAGE_REMOVE_H */
