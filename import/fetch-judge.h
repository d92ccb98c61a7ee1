/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What comes of a response, or of none. */
#ifndef IMPORT_FETCH_JUDGE_H
#define IMPORT_FETCH_JUDGE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "import/fetch-body.h"

enum fetch_outcome {
    FETCH_DONE,
    FETCH_MOVED,    /* To another address, which 'url' now is. */
    FETCH_AGAIN,    /* It may work at the next attempt; 'err' has the reason. */
    FETCH_NOT_HERE, /* Not at this address. */
    FETCH_FAILED,   /* For good. */
};

/* Judges what libcurl has done. */
enum fetch_outcome fetch_judge (struct fetch *f, CURLcode rc);

/* Is it a URL of that scheme? */
bool fetch_judge_scheme (const char *url, const char *scheme);

#endif /* IMPORT_FETCH_JUDGE_H */
