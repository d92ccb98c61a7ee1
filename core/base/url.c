/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/url.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define MOST_URL 2000

/* Returns the length of the scheme, or 0: there is none. */
static size_t
scheme_length (const char *text)
{
    size_t n = 0;

    while (isalnum ((unsigned char)text[n])
           || (n && text[n] && strchr ("+-.", text[n]))) {
        n++;
    }
    return n && isalpha ((unsigned char)text[0]) && text[n] == ':' ? n : 0;
}

static bool
has_scheme (const char *text, const char *scheme)
{
    size_t n = scheme_length (text);

    return n == strlen (scheme) && !strncasecmp (text, scheme, n);
}

bool
url_is (const char *text)
{
    size_t n = scheme_length (text);

    return has_scheme (text, "file") || has_scheme (text, "oci")
           || (n && !strncmp (text + n, "://", 3));
}

bool
url_is_web (const char *text)
{
    return (has_scheme (text, "http") || has_scheme (text, "https"))
           && !strncmp (text + scheme_length (text), "://", 3);
}

/* Returns the server and what is behind it, or null: there is no server. */
static const char *
authority (const char *url, size_t *len)
{
    const char *start = url + scheme_length (url) + 1;

    if (strncmp (start, "//", 2) != 0) {
        return NULL;
    }
    *len = strcspn (start + 2, "/?#");
    return start + 2;
}

static int
check_characters (const char *url, struct error *err)
{
    if (strlen (url) > MOST_URL) {
        return fail_exit (err, EXIT_USAGE, ENAMETOOLONG,
                          "a URL has at most %d characters", MOST_URL);
    }
    for (const char *p = url; *p; p++) {
        if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f
            || strchr ("\"<>\\^`{|}", *p)) {
            return fail_exit (err, EXIT_USAGE, EINVAL,
                              "%s is not a valid URL: it has a character that "
                              "must be written as %%%02X",
                              url, (unsigned char)*p);
        }
    }
    return 0;
}

int
url_check (const char *url, struct error *err)
{
    size_t len = 0;
    const char *server = authority (url, &len);
    struct arena a = { 0 };
    bool good;

    if (check_characters (url, err) < 0) {
        return -err->code;
    }
    if (has_scheme (url, "file")) {
        good = url_path (&a, url) != NULL;
        arena_free (&a);
        return good ? 0
                    : fail_exit (err, EXIT_USAGE, EINVAL,
                                 "%s names no file of this host: write "
                                 "file:///PATH, or PATH alone",
                                 url);
    }
    if (!url_is_web (url)) {
        return fail_exit (err, EXIT_UNSUPPORTED, EPROTONOSUPPORT,
                          "hvctl cannot download %s: only http, https and file "
                          "are supported; download it by another program, and "
                          "import the file",
                          url);
    }
    if (!server || !len || *server == ':') {
        return fail_exit (err, EXIT_USAGE, EINVAL, "%s names no server", url);
    }
    if (memchr (server, '@', len)) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "the URL has a user name or a password, which would "
                          "be kept in hvctl's records: download it by a "
                          "program that can log in, and import the file");
    }
    return strchr (url, '#')
               ? fail_exit (err, EXIT_USAGE, EINVAL,
                            "%s has a fragment ('#'), which is no part of a "
                            "file's address: leave it out",
                            url)
               : 0;
}

static int
hex (char c)
{
    return isdigit ((unsigned char)c)    ? c - '0'
           : isxdigit ((unsigned char)c) ? tolower ((unsigned char)c) - 'a' + 10
                                         : -1;
}

/* Returns what %XX stand for; null: one is not valid, or stands for NUL. */
static char *
decode (struct arena *a, const char *text, size_t n)
{
    char *to = arena_dup_n (a, text, n), *out = to;

    for (const char *p = to; *p; p++) {
        if (*p != '%') {
            *out++ = *p;
            continue;
        }
        if (hex (p[1]) < 0 || hex (p[2]) < 0 || !(hex (p[1]) + hex (p[2]))) {
            return NULL;
        }
        *out++ = (char)(16 * hex (p[1]) + hex (p[2]));
        p += 2;
    }
    *out = '\0';
    return to;
}

/* file:/PATH, file:///PATH and file://localhost/PATH are the same. */
const char *
url_path (struct arena *a, const char *url)
{
    size_t len = 0;
    const char *server = authority (url, &len);
    const char *path = server ? server + len : url + scheme_length (url) + 1;

    if (server && len && (len != 9 || strncasecmp (server, "localhost", 9))) {
        return NULL;
    }
    return *path == '/' && !strpbrk (path, "?#")
               ? decode (a, path, strlen (path))
               : NULL;
}

/* Returns the part of it that ends with the last '/' of its path. */
static size_t
directory_length (const char *url)
{
    size_t len = 0;
    const char *server = authority (url, &len);
    size_t first = server ? (size_t)(server - url) + len : 0;
    size_t end = strcspn (url, "?#");

    while (end > first && url[end - 1] != '/') {
        end--;
    }
    return end;
}

const char *
url_beside (struct arena *a, const char *url, const char *name)
{
    size_t dir = directory_length (url);

    return arena_format (a, "%.*s%s%s", (int)dir, url,
                         dir && url[dir - 1] == '/' ? "" : "/", name);
}

const char *
url_name (struct arena *a, const char *url)
{
    size_t dir = directory_length (url);
    const char *name = decode (a, url + dir, strcspn (url, "?#") - dir);

    return name ? name : "";
}
