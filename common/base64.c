/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "common/base64.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                              "abcdefghijklmnopqrstuvwxyz0123456789+/";

char *
base64_encode (const void *data, size_t n)
{
    const unsigned char *in = data;
    char *text = malloc ((n + 2) / 3 * 4 + 1), *p = text;

    for (size_t i = 0; text && i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)in[i] << 16
                        | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0)
                        | (left > 2 ? in[i + 2] : 0);

        *p++ = letters[bits >> 18];
        *p++ = letters[bits >> 12 & 63];
        *p++ = left > 1 ? letters[bits >> 6 & 63] : '=';
        *p++ = left > 2 ? letters[bits & 63] : '=';
    }
    if (text) {
        *p = '\0';
    }
    return text;
}

/* Stores the value of a letter. */
static bool
value_of (char c, uint32_t *out)
{
    const char *at = c ? strchr (letters, c) : NULL;

    *out = at ? (uint32_t)(at - letters) : 0;
    return at != NULL;
}

bool
base64_decode (const char *text, size_t len, char **data, size_t *n)
{
    size_t pads = 0, used = 0;
    CLEANUP_FREE char *out = malloc (len / 4 * 3 + 1);

    if (!out || len % 4) {
        return false;
    }
    while (pads < 2 && len > pads && text[len - 1 - pads] == '=') {
        pads++;
    }
    for (size_t i = 0; i < len; i += 4) {
        size_t padded = i + 4 == len ? pads : 0;
        uint32_t bits = 0, value;

        for (size_t k = 0; k < 4; k++) {
            if (k >= 4 - padded) {
                value = 0;
            } else if (!value_of (text[i + k], &value)) {
                return false;
            }
            bits = bits << 6 | value;
        }
        for (size_t k = 0; k < 3 - padded; k++) {
            out[used++] = (char)(bits >> (16 - 8 * k) & 0xff);
        }
    }
    out[used] = '\0';
    *data = steal (&out);
    *n = used;
    return true;
}
