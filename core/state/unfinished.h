/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Changes in progress, which the next hvctl may have to complete, or roll
 * back: to VMs, running or not, and to volumes.
 *
 * STATE/changes/KEY exists from before the first step of a change until after
 * its last.  KEY is a VM's name, POOL@VOLUME for a change to a volume alone, or
 * VM@@edit during an edit, VM@@import for several new VMs, IMAGE@@image for an
 * image.  It is a journal as in journal.h, one JSON object per line, written
 * before each step; recover.c knows how to recover each.  Writing or recovering
 * it requires state_lock_changes (KEY). */
#ifndef CORE_UNFINISHED_H
#define CORE_UNFINISHED_H

#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/provider/loaded.h"

/* The key of a change to the volume, and of an edit of the VM. */
const char *unfinished_volume_key (struct hvctl *h,
                                   const struct hv_volume *vol);
const char *unfinished_edit_key (struct hvctl *h, const char *vm);
bool unfinished_is_edit (const char *key);

/* Appends {"op": op, "name": name}; 'name' may be null. */
int unfinished_add (struct hvctl *h, const char *key, const char *op,
                    const char *name, struct error *err);

/* Appends any other entry, which is released. */
int unfinished_entry (struct hvctl *h, const char *key,
                      struct json_object *entry, struct error *err);

/* Appends an entry about the definition 'path', whose text is 'was' (null:
 * there is none), and which 'temporary' is to replace: until it does,
 * everything before can be rolled back; and it does only while that is its
 * text. */
int unfinished_definition (struct hvctl *h, const char *key,
                           const char *temporary, const char *path,
                           const char *was, struct error *err);

/* Returns an entry about a volume; to be added to, or appended. */
struct json_object *unfinished_new_volume (const char *op,
                                           const struct plugin *p,
                                           const struct hv_volume *vol,
                                           const char *snapshot);

/* Appends an entry about a volume, and its snapshot if not null. */
int unfinished_volume (struct hvctl *h, const char *key, const char *op,
                       const struct plugin *p, const struct hv_volume *vol,
                       const char *snapshot, struct error *err);

/* Stores the volume of such an entry; returns its plugin, or null and the
 * reason. */
struct plugin *unfinished_get_volume (struct hvctl *h,
                                      struct json_object *entry,
                                      struct hv_volume *vol, struct error *err);

/* Removes the record: the change is complete, or was rolled back. */
void unfinished_end (struct hvctl *h, const char *key);

/* Return whether there is a change; its entries, struct json_object *, which
 * the caller frees. */
bool unfinished_is (struct hvctl *h, const char *key);
int unfinished_read (struct hvctl *h, const char *key, struct vec *entries,
                     struct error *err);
void unfinished_free (struct vec *entries);

/* Adds the keys of all changes. */
void unfinished_keys (struct hvctl *h, struct vec *keys);

#endif /* CORE_UNFINISHED_H */
