/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-image.h"

#include <errno.h>
#include <string.h>

#include "core/config/definition.h"
#include "core/config/settings.h"
#include "core/state/images.h"

/* Returns the path of the image that the disk is an overlay on, or null. */
static const char *
find_base (struct hvctl *h, const struct plan_disk *d)
{
    const char *dir = arena_format (&h->arena, "%s/", images_data_dir (h));
    const char *path = NULL;

    for (size_t i = 1; d->disk.layers[0] && d->disk.layers[i]; i++) {
        path = d->disk.layers[i]->path;
    }
    return path && !strncmp (path, dir, strlen (dir)) ? path : NULL;
}

/* Returns the name of the image with these contents, or null. */
static const char *
name_of (struct hvctl *h, const char *path)
{
    struct vec names = { 0 };

    images_names (h, &names);
    for (size_t i = 0; i < names.n; i++) {
        struct image_record image;
        struct error ignored = { 0 };

        if (images_load (h, names.p[i], &image, &ignored) == 0
            && !strcmp (image.path, path)) {
            return names.p[i];
        }
    }
    return NULL;
}

static int
check_disk (struct hvctl *h, const struct plan_disk *d, struct error *err)
{
    const char *is = d->def->base ? find_base (h, d) : NULL, *name;
    struct error ignored = { 0 };
    struct image_record wanted;

    /* An image without a name is still below the disk. */
    if (!is || images_load (h, d->def->base, &wanted, &ignored) < 0
        || !strcmp (is, wanted.path)) {
        return 0;
    }
    name = name_of (h, is);
    return fail_exit (
        err, EXIT_CONFIG, ESTALE,
        "%s: disk %s was made on %s%s, not on image %s: name that one, or "
        "create the disk anew, which loses its data",
        settings_where (&h->arena, d->def->section, "image"), d->def->name,
        name ? "image " : "", name ? name : is, d->def->base);
}

int
plan_image_check (struct hvctl *h, const struct plan *plan, struct error *err)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        if (check_disk (h, plan->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}
