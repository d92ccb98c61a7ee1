/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images converted to raw, by qemu-img in the jail. */
#ifndef CORE_IMAGE_CONVERT_H
#define CORE_IMAGE_CONVERT_H

#include "core/base/context.h"
#include "core/base/error.h"

struct image_conversion {
    const char *file;   /* Where it is from, for messages. */
    const char *source; /* Whose header has been checked... */
    const char *format; /* ...and says this. */
    const char *disk;   /* The new file. */
};

int image_convert (struct hvctl *h, const struct image_conversion *c,
                   struct error *err);

#endif /* CORE_IMAGE_CONVERT_H */
