/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Images that the host configuration knows by a name: where to download them,
 * and what vouches for them.  Some are installed with hvctl. */
#ifndef CORE_KNOWN_IMAGE_H
#define CORE_KNOWN_IMAGE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/config.h"
#include "core/config/problem.h"

struct known_image {
    const char *name, *url;
    const char *sums, *sha256, *key; /* Or null. */
};

/* Adds the problems of a section 'image'. */
void known_image_check (struct hv_options *s, struct problems *p);

/* Finds an image by its name; returns false if none is known by it.  Fails if
 * the file that is installed cannot be read. */
bool known_image_find (struct hvctl *h, const char *name,
                       struct known_image *out, struct error *err);

/* Adds the names of all, sorted. */
int known_image_names (struct hvctl *h, struct vec *names, struct error *err);

#endif /* CORE_KNOWN_IMAGE_H */
