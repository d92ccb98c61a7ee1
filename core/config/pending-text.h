/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Values of a definition that its VM has no longer under another name, such as
 * those with ${index}. */
#ifndef CORE_PENDING_TEXT_H
#define CORE_PENDING_TEXT_H

#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition.h"

/* Returns 'text', the definition 'was', with each value written out, as 'was'
 * has it, whose variables have none in 'now': the same text, read under another
 * name, which failed.  Adds each one to 'kept', "nic lan: mac = …".  Returns
 * 'text' itself if there are none. */
const char *pending_text (struct arena *a, const char *text,
                          const struct definition *was,
                          const struct definition *now, struct vec *kept);

/* Returns a setting as 'kept' has it: "nic lan: mac = …", "cloud_init: user =
 * …", "uuid = …" if 'kind' is null. */
const char *pending_kept (struct arena *a, const char *kind, const char *name,
                          const char *key, const char *value);

#endif /* CORE_PENDING_TEXT_H */
