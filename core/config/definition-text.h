/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Texts of definitions that have been read to see whether they are of fleets,
 * kept until they are parsed: for a command that shows many VMs, and reads each
 * file once. */
#ifndef CORE_DEFINITION_TEXT_H
#define CORE_DEFINITION_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/context.h"

/* From now on they are kept; for a command that changes none of them, and does
 * not wait for anything meanwhile. */
void definition_text_keep (struct hvctl *h);
bool definition_text_is_kept (const struct hvctl *h);

/* Keeps the malloc'ed text of a definition, which had none; 'name' outlives it.
 * Frees it if there are too many. */
void definition_text_add (struct hvctl *h, const char *name, char *text,
                          size_t size);

/* Returns it to a caller who frees it, once; otherwise null. */
char *definition_text_take (struct hvctl *h, const char *name, size_t *size);

/* Frees those that are left. */
void definition_text_forget (struct hvctl *h);

#endif /* CORE_DEFINITION_TEXT_H */
