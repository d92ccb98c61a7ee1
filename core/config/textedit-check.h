/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Whether the changed text of a definition means what was intended. */
#ifndef CORE_TEXTEDIT_CHECK_H
#define CORE_TEXTEDIT_CHECK_H

#include <stdbool.h>

#include "core/base/arena.h"

/* Return whether 'after', read again, has what 'before' has, and ...
 * set: ... the one setting of the text 'one', which replaces another;
 * appended: ... those of 'more'; or it cannot be read: then whoever loads it
 *     says why;
 * removed: ... no setting 'key' of the section 'kind' 'name', or, with a null
 *     'key', no such section.
 * Also true if 'before' cannot be read: then nor can 'after'. */
bool textedit_check_set (struct arena *a, const char *before, const char *one,
                         const char *after);
bool textedit_check_appended (struct arena *a, const char *before,
                              const char *more, const char *after);
bool textedit_check_removed (struct arena *a, const char *before,
                             const char *kind, const char *name,
                             const char *key, const char *after);

#endif /* CORE_TEXTEDIT_CHECK_H */
