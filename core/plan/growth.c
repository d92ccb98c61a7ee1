/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/growth.h"

#include <errno.h>

#include "common/size.h"
#include "core/config/settings.h"
#include "core/provider/storage.h"

int
growth_check (const struct plan_disk *d, uint64_t size, struct error *err)
{
    struct hv_volume vol = d->volume;
    char text[32];

    if (d->def->image && d->def->readonly) {
        return fail (err, EROFS,
                     "disk %s is read-only: its owner must resize the image",
                     d->def->name);
    }
    if (size < d->info.size) {
        return fail (err, EINVAL,
                     "disk %s has a size of %s and can only grow: data beyond "
                     "the new end would be lost",
                     d->def->name,
                     format_size (d->info.size, text, sizeof text));
    }
    vol.size = size;
    vol.backing = vol.backing_format = NULL;
    return size != d->info.size
                   && (storage_can_resize (d->plugin, err) < 0
                       || (vol.pool
                           && storage_check (d->plugin, &vol, err) < 0))
               ? -err->code
               : 0;
}

int
growth_check_definition (struct hvctl *h, const struct plan_disk *d,
                         struct error *err)
{
    const struct disk_def *def = d->def;

    return !def->image && def->size > d->info.size
                   && growth_check (d, def->size, err) < 0
               ? fail_prefix (err, "%s: disk %s",
                              settings_where (&h->arena, def->section, "size"),
                              def->name)
               : 0;
}
