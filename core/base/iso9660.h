/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small ISO 9660 images, with long names by Rock Ridge and by Joliet: the same
 * files always give the same bytes. */
#ifndef CORE_ISO9660_H
#define CORE_ISO9660_H

#include <stddef.h>

#include "core/base/arena.h"

#define ISO9660_FILES 8 /* At most. */

struct iso9660_file {
    const char *name; /* ASCII, at most 32 bytes. */
    const char *bytes;
    size_t size;
};

/* Returns an image with that volume label (at most 16 capital letters), whose
 * root directory has the files. */
const unsigned char *iso9660_make (struct arena *a, const char *label,
                                   const struct iso9660_file files[], size_t n,
                                   size_t *size);

#endif /* CORE_ISO9660_H */
