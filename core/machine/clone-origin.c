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

const char *
clone_origin_vm (struct hvctl *h, const char *clone)
{
    CLEANUP_FREE char *text = file_read (definition_path (h, clone));
    const char *begin = arena_format (&h->arena, "# %s, cloned from ", clone);
    size_t len = strlen (begin), n;
    struct error ignored = { 0 };
    const char *vm;

    if (!text || strncmp (text, begin, len) != 0) {
        return NULL;
    }
    n = strcspn (text + len, " \n");
    vm = arena_dup_n (&h->arena, text + len, n);
    return !strncmp (text + len + n, " by hvctl on ", 13)
                   && name_validate ("VM", vm, &ignored) == 0
               ? vm
               : NULL;
}

bool
clone_origin_has (struct hvctl *h, const char *vm, const char *snapshot)
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
