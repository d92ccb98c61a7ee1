/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* hvctl-fetch: downloads a file over HTTP, or asks whether it has changed.
 * Standard input has the request, a JSON object, since an address may be
 * secret, and everybody sees a command line:
 *
 *   url, file, origin     see fetch-file.h
 *   etag, modified        of what is there already: nothing is downloaded
 *   limit, timeout        the most bytes; milliseconds without any more of them
 *   authorities           a file with certificates of authorities
 *   proxies               an object: variables that libcurl reads
 *
 * It prints "at DONE TOTAL" now and then, and at the end an object: "error",
 * "code" and "exit", or "size", "etag" and "modified", or "unchanged", or
 * "changed".  Run by hvctl in a jail, where it can open these files, and those
 * of name resolution. */
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "import/fetch-body.h"
#include "import/fetch-file.h"
#include "import/fetch-judge.h"

#define MOST_REDIRECTS 10
#define MOST_INPUT 65536
#define FIRST_PAUSE 500 /* ms, before it is tried again, doubled up to... */
#define LONGEST_PAUSE 8000

static void
add_header (struct curl_slist **headers, const char *name, const char *value)
{
    CLEANUP_FREE char *line = value ? xformat ("%s: %s", name, value) : NULL;

    if (line) {
        *headers = or_exit (curl_slist_append (*headers, line));
    }
}

/* Asks for the rest, if a part is there. */
static void
set_range (struct fetch *f, struct curl_slist **headers)
{
    char range[32];
    const char *validator = fetch_file_validator (&f->file);

    if (!f->file.at || !validator) {
        f->file.at = 0;
        curl_easy_setopt (f->curl, CURLOPT_RANGE, NULL);
        return;
    }
    snprintf (range, sizeof range, "%" PRIu64 "-", f->file.at);
    curl_easy_setopt (f->curl, CURLOPT_RANGE, range);
    add_header (headers, "If-Range", validator);
}

