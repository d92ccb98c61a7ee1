/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/unmade.h"

#include <errno.h>

#include "core/config/settings.h"
#include "core/plan/resolve.h"
#include "core/provider/storage.h"
#include "core/state/images.h"

int
unmade_check (struct hvctl *h, const struct disk_def *d, struct error *err)
{
    struct image_record image;
    struct hv_volume vol;
    struct plugin *p;

    if (resolve_volume (h, d, &vol, err) < 0) {
        return -err->code;
    }
    if (d->base && images_load (h, d->base, &image, err) < 0) {
        return -err->code;
    }
    if (d->base && !vol.size) {
        vol.size = (uint64_t)image.size;
    }
    p = resolve_storage (h, &vol, NULL, err);
    return p && storage_check (p, &vol, err) == 0 ? 0 : -err->code;
}

int
unmade_disks (struct hvctl *h, const struct definition *def, struct vec *out,
              struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct hv_volume vol;
        struct plugin *p;
        bool found;

        if (d->image) {
            continue;
        }
        if (resolve_volume (h, d, &vol, err) < 0) {
            return -err->code;
        }
        p = resolve_storage (h, &vol, NULL, err);
        if (!p) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (storage_find (p, &vol, &found, err) < 0) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (found) {
            continue;
        }
        if (!d->size && !d->backing && !d->base) {
            return fail_exit (err, EXIT_CONFIG, EINVAL,
                              "%s: disk %s has neither 'size' nor "
                              "'backing': set one of them",
                              settings_where (&h->arena, d->section, NULL),
                              d->name);
        }
        vec_add (&h->arena, out, d);
    }
    return 0;
}
