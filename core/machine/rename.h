/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Renaming a stopped VM: its definition, and everything that is kept under its
 * name.  For the guest it stays the same machine, with the same disks. */
#ifndef CORE_RENAME_H
#define CORE_RENAME_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Renames 'vm' to 'to'.  The caller has the locks of both.  Adds the settings
 * that had to be written into the definition to 'kept', char *.  Once it has
 * '*begun', a failure must be rolled back. */
int rename_vm (struct hvctl *h, const char *vm, const char *to,
               struct vec *kept, bool *begun, struct error *err);

/* After an interruption; 'entry' is the one in the journal.  Return whether the
 * new definition is in place ('changed': it may have been changed since); a
 * definition that somebody has created or changed before it was, or null;
 * complete the renaming, or roll it back. */
bool rename_is_made (struct hvctl *h, struct json_object *entry, bool changed);
const char *rename_other (struct hvctl *h, struct json_object *entry);
int rename_again (struct hvctl *h, const char *vm, struct json_object *entry,
                  struct error *err);
int rename_take_back (struct hvctl *h, const char *vm,
                      struct json_object *entry, struct error *err);

#endif /* CORE_RENAME_H */
