/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A download in progress, and what is received of it. */
#ifndef IMPORT_FETCH_BODY_H
#define IMPORT_FETCH_BODY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/error.h"
#include "import/fetch-file.h"

struct fetch {
    CURL *curl;
    struct fetch_file file;
    const char *etag, *modified; /* Of the request; or null. */
    uint64_t limit;
    int64_t timeout; /* Milliseconds. */

    char url[FETCH_URL];       /* Of this attempt. */
    bool secure;               /* It, or one that led to it, is https. */
    uint64_t furthest;         /* The most bytes that there were. */
    int64_t moved, told;       /* When there were more; when that was told. */
    int64_t arrived;           /* When this attempt got anything. */
    char why[CURL_ERROR_SIZE]; /* Of libcurl. */
    struct error err;

    /* The response, so far. */
    struct fetch_origin origin;
    char range[FETCH_WORD], location[FETCH_URL];
    bool begun;   /* Its body. */
    bool ignored; /* It is of no interest. */
};

/* Has libcurl pass what it receives to this file. */
void fetch_body_receive (struct fetch *f);

/* Prepares for a response, and for its end: its body may be empty. */
void fetch_body_before (struct fetch *f);
void fetch_body_end (struct fetch *f);

/* Returns the status of the response. */
long fetch_body_status (struct fetch *f);

/* Prints how much there is, unless it has just been printed. */
void fetch_body_tell (struct fetch *f);

/* Fails, as the files cannot be written. */
void fetch_body_unstored (struct fetch *f, int code);

#endif /* IMPORT_FETCH_BODY_H */
