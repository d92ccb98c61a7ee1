/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-base.h"

#include <errno.h>

#include "common/size.h"
#include "core/config/settings.h"
#include "core/machine/changing.h"
#include "core/state/images.h"

static int
find (struct hvctl *h, const struct disk_def *d, struct hv_volume *vol,
      struct image_record *image, int *lock, struct error *err)
{
    char has[32], wanted[32];

    /* One that does not exist is not waited for. */
    if (images_load (h, d->base, image, err) < 0
        || changing_lock (h, images_key (h, d->base), false, lock, err) < 0
        || images_load (h, d->base, image, err) < 0) {
        return -err->code;
    }
    vol->size = vol->size ? vol->size : (uint64_t)image->size;
    return vol->size < (uint64_t)image->size ? fail_exit (
               err, EXIT_CONFIG, EINVAL,
               "image %s has a size of %s, which does not fit into %s", d->base,
               format_size ((uint64_t)image->size, has, sizeof has),
               format_size (vol->size, wanted, sizeof wanted))
                                             : 0;
}

int
image_base_find (struct hvctl *h, const struct disk_def *d,
                 struct hv_volume *vol, const char **path, int *lock,
                 struct error *err)
{
    struct image_record image;

    if (find (h, d, vol, &image, lock, err) < 0) {
        return fail_prefix (err, "%s",
                            settings_where (&h->arena, d->section, "image"));
    }
    *path = image.path;
    return 0;
}
