/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The entry of a removal in its journal: the definitions and the volumes as
 * they were.  What has been restored or created since, is not removed. */
#ifndef CORE_REMOVE_ENTRY_H
#define CORE_REMOVE_ENTRY_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/context.h"
#include "core/machine/remove-look.h"

/* Returns a new entry, with what goes, as it is now. */
struct json_object *remove_entry (struct hvctl *h, const struct removal *r);

/* Return a flag of an object; the i-th object of a list of it, or null. */
bool remove_entry_flag (struct json_object *o, const char *key);
struct json_object *remove_entry_item (struct json_object *o, const char *key,
                                       size_t i);

/* Returns a definition that is not the one that was to be removed, or null. */
const char *remove_entry_other (struct hvctl *h, struct json_object *entry);

/* Returns why a volume is another one than was to be removed, or null. */
const char *remove_entry_spares (struct hvctl *h, struct json_object *entry,
                                 const struct doomed *d);

#endif /* CORE_REMOVE_ENTRY_H */
