/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Standard output and standard error.  Everything that a command prints passes
 * through here, so that a terminal gets no control characters from a guest, a
 * plugin or a file name, and no write error is lost.  The one
 * exception is the console of a guest, which is a terminal session itself. */
#ifndef CORE_OUTPUT_H
#define CORE_OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/error.h"

struct json_object;

/* Ensures that descriptors 0 to 2 exist: otherwise one of our files would get
 * one of these numbers, and the output.  To be called again if they have become
 * other ones. */
void output_begin (void);

/* Fail if any of it could not be written; 'output_end' is for the last call. */
int output_flush (struct error *err);
int output_end (struct error *err);

/* Returns whether standard output has failed, or lost its reader. */
bool output_is_lost (void);

/* To standard output. */
void out (const char *fmt, ...) ERROR_PRINTF (1, 2);
void out_bytes (const char *data, size_t n);

/* Prints an object, and releases it.  The text is valid UTF-8, whatever
 * strings it contains: an invalid byte becomes U+FFFD. */
void out_json (struct json_object *o);

/* To standard error.  'err_lines' writes 'prefix' before each line. */
void err_out (const char *fmt, ...) ERROR_PRINTF (1, 2);
void err_lines (const char *prefix, const char *fmt, va_list args)
    ERROR_PRINTF (2, 0);

/* What another program printed, of any length. */
void err_bytes (const char *data, size_t n);

/* For signal handlers and when there is no memory: all words of a
 * list that ends in null, and that contains only our own text. */
void err_at_once (const char *const *words);

/* Returns the length in bytes of the first character of 'data'; 0: it is not
 * valid UTF-8, or 'n' bytes are too few to tell ('*partial'). */
size_t output_utf8_length (const char *data, size_t n, bool *partial);

#endif /* CORE_OUTPUT_H */
