/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The file that hvctl-fetch downloads to, and a second one, its origin: where
 * the data is from, and by what the server tells whether that is still what it
 * has.  The origin is written before the first byte of data, and emptied before
 * other data replaces it, so that a download that was killed at any point is
 * resumed only with the rest of the same file. */
#ifndef IMPORT_FETCH_FILE_H
#define IMPORT_FETCH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FETCH_WORD 512 /* Of a header of HTTP. */
#define FETCH_URL 4096

/* What the server says about the file that it has. */
struct fetch_origin {
    char from[FETCH_URL]; /* The address behind redirects. */
    char etag[FETCH_WORD], modified[FETCH_WORD]; /* Or empty. */
    int64_t size;                                /* -1: unknown. */
};

struct fetch_file {
    const char *path, *url; /* As it was asked for. */
    int fd, origin_fd;
    struct fetch_origin origin;
    uint64_t at; /* The bytes that it has. */
};

/* Opens both.  What is in them is kept if it is from the same URL, and can be
 * resumed.  Returns 0, or an errno value. */
int fetch_file_open (struct fetch_file *f, const char *origin_path);

/* Returns what a request to continue states (If-Range), or null: it has to
 * begin anew.  A weak ETag does not vouch for every byte. */
const char *fetch_file_validator (const struct fetch_file *f);

/* Forgets what is there, and begins with data of that origin; continues at the
 * end.  Return 0, or an errno value. */
int fetch_file_begin (struct fetch_file *f, const struct fetch_origin *origin);
int fetch_file_add (struct fetch_file *f, const char *data, size_t n);

/* Returns the bytes that its file system has room for. */
uint64_t fetch_file_room (const struct fetch_file *f);

#endif /* IMPORT_FETCH_FILE_H */
