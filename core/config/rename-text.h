/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The text of a definition whose VM gets another name. */
#ifndef CORE_RENAME_TEXT_H
#define CORE_RENAME_TEXT_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition.h"

/* Returns 'text', the definition 'was', with everything written out that the
 * guest or its disks would have lost with the old name: UUID, MAC addresses,
 * volumes, paths of images.  'now' is the same text, read under the new name.
 * Adds each setting to 'kept', "disk root: volume = web-root".  Returns 'text'
 * itself if nothing differs, null if it could not be changed (textedit_fail).
 */
const char *rename_text (struct arena *a, const char *text,
                         const struct definition *was,
                         const struct definition *now, struct vec *kept);

/* Returns the text with the old name replaced in the first line that hvctl
 * wrote: "# web, created by hvctl on 2026-01-02". */
const char *rename_heading (struct arena *a, const char *text, const char *was,
                            const char *now, const char *done);

#endif /* CORE_RENAME_TEXT_H */
