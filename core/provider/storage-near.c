/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/storage-near.h"

#include <errno.h>

#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"

static void
add (struct plugin *p, const struct hv_list *list, const char *name,
     struct error *err)
{
    struct arena *a = &p->h->arena;
    struct vec names = { 0 };

    for (size_t i = 0; i < list->entries.n; i++) {
        const struct list_entry *e = list->entries.p[i];

        vec_add (a, &names, e->name);
    }
    if (names.n && !vec_has (&names, name)) {
        fail_exit (err, err->exit_code, err->code, "%s%s", err->text,
                   name_suggest (a, name, (const char *const *)names.p));
    }
}

void
storage_near (struct plugin *p, const struct hv_volume *vol,
              const char *snapshot, struct error *err)
{
    struct error ignored = { 0 };
    struct hv_list list = { 0 };
    bool found;

    if (err->code != ENOENT || !vol->options
        || storage_find (p, vol, &found, &ignored) < 0) {
        return;
    }
    if (!found && storage_list (p, vol->options, &list, &ignored) == 0) {
        add (p, &list, vol->name, err);
    } else if (found && snapshot
               && storage_snapshots (p, vol, &list, &ignored) == 0) {
        add (p, &list, snapshot, err);
    }
}
