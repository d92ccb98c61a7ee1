/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Sizes ("512M", "10G") and durations ("90s", "2m") as people write them. */
#ifndef COMMON_SIZE_H
#define COMMON_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a size: a whole or decimal number and K, M, G, T, P (powers of 1024,
 * "i" and "B" may follow: "KiB"), B, or nothing for bytes.  Returns false if it
 * is not valid, or does not fit. */
bool parse_size (const char *text, uint64_t *bytes);

/* Reads a duration: a number and ms, s, m, h or nothing for seconds. */
bool parse_duration (const char *text, int64_t *ms);

/* Reads a whole decimal number. */
bool parse_uint (const char *text, uint64_t *value);

/* Reads yes, no, true, false, on, off. */
bool parse_bool (const char *text, bool *value);

/* Writes 'bytes' so that parse_size() reads it back: "10G", "1536M". */
const char *format_size (uint64_t bytes, char *buffer, size_t size);

/* Writes it for people, rounded: "1.5 GiB". */
const char *format_amount (double bytes, char text[16]);

#endif /* COMMON_SIZE_H */
