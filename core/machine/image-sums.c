/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-sums.h"

#include <ctype.h>
#include <string.h>

#define HEX_DIGITS "0123456789abcdefABCDEF"

/* Takes 'n' digits, if these are as many as a checksum has. */
static bool
take (const char *digits, size_t n, struct image_sum *sum)
{
    if ((n != DIGEST_HEX - 1 && n != DIGEST_HEX_512 - 1)
        || strspn (digits, HEX_DIGITS) < n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        sum->hex[i] = (char)tolower ((unsigned char)digits[i]);
    }
    sum->hex[n] = '\0';
    return true;
}

static bool
is_name (const char *text, size_t n, const char *name)
{
    if (n > 2 && !strncmp (text, "./", 2)) {
        text += 2;
        n -= 2;
    }
    return n == strlen (name) && !memcmp (text, name, n);
}

/* "DIGITS  NAME", or "DIGITS *NAME". */
static bool
read_gnu (const char *line, size_t n, const char *name, struct image_sum *sum)
{
    size_t digits = strspn (line, HEX_DIGITS);

    return n > digits + 2 && line[digits] == ' '
           && strchr (" *", line[digits + 1])
           && is_name (line + digits + 2, n - digits - 2, name)
           && take (line, digits, sum);
}

/* "SHA256 (NAME) = DIGITS". */
static bool
read_bsd (const char *line, size_t n, const char *name, struct image_sum *sum)
{
    static const char equals[] = ") = ";
    const char *start = line + strlen ("SHA256 (");
    size_t len = strlen (name), before = (size_t)(start - line);

    if ((strncmp (line, "SHA256 (", before) != 0
         && strncmp (line, "SHA512 (", before) != 0)
        || n < before + len + strlen (equals) || strncmp (start, name, len) != 0
        || strncmp (start + len, equals, strlen (equals)) != 0) {
        return false;
    }
    start += len + strlen (equals);
    return take (start, n - (size_t)(start - line), sum)
           && !strncmp (
               line, strlen (sum->hex) == DIGEST_HEX - 1 ? "SHA256" : "SHA512",
               6);
}

bool
image_sums_find (const char *text, const char *name, struct image_sum *sum)
{
    bool found = false;

    while (*text) {
        size_t n = strcspn (text, "\r\n");
        struct image_sum one;

        if (*name
            && (read_gnu (text, n, name, &one)
                || read_bsd (text, n, name, &one))) {
            if (found && strlen (one.hex) == strlen (sum->hex)
                && strcmp (one.hex, sum->hex) != 0) {
                return false;
            }
            if (!found || strlen (one.hex) > strlen (sum->hex)) {
                *sum = one;
            }
            found = true;
        }
        text += n + strspn (text + n, "\r\n");
    }
    return found;
}

bool
image_sums_read (const char *text, struct image_sum *sum)
{
    size_t n = strspn (text, HEX_DIGITS);

    return !text[n + strspn (text + n, " \t\r\n")] && take (text, n, sum);
}

const char *
image_sums_kind (const struct image_sum *sum)
{
    return strlen (sum->hex) == DIGEST_HEX - 1 ? "SHA-256" : "SHA-512";
}
