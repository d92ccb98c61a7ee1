/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* As libconfuse's lexer reads them. */
#include "core/config/scan-escape.h"

#include <ctype.h>
#include <string.h>

static int
read_digits (const char *at, size_t n, int base)
{
    int value = 0;

    for (; n; n--, at++) {
        value = value * base
                + (isdigit ((unsigned char)*at)
                       ? *at - '0'
                       : tolower ((unsigned char)*at) - 'a' + 10);
    }
    return value;
}

size_t
scan_escape_read (const char *at, int *byte)
{
    static const char letters[] = "abefrv";
    static const int bytes[] = { '\a', '\b', 0x1b, '\f', '\r', '\v' };
    const char *letter = at[1] ? strchr (letters, at[1]) : NULL;
    size_t n = strspn (at + 1, "01234567");

    *byte = letter ? bytes[letter - letters] : -1;
    if (n) {
        n = n < 3 ? n : 3;
        *byte = read_digits (at + 1, n, 8);
        return 1 + n;
    }
    n = at[1] == 'x' ? strspn (at + 2, "0123456789abcdefABCDEF") : 0;
    if (n) {
        n = n < 2 ? n : 2;
        *byte = read_digits (at + 2, n, 16);
        return 2 + n;
    }
    return 2;
}
