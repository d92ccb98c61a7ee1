/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The volumes in the pools, their snapshots and clones. */
#include "cli/volume.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/loss.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/machine/recover.h"
#include "core/machine/saved-check.h"
#include "core/plan/resolve.h"
#include "core/provider/services.h"
#include "core/provider/storage-near.h"
#include "core/provider/storage.h"
#include "core/state/meant.h"
#include "core/state/unfinished.h"

int
volume_arg (struct cli *c, size_t i, struct volume_arg *v)
{
    const char *spec = c->args.p[i], *slash = strchr (spec, '/');
    const char *name = slash ? slash + 1 : spec, *at = strchr (name, '@');
    struct hv_volume *vol = &v->vol;

    memset (v, 0, sizeof *v);
    vol->pool = slash ? arena_dup_n (&c->h.arena, spec, (size_t)(slash - spec))
                      : "default";
    vol->name =
        at ? arena_dup_n (&c->h.arena, name, (size_t)(at - name)) : name;
    v->snapshot = at ? at + 1 : NULL;
    if (name_validate ("volume", vol->name, &c->err) < 0
        || (at && name_validate ("snapshot", v->snapshot, &c->err) < 0)) {
        return -c->err.code;
    }
    vol->options = host_pool (&c->h, vol->pool);
    if (!vol->options) {
        return host_no_such (&c->h, &c->h.host->pools, "pool", vol->pool,
                             &c->err);
    }
    v->plugin = resolve_storage (&c->h, vol, NULL, &c->err);
    return v->plugin ? 0 : -c->err.code;
}

int
volume_needs_snapshot (struct cli *c, const struct volume_arg *v)
{
    return v->snapshot
               ? 0
               : fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "name a snapshot: %s/%s@SNAPSHOT (hvctl volume "
                            "snapshots %s/%s lists them)",
                            v->vol.pool, v->vol.name, v->vol.pool, v->vol.name);
}

int
volume_needs_none (struct cli *c, const struct volume_arg *v)
{
    return v->snapshot ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                                    "%s/%s@%s is a snapshot: name a volume",
                                    v->vol.pool, v->vol.name, v->snapshot)
                       : 0;
}

/* POOL/NAME [SIZE] */
static int
parse_volume (struct cli *c, struct volume_arg *v)
{
    if (volume_arg (c, 0, v) < 0 || volume_needs_none (c, v) < 0) {
        return -c->err.code;
    }
    return c->args.n > 1 && !parse_size (c->args.p[1], &v->vol.size)
               ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "%s is not a size such as 10G",
                            (const char *)c->args.p[1])
               : 0;
}

/* These are JSON's values of 'done'. */
const char volume_made[] = "made", volume_reverted[] = "reverted";

static int
say_done (struct cli *c, const struct volume_arg *v, const char *what)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "pool", v->vol.pool);
        json_put_text_or_null (o, "name", v->vol.name);
        if (v->snapshot) {
            json_put_text_or_null (o, "snapshot", v->snapshot);
        }
        json_put_text_or_null (o, "done", what);
        document_print (c, o);
    } else if (what == volume_reverted) {
        out ("volume %s/%s is reverted to snapshot %s\n", v->vol.pool,
             v->vol.name, v->snapshot);
    } else {
        out ("%s %s/%s%s%s is %s\n", v->snapshot ? "snapshot" : "volume",
             v->vol.pool, v->vol.name, v->snapshot ? "@" : "",
             v->snapshot ? v->snapshot : "",
             what == volume_made ? "created" : what);
    }
    return EXIT_OK;
}

int
volume_near (struct cli *c, const struct volume_arg *v, int rc)
{
    if (rc < 0 && v->plugin) {
        storage_near (v->plugin, &v->vol, v->snapshot, &c->err);
    }
    return rc;
}

int
volume_lock (struct cli *c, const struct volume_arg *v)
{
    return changing_lock_volume (&c->h, &v->vol, true, &c->err);
}

