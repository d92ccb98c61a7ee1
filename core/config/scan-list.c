/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/scan-list.h"

#include <string.h>

#include "common/cleanup.h"

static bool
has_list (const struct section_kind *k, const char *key)
{
    for (size_t i = 0; k && i < ARRAY_SIZE (k->lists) && k->lists[i]; i++) {
        if (!strcmp (k->lists[i], key)) {
            return true;
        }
    }
    return false;
}

/* The kind of section, of these and those in them, that has the list. */
static const struct section_kind *
find_list (const struct section_kind *kinds, const char *key, bool inner)
{
    const struct section_kind *found = NULL;

    for (; kinds && kinds->kind && !found; kinds++) {
        found = has_list (kinds, key) ? kinds
                : inner               ? find_list (kinds->inner, key, true)
                                      : NULL;
        found = found && !*found->kind && *kinds->kind ? kinds : found;
    }
    return found;
}

bool
scan_list_has (const struct section_kind *kinds, const char *kind,
               const char *key)
{
    for (; kinds->kind; kinds++) {
        if (!strcmp (kinds->kind, kind ? kind : "") && has_list (kinds, key)) {
            return true;
        }
    }
    return false;
}

const char *
scan_list_wrong (struct arena *a, const struct section_kind *all,
                 const struct section_kind *inner,
                 const struct section_kind *in, const char *key)
{
    const struct section_kind *k = find_list (inner, key, false);

    if (has_list (in, key) || (k && !*k->kind)) {
        return NULL;
    }
    k = find_list (all, key, true);
    return k && *k->kind
               ? arena_format (a,
                               "'%s' does not belong here: it is a key of a "
                               "section '%s'",
                               key, k->kind)
               : arena_format (a,
                               "'%s' is not a list, so it takes one value, "
                               "without '{' and '}'",
                               key);
}
