/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Compressed images, and those in archives, unpacked by a program in the jail;
 * import/unpack.c. */
#ifndef CORE_IMAGE_UNPACK_H
#define CORE_IMAGE_UNPACK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* The limit of what is unpacked, unless the user sets one. */
#define IMAGE_UNPACK_MOST "256G"

/* Is the open file packed, and can it be unpacked here? */
bool image_unpack_is (int fd);

/* Unpacks 'from' into the new file 'to', at most 'limit' bytes.  'name' is for
 * messages. */
int image_unpack (struct hvctl *h, const char *name, const char *from,
                  const char *to, uint64_t limit, struct error *err);

#endif /* CORE_IMAGE_UNPACK_H */
