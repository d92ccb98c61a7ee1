/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/clone-origin.h"

#include <string.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/snapshot-set.h"

#define PREFIX "clone-"
#define ROOM 50 /* A snapshot's name is shorter than that of a VM may be. */
#define BEGIN 41

/* Of a name that is too long, the beginning and a hash. */
const char *
clone_origin_snapshot (struct arena *a, const char *clone)
{
    return strlen (clone) <= ROOM ? arena_format (a, PREFIX "%s", clone)
                                  : arena_format (a, PREFIX "%.*s-%.8s", BEGIN,
                                                  clone, name_uuid (a, clone));
}

/* The text after 'begin' up to one of 'ends', or null if it does not begin so;
 * moves '*text' there. */
static const char *
part (struct arena *a, const char **text, const char *begin, const char *ends)
{
    size_t len = strlen (begin), n;
    const char *from = *text + len;

    if (strncmp (*text, begin, len) != 0) {
        return NULL;
    }
    n = strcspn (from, ends);
    *text = from + n;
    return arena_dup_n (a, from, n);
}

/* "# NAME, cloned from VM by hvctl on DATE, by its snapshot NAME; ..." */
bool
clone_origin_read (struct hvctl *h, const char *clone, struct clone_origin *out)
{
    CLEANUP_FREE char *text = file_read (definition_path (h, clone));
    struct arena *a = &h->arena;
    struct error ignored = { 0 };
    const char *at = text;

    *out = (struct clone_origin){ 0 };
    if (!text
        || !(out->vm = part (
                 a, &at, arena_format (a, "# %s, cloned from ", clone), " \n"))
        || !part (a, &at, " by hvctl on ", ",;\n")
        || name_validate ("VM", out->vm, &ignored) < 0) {
        return false;
    }
    out->snapshot = part (a, &at, CLONE_ORIGIN_BY, ";\n");
    out->snapshot =
        out->snapshot ? out->snapshot : clone_origin_snapshot (a, clone);
    return true;
}

static bool
has_snapshot (struct hvctl *h, const char *vm, const char *snapshot)
{
    struct vec entries = { 0 }, failed = { 0 };
    struct error ignored = { 0 };
    struct definition *def;

    if (definition_load (h, vm, &def, &ignored) < 0) {
        return false;
    }
    snapshot_list (h, def, &entries, &failed, &failed);
    for (size_t i = 0; i < entries.n; i++) {
        if (!strcmp (((const struct snapshot_entry *)entries.p[i])->name,
                     snapshot)) {
            return true;
        }
    }
    return false;
}

/* A VM that was renamed since has it under another name: any that does, if it
 * is the only one. */
const char *
clone_origin_with (struct hvctl *h, const struct clone_origin *o)
{
    struct error ignored = { 0 };
    struct vec names = { 0 };
    const char *found = NULL;

    if (definition_exists (h, o->vm)) {
        return has_snapshot (h, o->vm, o->snapshot) ? o->vm : NULL;
    }
    definition_names (h, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        if (has_snapshot (h, names.p[i], o->snapshot)) {
            if (found) {
                return NULL;
            }
            found = names.p[i];
        }
    }
    return found;
}
