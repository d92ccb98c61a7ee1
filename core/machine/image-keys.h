/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The keys that may vouch for images: those in the directory of the host
 * configuration (image_keys), and those that distributions install for their
 * own images. */
#ifndef CORE_IMAGE_KEYS_H
#define CORE_IMAGE_KEYS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Is it the fingerprint of a key: 40 or 64 hexadecimal digits?  Otherwise it is
 * the name of a keyring. */
bool image_keys_is_fingerprint (const char *key);

/* Writes one keyring to the new file 'path': all keys, or if 'key' names a
 * keyring, those of that one.  Stores where they are from, for messages. */
int image_keys_write (struct hvctl *h, const char *key, const char *path,
                      const char **from, struct error *err);

#endif /* CORE_IMAGE_KEYS_H */
