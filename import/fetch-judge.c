/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/fetch-judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/size.h"

bool
fetch_judge_scheme (const char *url, const char *scheme)
{
    size_t len = strlen (scheme);

    return !strncasecmp (url, scheme, len) && !strncmp (url + len, "://", 3);
}

/* Stores the whole address that a redirect means, as it may be a relative one.
 * libcurl's own answer is null for schemes that it is not to use. */
static bool
resolve (struct fetch *f, char to[FETCH_URL])
{
    CURLU *u = curl_url ();
    char *text = NULL;
    bool good =
        u && *f->location
        && curl_url_set (u, CURLUPART_URL, f->url, CURLU_NON_SUPPORT_SCHEME)
               == CURLUE_OK
        && curl_url_set (u, CURLUPART_URL, f->location,
                         CURLU_NON_SUPPORT_SCHEME)
               == CURLUE_OK
        && curl_url_get (u, CURLUPART_URL, &text, 0) == CURLUE_OK
        && strlen (text) < FETCH_URL;

    if (good) {
        snprintf (to, FETCH_URL, "%s", text);
    }
    curl_free (text);
    curl_url_cleanup (u);
    return good;
}

static enum fetch_outcome
follow (struct fetch *f)
{
    char to[FETCH_URL];

    if (!resolve (f, to)) {
        fail (&f->err, EPROTO, "it redirects to no valid address");
    } else if (!fetch_judge_scheme (to, "https")
               && !fetch_judge_scheme (to, "http")) {
        fail_exit (&f->err, EXIT_UNSUPPORTED, EPERM,
                   "it redirects to %s, and only redirects to http and https "
                   "are followed",
                   to);
    } else if (f->secure && !fetch_judge_scheme (to, "https")) {
        fail_exit (&f->err, EXIT_UNSUPPORTED, EPERM,
                   "it redirects from https to %s, which is not protected on "
                   "its way: give that address itself if that is acceptable",
                   to);
    } else {
        snprintf (f->url, sizeof f->url, "%s", to);
        return FETCH_MOVED;
    }
    return FETCH_FAILED;
}

/* The file may be there already, to its last byte. */
static enum fetch_outcome
judge_range (struct fetch *f)
{
    if (f->file.origin.size >= 0
        && f->file.at == (uint64_t)f->file.origin.size) {
        return FETCH_DONE;
    }
    f->file.at = 0;
    fail (&f->err, EPROTO, "the server cannot continue it");
    return FETCH_AGAIN;
}

static enum fetch_outcome
judge_error (struct fetch *f, long status)
{
    switch (status) {
    case 404:
    case 410:
        fail_exit (&f->err, EXIT_NOT_FOUND, ENOENT,
                   "there is no such file (%ld): check the address", status);
        return FETCH_NOT_HERE;
    case 401:
    case 403:
    case 407:
        fail_exit (&f->err, EXIT_DENIED, EACCES,
                   "the server refuses it (%ld): download it by a program "
                   "that can log in, and import the file",
                   status);
        return FETCH_NOT_HERE;
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
        fail (&f->err, EIO, "the server has a problem (%ld)", status);
        return FETCH_AGAIN;
    default:
        fail (&f->err, EPROTO, "the server answers with status %ld", status);
        return FETCH_FAILED;
    }
}

static enum fetch_outcome
judge_status (struct fetch *f)
{
    long status = fetch_body_status (f);

    switch (status) {
    case 200:
    case 206:
        fetch_body_end (f);
        if (f->err.code) {
            return FETCH_FAILED;
        }
        if (status == 206 && f->ignored && !f->file.at) {
            fail (&f->err, EPROTO, "the server continues another file");
            return FETCH_AGAIN;
        }
        return FETCH_DONE;
    case 304:
        return FETCH_DONE;
    case 416:
        return judge_range (f);
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return follow (f);
    default:
        return judge_error (f, status);
    }
}

static const char *
reason (const struct fetch *f, CURLcode rc)
{
    return *f->why ? f->why : curl_easy_strerror (rc);
}

/* The connection has failed. */
static enum fetch_outcome
judge_connection (struct fetch *f, CURLcode rc)
{
    char done[16], total[16];

    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
        fail (&f->err, EHOSTUNREACH,
              "%s: check the address, and the network of this host",
              reason (f, rc));
        return f->furthest ? FETCH_AGAIN : FETCH_NOT_HERE;
    case CURLE_PARTIAL_FILE:
        fail (&f->err, EIO, "the connection was closed after %s%s%s",
              format_amount ((double)f->file.at, done),
              f->file.origin.size > 0 ? " of " : "",
              f->file.origin.size > 0
                  ? format_amount ((double)f->file.origin.size, total)
                  : "");
        return FETCH_AGAIN;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK:
        fail_exit (&f->err, EXIT_TIMEOUT, ETIMEDOUT,
                   "the server does not answer");
        return FETCH_AGAIN;
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
        fail (&f->err, EIO, "the connection was lost (%s)", reason (f, rc));
        return FETCH_AGAIN;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
        fail_exit (&f->err, EXIT_DENIED, EACCES,
                   "the server cannot be trusted: %s; are the certificates of "
                   "authorities (ca-certificates) installed, or is one missing "
                   "(SSL_CERT_FILE)?",
                   reason (f, rc));
        return FETCH_FAILED;
    default:
        fail (&f->err, EPROTO, "it is not answered as by a web server (%s)",
              reason (f, rc));
        return FETCH_FAILED;
    }
}

enum fetch_outcome
fetch_judge (struct fetch *f, CURLcode rc)
{
    return f->err.code                    ? FETCH_FAILED
           : rc == CURLE_OK || f->ignored ? judge_status (f)
                                          : judge_connection (f, rc);
}
