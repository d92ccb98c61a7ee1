/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Functions that not every C library has, in this place only: for musl, and for
 * a glibc older than 2.32.  configure checks for each. */
#ifndef COMMON_COMPAT_H
#define COMMON_COMPAT_H

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns the name of an error, such as "ENOENT", or null. */
const char *errno_name (int code);

#if !HAVE_DECL_FALLOC_FL_ZERO_RANGE
#define FALLOC_FL_ZERO_RANGE 0x10
#endif

#if !HAVE_DECL_RENAMEAT2
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif
static inline int
renameat2 (int from_dir, const char *from, int to_dir, const char *to,
           unsigned flags)
{
    return (int)syscall (SYS_renameat2, from_dir, from, to_dir, to, flags);
}
#endif

#if !HAVE_DECL_STATX
#include <linux/stat.h>
static inline int
statx (int dir, const char *path, int flags, unsigned mask, struct statx *st)
{
    return (int)syscall (SYS_statx, dir, path, flags, mask, st);
}
#endif

#endif /* COMMON_COMPAT_H */
