/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/recover-volume.h"

#include <errno.h>
#include <string.h>

#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/descriptors.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/meant.h"
#include "core/state/unfinished.h"

static bool
is_whole (struct plugin *p, const struct hv_volume *vol)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error err = { 0 };

    return storage_chain (p, vol, &chain, &info, &err) == 0;
}

/* The entry of the volume, if it was created, or null. */
static struct json_object *
find_made (const struct recovery *r, const struct hv_volume *vol)
{
    for (size_t i = 0; i < r->entries.n; i++) {
        struct json_object *e = r->entries.p[i];
        const char *op = recovery_text (r, e, "op");
        const char *pool = recovery_text (r, e, "pool");
        const char *name = recovery_text (r, e, "name");

        if (op && pool && name && !strcmp (op, "made")
            && !strcmp (pool, vol->pool) && !strcmp (name, vol->name)) {
            return e;
        }
    }
    return NULL;
}

/* Returns why the volume is in use by now; null if it is not.  A guest may have
 * written it, if it was attached.  A definition that was not to be changed has
 * named it before. */
static const char *
why_it_stays (struct recovery *r, struct plugin *p, const struct hv_volume *vol)
{
    bool plugged = recovery_find (r, "plug-disk") != NULL;
    struct json_object *made = find_made (r, vol);
    const struct disk_def *disk = NULL;
    struct error err = { 0 };
    struct definition *def;

    if (made && meant_other (r->h, made, !plugged)) {
        return plugged ? "has been replaced since"
                       : "has been replaced or written to since";
    }
    if ((made || is_whole (p, vol))
        && definition_of_volume (r->h, vol,
                                 recovery_find (r, "define") ? NULL : r->key,
                                 &def, &disk, &err)
               < 0) {
        return arena_format (&r->h->arena, "may be needed: %s", err.text);
    }
    if (disk) {
        return arena_format (&r->h->arena, "is now a disk of %s", def->name);
    }
    return !r->own && descriptors_check_idle (r->h, p, vol, &err) < 0
                   && err.exit_code == EXIT_RUNNING
               ? "is in use"
               : NULL;
}

/* A volume of a VM that was not created, or of a disk that it did not get. */
int
recover_new_volume (struct recovery *r, struct json_object *e,
                    struct error *err)
{
    struct hv_volume vol;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);
    const char *why;

    if (!p) {
        return -err->code;
    }
    if (r->finished && !r->refused) {
        return 0;
    }
    why = why_it_stays (r, p, &vol);
    if (why) {
        hvctl_warn (
            "%s: the volume %s/%s, which was created for it, is kept: it %s",
            recovery_shown (r->h, r->key), vol.pool, vol.name, why);
        return 0;
    }
    return storage_destroy (p, &vol, err);
}

/* A complete volume is kept, since it may contain data by now. */
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

/* Work that is already done is not an error. */
static int
forgive (int rc, int code, struct error *err)
{
    if (rc < 0 && err->code == code) {
        *err = (struct error){ 0 };
        return 0;
    }
    return rc;
}

/* Repeating the operation also finds temporary objects of the storage, and a
 * clone that was complete, but not yet visible. */
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
    from.name = recovery_text (r, e, "from");
    if (!from.name
        || forgive (storage_clone (p, &vol, &from,
                                   recovery_text (r, e, "snapshot"), err),
                    EEXIST, err)
               < 0) {
        storage_destroy (p, &vol, &ignored);
    }
    return -err->code;
}

/* Does the operation destroy the volume's current content? */
static bool
is_lost (const char *op)
{
    return !strcmp (op, "destroy") || !strcmp (op, "revert");
}

/* zfs-fuse may still be executing a rollback whose command was killed, and
 * answers another with "dataset exists": that passes. */
static int
still_busy (int rc, struct error *err)
{
    if (rc < 0 && err->code == EEXIST) {
        err->code = EBUSY;
    }
    return rc < 0 ? -err->code : 0;
}

/* The file may also differ because the change has been made already: then
 * nothing is left to do.  But nothing takes the place of a deleted file, a file
 * that grows stays the same, and a reverted one is a new file: the same one was
 * written by somebody else. */
static int
tell_of_other (const struct recovery *r, struct json_object *e, const char *op,
               const char *path, struct error *err)
{
    bool replaced = meant_other (r->h, e, false) != NULL;

    return !r->own
                   && (!strcmp (op, "destroy") || !strcmp (op, "resize")
                       || (!strcmp (op, "revert") && !replaced))
               ? fail (err, EEXIST, "%s has been %s since, and is left alone",
                       path, replaced ? "replaced" : "written to")
               : 0;
}

int
recover_volume_redo (struct recovery *r, struct json_object *e,
                     struct error *err)
{
    const char *op = recovery_text (r, e, "op") + strlen ("volume-");
    const char *snapshot = recovery_text (r, e, "snapshot");
    struct hv_volume vol;
    struct plugin *p = unfinished_get_volume (r->h, e, &vol, err);
    const char *other;

    if (!p || r->own) {
        return -err->code;
    }
    other = meant_other (r->h, e, is_lost (op));
    if (other) {
        return tell_of_other (r, e, op, other, err);
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
               ? still_busy (storage_revert (p, &vol, snapshot, err), err)
               : forgive (storage_forget (p, &vol, snapshot, err), ENOENT, err);
}

const struct recovery_step recover_volume_steps[] = {
    { "volume-create", "volume create", recover_volume_create, false, 0,
      false },
    { "volume-clone", "volume clone", recover_volume_clone, true, 0, false },
    { "volume-resize", "volume resize", recover_volume_redo, true, 0, false },
    { "volume-destroy", "volume rm", recover_volume_redo, true, 0, false },
    { "volume-snapshot", "volume snapshot", recover_volume_redo, true, 0,
      false },
    { "volume-revert", "volume revert", recover_volume_redo, true, 0, false },
    { "volume-forget", "volume rm", recover_volume_redo, true, 0, false },
    { "volume-promote", "volume promote", recover_volume_redo, true, 0, false },
    { NULL, NULL, NULL, false, 0, false },
};

/* In the journal of a volume is nothing else. */
int
recover_volume_now (struct hvctl *h, const char *key, struct error *err)
{
    static const struct recovery_step *const steps[] = { recover_volume_steps,
                                                         NULL };

    return recovery_now (h, steps, key, err);
}