static enum fetch_outcome
ask_once (struct fetch *f)
{
    struct curl_slist *headers = NULL;
    CURLcode rc;

    fetch_body_before (f);
    f->err = (struct error){ 0 };
    f->why[0] = '\0';
    f->secure |= fetch_judge_scheme (f->url, "https");
    set_range (f, &headers);
    add_header (&headers, "If-None-Match", f->etag);
    add_header (&headers, "If-Modified-Since", f->modified);
    curl_easy_setopt (f->curl, CURLOPT_URL, f->url);
    curl_easy_setopt (f->curl, CURLOPT_HTTPHEADER, headers);
    rc = curl_easy_perform (f->curl);
    curl_easy_setopt (f->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all (headers);
    return fetch_judge (f, rc);
}

static enum fetch_outcome
ask (struct fetch *f)
{
    enum fetch_outcome result = FETCH_MOVED;

    f->secure = false;
    for (int i = 0; i <= MOST_REDIRECTS && result == FETCH_MOVED; i++) {
        result = ask_once (f);
    }
    if (result == FETCH_MOVED) {
        fail (&f->err, ELOOP,
              "it redirects more than %d times, at last to %s: check the "
              "address",
              MOST_REDIRECTS, f->url);
        return FETCH_FAILED;
    }
    return result;
}

static void
give_up (struct fetch *f)
{
    CLEANUP_FREE char *why = xstrdup (f->err.text);

    fail_exit (&f->err, EXIT_TIMEOUT, ETIMEDOUT,
               "%s, and nothing more has arrived for %.3g seconds: try again "
               "later, or wait longer with --timeout",
               why, (double)f->timeout / 1000);
}

static void
sleep_ms (int64_t ms)
{
    struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

    while (nanosleep (&t, &t) < 0 && errno == EINTR) {
    }
}

/* Every second attempt is made where the data was, which may be one of several
 * mirrors, and whose file can be continued; the others from the start. */
static bool
download (struct fetch *f)
{
    int64_t pause = FIRST_PAUSE;
    enum fetch_outcome result;
    uint64_t before;

    for (int i = 0;; i++) {
        bool there = f->file.at && *f->file.origin.from && i % 2 == 0;

        snprintf (f->url, sizeof f->url, "%s",
                  there ? f->file.origin.from : f->file.url);
        before = f->furthest;
        result = ask (f);
        if (result != FETCH_AGAIN && !(result == FETCH_NOT_HERE && there)) {
            return result == FETCH_DONE;
        }
        if (f->furthest > before) {
            pause = FIRST_PAUSE;
            i = -1;
        }
        if (now_ms () - f->moved >= f->timeout) {
            give_up (f);
            return false;
        }
        sleep_ms (pause);
        pause = 2 * pause < LONGEST_PAUSE ? 2 * pause : LONGEST_PAUSE;
        fetch_body_tell (f);
    }
}

/* --------------------------------------------------------------------- main */

static bool
set_up (struct fetch *f, const char *authorities)
{
    CURL *c = f->curl = curl_easy_init ();

    if (!c) {
        return false;
    }
    curl_easy_setopt (c, CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt (c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt (c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
    curl_easy_setopt (c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt (c, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt (c, CURLOPT_USERAGENT, "hvctl/" PACKAGE_VERSION);
    curl_easy_setopt (c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt (c, CURLOPT_ERRORBUFFER, f->why);
    curl_easy_setopt (c, CURLOPT_CONNECTTIMEOUT_MS, (long)(f->timeout / 2));
    fetch_body_receive (f);
    if (*authorities) {
        curl_easy_setopt (c, CURLOPT_CAINFO, authorities);
        curl_easy_setopt (c, CURLOPT_CAPATH, NULL);
    }
    return true;
}

static void
set_proxies (struct json_object *proxies)
{
    if (json_object_is_type (proxies, json_type_object)) {
        json_object_object_foreach (proxies, name, value) {
            setenv (name, json_object_get_string (value), 1);
        }
    }
}

static const char *
or_null (const char *text)
{
    return *text ? text : NULL;
}

static bool
run (struct fetch *f, struct json_object *request)
{
    int code;

    f->file.url = json_member_text (request, "url");
    f->file.path = json_member_text (request, "file");
    f->etag = or_null (json_member_text (request, "etag"));
    f->modified = or_null (json_member_text (request, "modified"));
    f->limit = json_member_size (request, "limit");
    f->timeout = (int64_t)json_member_size (request, "timeout");
    set_proxies (json_member (request, "proxies", json_type_object));
    f->moved = now_ms ();
    f->file.origin.size = -1;
    if (!set_up (f, json_member_text (request, "authorities"))) {
        fail (&f->err, ENOMEM, "libcurl cannot be used");
        return false;
    }
    if (!f->etag && !f->modified) {
        code = fetch_file_open (&f->file, json_member_text (request, "origin"));
        if (code) {
            fetch_body_unstored (f, code);
            return false;
        }
        f->furthest = f->file.at;
    }
    return download (f);
}

static struct json_object *
result_json (struct fetch *f, bool good)
{
    struct json_object *o = json_object_new_object ();

    if (!good) {
        json_put_text (o, "error", f->err.text);
        json_put_number (o, "code", f->err.code);
        json_put_number (o, "exit", f->err.exit_code);
    } else if (f->etag || f->modified) {
        json_put_flag (
            o, fetch_body_status (f) == 304 ? "unchanged" : "changed", true);
    } else {
        json_put_number (o, "size", (int64_t)f->file.at);
        json_put_text (o, "etag", or_null (f->file.origin.etag));
        json_put_text (o, "modified", or_null (f->file.origin.modified));
    }
    return o;
}

int
main (int argc, char **argv)
{
    static struct fetch f;
    static char text[MOST_INPUT + 1];
    struct json_object *request = NULL, *result;
    struct error err = { 0 };

    (void)argv;
    output_begin ();
    if (argc == 1 && file_read_stream (STDIN_FILENO, text, MOST_INPUT) > 0) {
        request = json_tokener_parse (text);
    }
    if (!request) {
        err_out ("hvctl-fetch is run by 'hvctl image import'\n");
        return EXIT_USAGE;
    }
    curl_global_init (CURL_GLOBAL_DEFAULT);
    result = result_json (&f, run (&f, request));
    out ("\n%s\n",
         json_object_to_json_string_ext (result, JSON_C_TO_STRING_PLAIN));
    json_object_put (result);
    json_object_put (request);
    /* Not curl_easy_cleanup(): it would wait for a name server that does not
     * answer. */
    return output_end (&err) < 0 ? EXIT_ERROR : EXIT_OK;
}
