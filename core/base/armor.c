/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/armor.h"

#include <string.h>

#include "common/base64.h"
#include "common/cleanup.h"
#include "core/base/error.h"

#define BEGIN "-----BEGIN PGP "
#define END "-----END PGP "
#define SIGNED "-----BEGIN PGP SIGNED MESSAGE-----"
#define SIGNATURE "-----BEGIN PGP SIGNATURE-----"

/* Returns the start of the next line, or the end of the text. */
static const char *
next_line (const char *line)
{
    line += strcspn (line, "\n");
    return *line ? line + 1 : line;
}

/* Returns the length of a line without white space at its end. */
static size_t
line_length (const char *line)
{
    size_t n = strcspn (line, "\n");

    while (n && strchr (" \t\r", line[n - 1])) {
        n--;
    }
    return n;
}

static bool
begins (const char *line, const char *with)
{
    return !strncmp (line, with, strlen (with));
}

bool
armor_is (const char *text)
{
    return strstr (text, BEGIN) != NULL;
}

/* Adds what a block's digits stand for, to which the padding is restored: some
 * programs put it, or leave it out, as they like. */
static bool
add_bytes (uint8_t *to, size_t *n, char *digits, size_t len)
{
    CLEANUP_FREE char *bytes = NULL;
    size_t got = 0;

    while (len && digits[len - 1] == '=') {
        len--;
    }
    while (len % 4) {
        digits[len++] = '=';
    }
    if (!base64_decode (digits, len, &bytes, &got)) {
        return false;
    }
    memcpy (to + *n, bytes, got);
    *n += got;
    return true;
}

/* Behind the BEGIN line: headers, an empty line, digits, and perhaps a checksum
 * ("=abcd"), which newer programs leave out.  Returns the END line, or null. */
static const char *
decode_block (uint8_t *to, size_t *n, const char *line)
{
    CLEANUP_FREE char *digits = xalloc (strlen (line) + 4);
    size_t len = 0;

    while (line_length (line)) {
        if (!memchr (line, ':', line_length (line))) {
            return NULL;
        }
        line = next_line (line);
    }
    for (line = next_line (line); *line && !begins (line, END);
         line = next_line (line)) {
        if (*line != '=') {
            memcpy (digits + len, line, line_length (line));
            len += line_length (line);
        }
    }
    return *line && add_bytes (to, n, digits, len) ? line : NULL;
}

uint8_t *
armor_decode (const char *text, size_t *size)
{
    CLEANUP_FREE uint8_t *to = xalloc (strlen (text) + 1);
    const char *line = text;
    size_t n = 0;

    while (line && *line) {
        bool block = begins (line, BEGIN);

        line = next_line (line);
        if (block) {
            line = decode_block (to, &n, line);
        }
    }
    *size = n;
    return line ? steal (&to) : NULL;
}

/* White space at the end of a line is not signed, nor is the end of the last
 * line; "- " before a line that begins with "-" is not part of it. */
char *
armor_signed (const char *text, const char **signature)
{
    CLEANUP_FREE char *to = xalloc (strlen (text) + 1);
    const char *line = text;
    size_t n = 0;

    if (!begins (line, SIGNED) || line_length (line) != strlen (SIGNED)) {
        return NULL;
    }
    for (line = next_line (line); line_length (line); line = next_line (line)) {
        if (!begins (line, "Hash: ")) {
            return NULL;
        }
    }
    for (line = next_line (line); *line && !begins (line, SIGNATURE);
         line = next_line (line)) {
        size_t len = line_length (line);
        size_t skip = begins (line, "- ") ? 2 : 0;

        if (*line == '-' && !skip) {
            return NULL;
        }
        len = len > skip ? len - skip : 0;
        memcpy (to + n, line + skip, len);
        n += len;
        to[n++] = '\n';
    }
    to[n ? n - 1 : 0] = '\0';
    *signature = line;
    return *line ? steal (&to) : NULL;
}
