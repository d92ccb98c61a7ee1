/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What an import has made of another tool's files, for people and as JSON. */
#ifndef CLI_IMPORT_TELL_H
#define CLI_IMPORT_TELL_H

#include <json-c/json_types.h>

#include "cli/cli.h"
#include "core/machine/define-all.h"
#include "import/draft.h"

/* Prints what is lost, and what has changed, with its place. */
void import_tell_notes (const struct import *im, struct json_object *result);

/* Prints which files are written, or would be. */
void import_tell_files (struct cli *c, const struct define_file *files,
                        size_t n, struct json_object *result);

#endif /* CLI_IMPORT_TELL_H */
