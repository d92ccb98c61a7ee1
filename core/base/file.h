/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small files of hvctl's own, read and written as a whole. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "core/base/error.h"

/* Writes 'text' to 'path' through a temporary file and a rename. */
int file_write (const char *path, unsigned mode, const char *text,
                struct error *err);

/* Returns the malloc'ed contents of a file of at most 1 MiB; null if it cannot
 * be read, or must not be trusted. */
char *file_read (const char *path);

/* Creates a directory and its parents; the last component gets 'mode'. */
int file_make_dirs (const char *path, unsigned mode, struct error *err);

#endif /* CORE_FILE_H */
