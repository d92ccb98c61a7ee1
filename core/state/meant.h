/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The objects of a change, recorded in its entry (unfinished.h) when it
 * begins.  Between an interruption and the recovery, people restore, rewrite
 * and rename files; objects that have changed by then are neither replaced nor
 * removed.  Objects that could not be recorded are not protected. */
#ifndef CORE_MEANT_H
#define CORE_MEANT_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/provider/loaded.h"

/* Records the identity of the file 'path'. */
void meant_file (struct json_object *entry, const char *path);

/* Records the identity of the volume's top layer, asking the plugin if
 * needed. */
void meant_volume (struct json_object *entry, struct plugin *p,
                   const struct hv_volume *vol);

/* Returns the path of an existing file that is not the recorded one, or, with
 * 'written', was written to since; otherwise null. */
const char *meant_other (struct hvctl *h, struct json_object *entry,
                         bool written);

/* Returns a digest that identifies a text; null: there is no file. */
const char *meant_text (struct hvctl *h, const char *text);

/* Returns whether the file now has another text than that, or whether it was
 * created or removed since. */
bool meant_other_text (struct hvctl *h, const char *path, const char *was);

#endif /* CORE_MEANT_H */
