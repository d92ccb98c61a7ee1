/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The images that disks can be made on: STATE/images/names/NAME is the record
 * of one, and STATE/images/data/SHA256.raw its contents, which nobody writes to
 * any more.  Two names of the same file share their contents.  Files whose
 * names begin with a dot are of imports in progress; see image-import.h. */
#ifndef CORE_IMAGES_H
#define CORE_IMAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

struct image_record {
    const char *name;
    const char *sha256;   /* Of the file that was imported. */
    const char *content;  /* Of what is stored; see image-content.h. */
    const char *source;   /* Where that file was. */
    const char *format;   /* Its format. */
    const char *verified; /* What vouched for it: "sha256", stated; "signature";
                           * "https", of its checksum; or null. */
    const char *vouched_by;      /* The URL of that checksum, or signature. */
    const char *key;             /* The fingerprint of the key. */
    const char *etag, *modified; /* Of the server, for that file; or null. */
    int64_t size;                /* As a guest sees it. */
    int64_t imported;            /* When, in seconds since 1970. */
    const char *path;            /* Of its contents. */
};

/* Return the directories of records and of contents; the path of contents; of a
 * temporary file, "source", of an import. */
const char *images_names_dir (struct hvctl *h);
const char *images_data_dir (struct hvctl *h);
const char *images_data_path (struct hvctl *h, const char *sha256);
const char *images_temporary (struct hvctl *h, const char *name,
                              const char *what);

/* Returns the key of a change to an image; see unfinished.h. */
const char *images_key (struct hvctl *h, const char *name);

/* Keeps others from adding and removing contents, until '*lock' is closed. */
int images_lock (struct hvctl *h, int *lock, struct error *err);

/* Adds the names of all images. */
void images_names (struct hvctl *h, struct vec *names);
bool images_has (struct hvctl *h, const char *name);

/* Reads a record; fails if there is none, or it is damaged. */
int images_load (struct hvctl *h, const char *name, struct image_record *out,
                 struct error *err);

/* Writes the record of a new image; fails if there is one. */
int images_add (struct hvctl *h, const struct image_record *image,
                struct error *err);

/* Remove the record of an image; contents that no image has any more, for which
 * the store must be locked.  What is missing is not an error. */
int images_forget (struct hvctl *h, const char *name, struct error *err);
int images_drop_data (struct hvctl *h, const char *sha256, struct error *err);

#endif /* CORE_IMAGES_H */
