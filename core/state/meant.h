/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a change was meant for, noted in its entry (unfinished.h) when it
 * begins.  Between an interruption and the recovery people restore, rewrite and
 * rename files; what is somebody's by then is neither replaced nor removed.  Of
 * what could not be noted nothing is known, and nothing is spared. */
#ifndef CORE_MEANT_H
#define CORE_MEANT_H

#include <json-c/json_types.h>
#include <stdbool.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/provider/loaded.h"

/* Notes which file 'path' is. */
void meant_file (struct json_object *entry, const char *path);

/* Notes which file the volume's top layer is, which may be asked for. */
void meant_volume (struct json_object *entry, struct plugin *p,
                   const struct hv_volume *vol);

/* The path of what is there now and is another file than was noted, or, if that
 * counts, has been written since; else null. */
const char *meant_other (struct hvctl *h, struct json_object *entry,
                         bool written);

/* What tells a text from others; null: there is no file. */
const char *meant_text (struct hvctl *h, const char *text);

/* Has the file by now another text than that, or is it there or gone unlike
 * then? */
bool meant_other_text (struct hvctl *h, const char *path, const char *was);

#endif /* CORE_MEANT_H */
