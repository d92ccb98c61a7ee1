/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Downloads, by a program in the jail; import/fetch.c.  One that is interrupted
 * or killed leaves what it has, in two files of the image's name, for the next
 * download of the same URL. */
#ifndef CORE_IMAGE_FETCH_H
#define CORE_IMAGE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* The time in which nothing more arrives, unless the user sets one: in
 * milliseconds. */
#define IMAGE_FETCH_TIME 60000

/* A temporary file of small downloads. */
#define IMAGE_FETCH_SMALL_ORIGIN "small-origin"

struct image_fetch {
    const char *name, *url; /* Of the image. */
    uint64_t limit;         /* In bytes. */
    int64_t timeout;        /* In milliseconds. */

    /* From the server: what tells later whether it has changed; or null.  For
     * image_fetch_changed() they are given. */
    const char *etag, *modified;
};

/* Downloads to a file, whose path is stored.  If it fails, nothing is left, but
 * if it is interrupted, what has arrived. */
int image_fetch (struct hvctl *h, struct image_fetch *f, const char **path,
                 struct error *err);

/* Downloads a small file, of at most 1 MiB, to the temporary file 'what' of the
 * image; 'limit' is not used.  One that is not there has EXIT_NOT_FOUND. */
int image_fetch_small (struct hvctl *h, const struct image_fetch *f,
                       const char *what, struct error *err);

/* Stores whether the server has another file by now. */
int image_fetch_changed (struct hvctl *h, const struct image_fetch *f,
                         bool *changed, struct error *err);

/* Is there an incomplete download for that image?  Removes it; nothing may be
 * there. */
bool image_fetch_has (struct hvctl *h, const char *name);
int image_fetch_forget (struct hvctl *h, const char *name, struct error *err);

/* Removes incomplete downloads that nobody has resumed for a week. */
void image_fetch_tidy (struct hvctl *h);

#endif /* CORE_IMAGE_FETCH_H */
