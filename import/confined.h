/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reads a file from elsewhere by the confined program hvctl-import. */
#ifndef IMPORT_CONFINED_H
#define IMPORT_CONFINED_H

#include "core/base/context.h"
#include "import/tree.h"

/* Returns the tree of a tool's file, or null. */
struct tree *confined_read (struct hvctl *h, const char *tool, const char *path,
                            struct error *err);

#endif /* IMPORT_CONFINED_H */
