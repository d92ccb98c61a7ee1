/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/image-remove.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/json.h"
#include "core/config/host.h"
#include "core/plan/resolve.h"
#include "core/provider/layers.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

/* A volume may have been promoted, or reverted, since the layers that it had
 * were recorded.  One that cannot be looked at is taken for a user. */
static bool
is_on_it (struct hvctl *h, const char *pool, const char *name, const char *path)
{
    struct hv_volume vol = { .pool = pool, .name = name };
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error err = { 0 };
    struct plugin *p;

    vol.options = host_pool (h, pool);
    p = vol.options ? resolve_storage (h, &vol, NULL, &err) : NULL;
    if (!p || storage_chain (p, &vol, &chain, &info, &err) < 0) {
        return err.code != ENOENT || !p;
    }
    for (size_t i = 0; i < chain.layers.n; i++) {
        if (!strcmp (((struct hv_layer *)chain.layers.p[i])->path, path)) {
            return true;
        }
    }
    return false;
}

void
image_remove_users (struct hvctl *h, const struct image_record *image,
                    struct vec *users)
{
    struct vec keys = { 0 };

    layers_users (h, image->path, &keys);
    for (size_t i = 0; i < keys.n; i++) {
        const char *key = keys.p[i], *at = strchr (key, '@');
        const char *pool =
            at ? arena_dup_n (&h->arena, key, (size_t)(at - key)) : NULL;

        /* VM@@DISK is an image outside of any pool, made by hand. */
        if (at && (at[1] == '@' || is_on_it (h, pool, at + 1, image->path))) {
            vec_add (&h->arena, users,
                     arena_format (&h->arena, "%s/%s", pool,
                                   at[1] == '@' ? at + 2 : at + 1));
        }
    }
}

static int
remove_now (struct hvctl *h, const char *name, const char *sha256,
            struct error *err)
{
    CLEANUP_CLOSE int lock = -1;

    return images_lock (h, &lock, err) < 0 || images_forget (h, name, err) < 0
                   || (sha256 && images_drop_data (h, sha256, err) < 0)
               ? -err->code
               : 0;
}

int
image_remove (struct hvctl *h, const char *name, struct error *err)
{
    struct json_object *o = json_object_new_object ();
    struct error ignored = { 0 };
    struct image_record image = { 0 };

    json_put_text (o, "op", IMAGE_RM);
    json_put_text (o, "name", name);
    if (images_load (h, name, &image, &ignored) == 0) {
        json_put_text (o, "sha256", image.sha256);
    } else {
        image.sha256 = NULL;
    }
    if (unfinished_entry (h, images_key (h, name), o, err) < 0
        || remove_now (h, name, image.sha256, err) < 0) {
        return -err->code;
    }
    unfinished_end (h, images_key (h, name));
    return 0;
}

/* It is completed. */
int
image_remove_recover (struct recovery *r, struct json_object *e,
                      struct error *err)
{
    const char *name = recovery_text (r, e, "name");
    const char *sha256 = recovery_text (r, e, "sha256");

    if (!name || (sha256 && strchr (sha256, '/'))) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    r->finished = true;
    return remove_now (r->h, name, sha256, err);
}