int
volume_begin (struct cli *c, const struct volume_arg *v, const char *op)
{
    const char *key = unfinished_volume_key (&c->h, &v->vol);
    struct json_object *o;

    if (saved_refuse_volume (&c->h, v->vol.pool, v->vol.name, &c->err) < 0) {
        return -c->err.code;
    }
    o = unfinished_new_volume (op, v->plugin, &v->vol, v->snapshot);
    meant_volume (o, v->plugin, &v->vol);
    return unfinished_entry (&c->h, key, o, &c->err);
}

/* Only a volume that did not exist before is ever rolled back. */
int
volume_begin_new (struct cli *c, const struct volume_arg *v)
{
    bool found;

    if (volume_lock (c, v) < 0
        || storage_find (v->plugin, &v->vol, &found, &c->err) < 0) {
        return -c->err.code;
    }
    return found
               ? saved_refuse_volume (&c->h, v->vol.pool, v->vol.name, &c->err)
               : volume_begin (c, v, "volume-create");
}

int
volume_end (struct cli *c, const struct volume_arg *v, int rc, const char *what)
{
    const char *key = unfinished_volume_key (&c->h, &v->vol);

    if (rc < 0 && unfinished_is (&c->h, key)) {
        recover_failed (&c->h, key);
    } else {
        unfinished_end (&c->h, key);
    }
    return rc < 0 ? report (c) : say_done (c, v, what);
}

/* The format of an image that the user names is probed, once. */
static int
read_backing (struct cli *c, struct hv_volume *vol)
{
    const char *path = option_value (c, "backing");

    vol->backing_format = option_value (c, "backing-format");
    if (!path) {
        return vol->backing_format
                   ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                                "--backing-format needs --backing FILE")
                   : 0;
    }
    vol->backing = absolute_path (c, path);
    return vol->backing_format
               ? check_backing (vol->backing, vol->backing_format, &c->err)
               : image_format (vol->backing, &vol->backing_format, &c->err);
}

int
cmd_volume_create (struct cli *c)
{
    struct volume_arg v;

    if (parse_volume (c, &v) < 0) {
        return report (c);
    }
    if (read_backing (c, &v.vol) < 0) {
        return report (c);
    }
    if (file_make_dirs (c->h.host->state_dir, 0755, &c->err) < 0
        || volume_begin_new (c, &v) < 0) {
        return report (c);
    }
    return volume_end (c, &v, storage_create (v.plugin, &v.vol, &c->err),
                       volume_made);
}

int
volume_check_idle (struct cli *c, const struct volume_arg *v)
{
    return descriptors_check_idle (&c->h, v->plugin, &v->vol, &c->err);
}

/* A VM may define the volume, with its former size. */
static void
tell_of_size (struct cli *c, const struct volume_arg *v)
{
    struct error ignored = { 0 };
    const struct disk_def *d;
    struct definition *def;

    if (definition_of_volume (&c->h, &v->vol, NULL, &def, &d, &ignored) == 0
        && d && d->size && d->size != v->vol.size) {
        hvctl_warn ("%s: disk %s of %s is still defined with size = %s: "
                    "change that with 'hvctl resize --disk %s=%s %s'",
                    settings_where (&c->h.arena, d->section, "size"), d->name,
                    def->name, settings_get (d->section, "size"), d->name,
                    (const char *)c->args.p[1], def->name);
    }
}

int
cmd_volume_resize (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (parse_volume (c, &v) < 0 || volume_lock (c, &v) < 0) {
        return report (c);
    }
    if (volume_check_idle (c, &v) < 0 && c->err.exit_code == EXIT_RUNNING) {
        fail_exit (&c->err, EXIT_RUNNING, EBUSY,
                   "%s (for running VMs use 'hvctl resize --disk')",
                   c->err.text);
        return report (c);
    }
    memset (&c->err, 0, sizeof c->err);
    if (volume_begin (c, &v, "volume-resize") < 0) {
        return report (c);
    }
    rc = storage_resize (v.plugin, &v.vol, &c->err);
    rc = volume_end (c, &v, volume_near (c, &v, rc), "resized");
    if (rc == EXIT_OK) {
        tell_of_size (c, &v);
    }
    return rc;
}

