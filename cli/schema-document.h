/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* JSON schemas (draft 2020-12) of the documents that commands print, from their
 * tables of members. */
#ifndef CLI_SCHEMA_DOCUMENT_H
#define CLI_SCHEMA_DOCUMENT_H

#include "cli/document.h"

/* Returns the schema of a document that is like 'schema', which it takes, has
 * the members that 'd' lists, if any, or is the failure of the command. */
struct json_object *schema_document_or_failure (struct json_object *schema,
                                                const struct document *d);

/* Returns the schema of a document that has a table; 'changes': its command may
 * have been completed by recovery. */
struct json_object *schema_document (const struct document *d, bool changes);

#endif /* CLI_SCHEMA_DOCUMENT_H */
