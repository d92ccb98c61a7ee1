/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Base64 (RFC 4648, section 4). */
#ifndef COMMON_BASE64_H
#define COMMON_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the malloc'ed text, or null: out of memory. */
char *base64_encode (const void *data, size_t n);

/* Stores the malloc'ed bytes, with a NUL behind them, and how many; false if
 * it is not valid, or out of memory. */
bool base64_decode (const char *text, size_t len, char **data, size_t *n);

#endif /* COMMON_BASE64_H */
