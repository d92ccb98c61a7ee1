/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Interrupted changes to volumes. */
#include <errno.h>
#include <string.h>

#include "core/recover.h"
#include "core/unfinished.h"

/* One of a VM that there is not, or of a disk that it did not get. */
int
recover_new_volume (struct recovery *r, struct json_object *e,
                    struct error *err)
{
    struct hv_volume vol;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);

    if (!p) {
        return -err->code;
    }
    return r->finished && !r->refused ? 0 : storage_destroy (p, &vol, err);
}

static bool
is_whole (struct plugin *p, const struct hv_volume *vol)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error err = { 0 };

    return storage_chain (p, vol, &chain, &info, &err) == 0;
}

/* What is whole stays: there may be something in it by now. */
int
recover_volume_create (struct recovery *r, struct json_object *e,
                       struct error *err)
{
    struct hv_volume vol;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);

    if (!p) {
        return -err->code;
    }
    r->finished = !r->own && is_whole (p, &vol);
    return r->finished ? 0 : storage_destroy (p, &vol, err);
}

/* What is done already is no error. */
static int
forgive (int rc, int code, struct error *err)
{
    if (rc < 0 && err->code == code) {
        *err = (struct error){ 0 };
        return 0;
    }
    return rc;
}

/* To do it again also finds what the storage keeps between the two, and a clone
 * that was whole, and only not to be seen yet. */
int
recover_volume_clone (struct recovery *r, struct json_object *e,
                      struct error *err)
{
    struct hv_volume vol, from;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);
    struct error ignored = { 0 };

    if (!p) {
        return -err->code;
    }
    if (r->own) {
        return storage_destroy (p, &vol, err);
    }
    if (is_whole (p, &vol)) {
        return 0;
    }
    from = vol;
    from.name = recover_text (r, e, "from");
    if (!from.name
        || forgive (storage_clone (p, &vol, &from,
                                   recover_text (r, e, "snapshot"), err),
                    EEXIST, err)
               < 0) {
        storage_destroy (p, &vol, &ignored);
    }
    return -err->code;
}

int
recover_volume_redo (struct recovery *r, struct json_object *e,
                     struct error *err)
{
    const char *op = recover_text (r, e, "op") + strlen ("volume-");
    const char *snapshot = recover_text (r, e, "snapshot");
    struct hv_volume vol;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);

    if (!p || r->own) {
        return -err->code;
    }
    if (!strcmp (op, "resize")) {
        return storage_resize (p, &vol, err);
    }
    if (!strcmp (op, "destroy")) {
        return storage_destroy (p, &vol, err);
    }
    if (!strcmp (op, "promote")) {
        return storage_promote (p, &vol, err);
    }
    if (!snapshot) {
        return fail (err, EINVAL, "the journal of the change is damaged");
    }
    if (!strcmp (op, "snapshot")) {
        return forgive (storage_snapshot (p, &vol, snapshot, err), EEXIST, err);
    }
    return !strcmp (op, "revert")
               ? storage_revert (p, &vol, snapshot, err)
               : forgive (storage_forget (p, &vol, snapshot, err), ENOENT, err);
}
