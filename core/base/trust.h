/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What root obeys, or writes to, is root's: it belongs to root, nobody else may
 * write it, and no link of somebody else leads to it.  The one place that
 * looks. For other users all of this is true: they act with no rights but their
 * own. */
#ifndef CORE_TRUST_H
#define CORE_TRUST_H

#include <sys/stat.h>

#include "core/base/error.h"

/* A file or directory, and all directories and links on the way to it.  What is
 * not there is trusted, if what is there of the way is. */
int trust_path (const char *path, struct error *err);

/* A file that has been opened, or looked at. */
int trust_stat (const struct stat *st, const char *path, struct error *err);

/* All regular files in a directory of ours, and no links. */
int trust_files (const char *dir, struct error *err);

#endif /* CORE_TRUST_H */
