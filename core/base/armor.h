/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* OpenPGP's text forms (RFC 9580, chapters 6 and 7): armor around a key or a
 * signature, and text that is signed in the same file. */
#ifndef CORE_ARMOR_H
#define CORE_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Does the text contain armor? */
bool armor_is (const char *text);

/* Returns the bytes of all blocks of armor, malloc'ed, one behind the other;
 * null: a block is damaged. */
uint8_t *armor_decode (const char *text, size_t *size);

/* Splits a text that is signed in the same file.  Returns exactly the text that
 * the signature is of, malloc'ed, and stores where the signature begins; null:
 * it is none, or has anything before. */
char *armor_signed (const char *text, const char **signature);

#endif /* CORE_ARMOR_H */
