/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which keys take a list, {a, b}. */
#ifndef CORE_SCAN_LIST_H
#define CORE_SCAN_LIST_H

#include "core/base/arena.h"
#include "core/config/config.h"

/* Returns whether the key of a section 'kind', or, if that is null, outside of
 * all sections, is a list. */
bool scan_list_has (const struct section_kind *kinds, const char *kind,
                    const char *key);

/* Returns why 'key' cannot be a list where it is, or null if it can.  'in' is
 * the kind of section that it is in, or null; 'inner', those that may begin
 * there; 'all', those of the file. */
const char *scan_list_wrong (struct arena *a, const struct section_kind *all,
                             const struct section_kind *inner,
                             const struct section_kind *in, const char *key);

#endif /* CORE_SCAN_LIST_H */
