/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/fetch-body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/size.h"
#include "core/base/clock.h"
#include "core/base/output.h"

#define TELL 200 /* ms, between two lines about progress. */

void
fetch_body_tell (struct fetch *f)
{
    struct error ignored = { 0 };
    int64_t now = now_ms ();

    if (now - f->told >= TELL) {
        f->told = now;
        out ("at %" PRIu64 " %" PRId64 "\n", f->file.at,
             f->file.origin.size > 0 ? f->file.origin.size : 0);
        output_flush (&ignored);
    }
}

/* libcurl calls it about once a second, whatever happens.  Its own limit of
 * speed is for an average of several seconds.  One connection has half of the
 * time, so that there is some left for another, when the first one is dead. */
static int
watch (void *data, curl_off_t total, curl_off_t now, curl_off_t up_total,
       curl_off_t up_now)
{
    struct fetch *f = data;

    (void)total;
    (void)now;
    (void)up_total;
    (void)up_now;
    fetch_body_tell (f);
    return now_ms () - f->arrived > f->timeout / 2;
}

long
fetch_body_status (struct fetch *f)
{
    long status = 0;

    curl_easy_getinfo (f->curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Copies the value of a header, if it is that one.  A longer one is not taken,
 * as it would not be the same any more. */
static void
take_header (const char *line, size_t n, const char *name, char *word,
             size_t size)
{
    size_t len = strlen (name);

    if (n <= len || strncasecmp (line, name, len) != 0 || line[len] != ':') {
        return;
    }
    line += len + 1;
    n -= len + 1;
    while (n && strchr (" \t", *line)) {
        line++;
        n--;
    }
    while (n && strchr (" \t\r\n", line[n - 1])) {
        n--;
    }
    if (n < size && !memchr (line, '\0', n)) {
        memcpy (word, line, n);
        word[n] = '\0';
    }
}

/* A status line begins another response: behind "100 Continue", say. */
static size_t
take_header_line (char *line, size_t size, size_t n, void *data)
{
    struct fetch *f = data;
    struct fetch_origin *o = &f->origin;

    n *= size;
    f->arrived = now_ms ();
    if (n > 5 && !strncmp (line, "HTTP/", 5)) {
        *o = (struct fetch_origin){ .size = -1 };
        f->range[0] = f->location[0] = '\0';
    }
    take_header (line, n, "ETag", o->etag, sizeof o->etag);
    take_header (line, n, "Last-Modified", o->modified, sizeof o->modified);
    take_header (line, n, "Content-Range", f->range, sizeof f->range);
    take_header (line, n, "Location", f->location, sizeof f->location);
    return n;
}

static bool
is_too_large (struct fetch *f, uint64_t size)
{
    char most[32];

    if (size <= f->limit) {
        return false;
    }
    fail_exit (&f->err, EXIT_UNSUPPORTED, EFBIG,
               "it is larger than %s (--max-size allows more)",
               format_size (f->limit, most, sizeof most));
    return true;
}

void
fetch_body_unstored (struct fetch *f, int code)
{
    char size[16];

    fail (&f->err, code, "it cannot be stored in %s: %s", f->file.path,
          strerror (code));
    if (code == ENOSPC && f->origin.size > 0) {
        fail (&f->err, code,
              "it takes %s, and there is no space left for it: make room",
              format_amount ((double)f->origin.size, size));
    }
}

/* The whole file, from its first byte. */
static bool
begin_file (struct fetch *f)
{
    curl_off_t length = -1;
    int code;

    curl_easy_getinfo (f->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    f->origin.size = length;
    snprintf (f->origin.from, sizeof f->origin.from, "%s", f->url);
    if (length > 0 && is_too_large (f, (uint64_t)length)) {
        return false;
    }
    code = fetch_file_begin (&f->file, &f->origin);
    if (!code && length > 0 && (uint64_t)length > fetch_file_room (&f->file)) {
        code = ENOSPC;
    }
    if (code) {
        fetch_body_unstored (f, code);
    }
    return !code;
}

/* The rest of it, if it is the rest of the same file. */
static bool
continue_file (struct fetch *f)
{
    uint64_t first = 0, last = 0, total = 0;
    bool good =
        sscanf (f->range, "bytes %" SCNu64 "-%" SCNu64 "/%" SCNu64, &first,
                &last, &total)
            == 3
        && first == f->file.at && last < total
        && (f->file.origin.size < 0 || total == (uint64_t)f->file.origin.size)
        && (!*f->origin.etag || !*f->file.origin.etag
            || !strcmp (f->origin.etag, f->file.origin.etag));

    if (!good) {
        f->file.at = 0; /* Once more, and all of it. */
        return false;
    }
    f->file.origin.size = (int64_t)total;
    return true;
}

/* Returns whether the body is wanted. */
static bool
begin_body (struct fetch *f)
{
    long status = fetch_body_status (f);

    f->begun = true;
    if (f->etag || f->modified) {
        return false; /* It has changed. */
    }
    return status == 200   ? begin_file (f)
           : status == 206 ? continue_file (f)
                           : false;
}

static size_t
take_body (char *data, size_t size, size_t n, void *fetch)
{
    struct fetch *f = fetch;
    int code;

    n *= size;
    f->arrived = now_ms ();
    if (!f->begun && !begin_body (f)) {
        f->ignored = true;
    }
    if (f->ignored || is_too_large (f, f->file.at + n)) {
        return 0;
    }
    code = fetch_file_add (&f->file, data, n);
    if (code) {
        fetch_body_unstored (f, code);
        return 0;
    }
    if (f->file.at > f->furthest) {
        f->furthest = f->file.at;
        f->moved = f->arrived;
    }
    fetch_body_tell (f);
    return n;
}

void
fetch_body_receive (struct fetch *f)
{
    curl_easy_setopt (f->curl, CURLOPT_HEADERFUNCTION, take_header_line);
    curl_easy_setopt (f->curl, CURLOPT_HEADERDATA, f);
    curl_easy_setopt (f->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt (f->curl, CURLOPT_WRITEDATA, f);
    curl_easy_setopt (f->curl, CURLOPT_XFERINFOFUNCTION, watch);
    curl_easy_setopt (f->curl, CURLOPT_XFERINFODATA, f);
    curl_easy_setopt (f->curl, CURLOPT_NOPROGRESS, 0L);
}

void
fetch_body_before (struct fetch *f)
{
    f->begun = f->ignored = false;
    f->arrived = now_ms ();
    f->origin = (struct fetch_origin){ .size = -1 };
    f->range[0] = f->location[0] = '\0';
}

void
fetch_body_end (struct fetch *f)
{
    if (!f->begun) {
        f->ignored = !begin_body (f);
    }
}
