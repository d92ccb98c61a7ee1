/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small files as a whole, and what is in directories. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Writes 'text' to 'path' by a temporary file and a rename. */
int file_write (const char *path, unsigned mode, const char *text,
                struct error *err);

/* Reads a file of at most 1 MiB; malloc'ed, with a NUL after 'size' bytes. Null
 * if it cannot be, or is not to be trusted: the sentence lacks its name. */
char *file_load (const char *path, size_t *size, struct error *err);

/* The same for files that may not be there, or damaged. */
char *file_read (const char *path);

/* Adds the names in a directory, but hidden ones, and sorts all.  Returns 0, or
 * -errno if it cannot be read. */
int file_names (struct arena *a, const char *dir, struct vec *names);

/* Removes the files in a directory, 'last' (or null) after all others.  False
 * if it is not there. */
bool file_remove_all (const char *dir, const char *last);

/* mkdir -p; the last component gets 'mode'. */
int file_make_dirs (const char *path, unsigned mode, struct error *err);

/* Is 'fd' still what 'path' names?  Somebody may have removed a lock file
 * between our open and our lock. */
bool file_is_at (int fd, const char *path);

#endif /* CORE_FILE_H */