/* Deleting a volume that does not exist is a success for plugins, which use it
 * for rollbacks, but an error for a user.  A damaged volume can be deleted,
 * too. */
static int
check_there (struct cli *c, const struct volume_arg *v)
{
    struct error ignored = { 0 };
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    bool found = true;

    if (storage_find (v->plugin, &v->vol, &found, &ignored) < 0 || found) {
        return 0;
    }
    return volume_near (
        c, v, storage_chain (v->plugin, &v->vol, &chain, &info, &c->err));
}

/* A VM whose definition has the volume could not start any more. */
static int
check_unneeded (struct cli *c, const struct volume_arg *v)
{
    const struct disk_def *d;
    struct definition *def;
    const char *how;

    if (definition_of_volume (&c->h, &v->vol, NULL, &def, &d, &c->err) < 0
        || !d) {
        return -c->err.code;
    }
    /* What a template or the fleet states is not detached from one VM. */
    how =
        def->fleet
                && strcmp (d->section->file, definition_path (&c->h, def->name))
                       != 0
            ? arena_format (&c->h.arena, "lower 'count' (hvctl edit %s)",
                            def->fleet->name)
            : arena_format (&c->h.arena,
                            "detach it first (hvctl detach-disk %s %s)",
                            def->name, d->name);
    return fail (&c->err, EBUSY,
                 "volume %s/%s is disk %s of %s: %s, or remove the %s and its "
                 "disks (hvctl rm --disks %s)",
                 v->vol.pool, v->vol.name, d->name, def->name, how,
                 def->fleet ? "whole fleet" : "VM",
                 def->fleet ? def->fleet->name : def->name);
}

static int
check_rm (struct cli *c, const struct volume_arg *v)
{
    return check_there (c, v) < 0 || (!v->snapshot && check_unneeded (c, v) < 0)
               ? -c->err.code
               : 0;
}

static int
destroy (struct cli *c, const struct volume_arg *v)
{
    struct error again = { 0 };

    if (volume_check_idle (c, v) < 0 && c->err.exit_code == EXIT_RUNNING) {
        return fail_prefix (&c->err,
                            "volume %s/%s is in use: stop the VM first",
                            v->vol.pool, v->vol.name);
    }
    memset (&c->err, 0, sizeof c->err);
    if (storage_destroy (v->plugin, &v->vol, &c->err) < 0
        && storage_destroy (v->plugin, &v->vol, &again) == 0) {
        memset (&c->err, 0, sizeof c->err); /* It failed after it had taken
                                             * effect. */
    }
    return -c->err.code;
}

static int
check_meant (struct cli *c, const struct volume_arg *v)
{
    const char *what = v->snapshot ? "snapshot" : "volume";
    const char *name = c->args.p[0], *loss;

    if (has_option (c, "yes")) {
        return 0;
    }
    loss = v->snapshot ? "" : loss_of_volume (c, v->plugin, &v->vol);
    return confirm ("Delete %s %s%s?", what, name, loss)
               ? 0
               : fail_exit (&c->err, EXIT_USAGE, ECANCELED, "%s is kept%s: %s",
                            name, loss, why_unconfirmed ());
}

int
cmd_volume_rm (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (volume_arg (c, 0, &v) < 0 || check_rm (c, &v) < 0
        || check_meant (c, &v) < 0) {
        return report (c);
    }
    /* The user takes time to answer, so it is checked once more. */
    if (changing_lock_volume_to_remove (&c->h, &v.vol, &c->err) < 0
        || check_rm (c, &v) < 0
        || volume_begin (c, &v, v.snapshot ? "volume-forget" : "volume-destroy")
               < 0) {
        return report (c);
    }
    if (v.snapshot) {
        rc = volume_check_idle (c, &v);
        rc = rc < 0 ? rc
                    : storage_forget (v.plugin, &v.vol, v.snapshot, &c->err);
        rc = volume_near (c, &v, rc);
    } else {
        rc = destroy (c, &v);
    }
    return volume_end (c, &v, rc, "deleted");
}
