/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small files of our own, as a whole. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>

#include "core/base/error.h"

/* Writes 'text' to 'path' by a temporary file and a rename. */
int file_write (const char *path, unsigned mode, const char *text,
                struct error *err);

/* Reads a file of at most 1 MiB; malloc'ed; null if it cannot be, or is not to
 * be trusted. */
char *file_read (const char *path);

/* mkdir -p; the last component gets 'mode'. */
int file_make_dirs (const char *path, unsigned mode, struct error *err);

/* Is 'fd' still what 'path' names?  Somebody may have removed a lock file
 * between our open and our lock. */
bool file_is_at (int fd, const char *path);

#endif /* CORE_FILE_H */
