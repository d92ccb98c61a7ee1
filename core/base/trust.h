/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Root reads and writes only files that root controls: owned by root, not
 * writable by anybody else, and not reached through somebody else's symbolic
 * link.  This is the only place that checks it.  For other users all files are
 * trusted: they act with no rights but their own. */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include <sys/stat.h>

#include "core/base/error.h"

/* Checks a file or directory, and all directories and links on the way to it. A
 * missing one is trusted, if the existing part of the way is. */
int trust_path (const char *path, struct error *err);

/* Checks a file that has been stat'ed. */
int trust_stat (const struct stat *st, const char *path, struct error *err);

/* Checks that a directory of ours contains only regular files, no links. */
int trust_files (const char *dir, struct error *err);

#endif /* CORE_TRUST_H */
