/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Small files of hvctl's own, read and written as a whole. */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Writes 'text' to 'path' through a temporary file and a rename. */
int file_write (const char *path, unsigned mode, const char *text,
                struct error *err);

/* Returns the malloc'ed contents of a file of at most 1 MiB, with a NUL after
 * 'size' bytes; null if it cannot be read, or must not be trusted: the message
 * does not name it. */
char *file_load (const char *path, size_t *size, struct error *err);

/* The same for a file in the directory 'dir', a descriptor. */
char *file_load_in (int dir, const char *name, size_t *size, struct error *err);

/* Returns the malloc'ed 'size' bytes of an open file, or what there is by now,
 * with a NUL behind them, and stores how many; null with errno set. */
char *file_read_open (int fd, size_t size, size_t *got);

/* Reads all of a pipe; returns the length, or -1 with errno set, also if it is
 * not less than 'room'. */
ssize_t file_read_stream (int fd, char *to, size_t room);

/* The same as file_load() for a text, with a message that names the file. */
char *file_read_named (const char *path, struct error *err);

/* The same for files that may be missing or damaged; for one of at most 64 MiB:
 * the journal of a change to a thousand disks. */
char *file_read (const char *path);
char *file_read_large (const char *path);

/* Reads what fits of a file of the kernel's, which has no size, such as those
 * in /proc, and ends it with a NUL; returns the length, or -1 if it cannot be
 * read. */
ssize_t file_read_kernel (const char *path, char *text, size_t size);

/* Copies a file, and flushes the copy to disk; only its owner may read it. */
int file_copy (const char *from, const char *to, struct error *err);

/* Adds the names in a directory, except hidden ones, and sorts all.  Returns 0,
 * or -errno if it cannot be read. */
int file_names (struct arena *a, const char *dir, struct vec *names);

/* Returns whether there is a file of that name, or a link. */
bool file_is_there (const char *path);

/* Raises the limit of open files as far as we may: each lock is one. */
void file_allow_many (void);

/* Removes the files in a directory, 'last' (or null) after all others.  Returns
 * false if there is no such directory. */
bool file_remove_all (const char *dir, const char *last);

/* Creates a directory and its parents; the last component gets 'mode'. */
int file_make_dirs (const char *path, unsigned mode, struct error *err);

/* Renames 'path' to 'old', which is replaced.  To delete a file takes a file
 * system hundreds of microseconds, and longer the larger it is: that is put off
 * until file_settle(), or until we exit. */
void file_set_aside (const char *path, const char *old);
void file_settle (void);

/* Is 'fd' still what 'path' names?  Somebody may have removed a lock file
 * between our open and our lock. */
bool file_is_at (int fd, const char *path);

#endif /* CORE_FILE_H */
