/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Snapshots and clones of single volumes. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/volume.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/unfinished.h"

/* The hypervisor of a running VM has to take part. */
static int
one_snapshot (struct cli *c, struct volume_arg *v)
{
    if (volume_arg (c, 0, v) < 0 || volume_needs_snapshot (c, v) < 0
        || volume_lock (c, v) < 0) {
        return -c->err.code;
    }
    if (volume_check_idle (c, v) < 0) {
        return c->err.exit_code == EXIT_RUNNING
                   ? fail_exit (
                       &c->err, EXIT_RUNNING, EBUSY,
                       "%s (for running VMs use 'hvctl snapshot create')",
                       c->err.text)
                   : volume_near (c, v, -c->err.code);
    }
    return 0;
}

int
cmd_volume_snapshot (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (one_snapshot (c, &v) < 0
        || volume_begin (c, &v, "volume-snapshot") < 0) {
        return report (c);
    }
    rc = storage_snapshot (v.plugin, &v.vol, v.snapshot, &c->err);
    return volume_end (c, &v, volume_near (c, &v, rc), volume_made);
}

int
cmd_volume_revert (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (one_snapshot (c, &v) < 0 || volume_begin (c, &v, "volume-revert") < 0) {
        return report (c);
    }
    rc = storage_revert (v.plugin, &v.vol, v.snapshot, &c->err);
    return volume_end (c, &v, volume_near (c, &v, rc), volume_reverted);
}

int
cmd_volume_snapshots (struct cli *c)
{
    struct hv_list list = { 0 };
    struct volume_arg v;

    if (volume_arg (c, 0, &v) < 0 || volume_needs_none (c, &v) < 0
        || volume_near (c, &v,
                        storage_snapshots (v.plugin, &v.vol, &list, &c->err))
               < 0) {
        return report (c);
    }
    return print_snapshots (c, &list);
}

/* An existing volume was not created by us, and is not rolled back. */
static int
begin_clone (struct cli *c, const struct volume_arg *v,
             const struct volume_arg *from)
{
    struct json_object *o;
    bool found;

    if (volume_lock (c, v) < 0
        || changing_lock_volume (&c->h, &from->vol, false, &c->err) < 0
        || (!from->snapshot
            && descriptors_check_hidden (&c->h, v->plugin, &from->vol, &c->err)
                   < 0)
        || storage_find (v->plugin, &v->vol, &found, &c->err) < 0 || found) {
        return -c->err.code;
    }
    o = unfinished_new_volume ("volume-clone", v->plugin, &v->vol,
                               from->snapshot);
    json_put_text (o, "from", from->vol.name);
    return unfinished_entry (&c->h, unfinished_volume_key (&c->h, &v->vol), o,
                             &c->err);
}

int
cmd_volume_clone (struct cli *c)
{
    struct volume_arg from, v;
    int rc;

    if (volume_arg (c, 0, &from) < 0) {
        return report (c);
    }
    /* A clone must be in the pool of its origin. */
    if (!strchr (c->args.p[1], '/')) {
        c->args.p[1] = arena_format (&c->h.arena, "%s/%s", from.vol.pool,
                                     (const char *)c->args.p[1]);
    }
    if (volume_arg (c, 1, &v) < 0 || volume_needs_none (c, &v) < 0) {
        return report (c);
    }
    if (strcmp (v.vol.pool, from.vol.pool) != 0) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "a clone must be in the pool of its volume, %s: use volume "
                   "send and volume receive",
                   from.vol.pool);
        return report (c);
    }
    if (begin_clone (c, &v, &from) < 0) {
        return report (c);
    }
    rc = storage_clone (v.plugin, &v.vol, &from.vol, from.snapshot, &c->err);
    return volume_end (c, &v, volume_near (c, &from, rc), volume_made);
}

int
cmd_volume_promote (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (volume_arg (c, 0, &v) < 0 || volume_needs_none (c, &v) < 0
        || volume_lock (c, &v) < 0
        || volume_near (
               c, &v,
               descriptors_check_hidden (&c->h, v.plugin, &v.vol, &c->err))
               < 0
        || volume_begin (c, &v, "volume-promote") < 0) {
        return report (c);
    }
    rc = storage_promote (v.plugin, &v.vol, &c->err);
    return volume_end (c, &v, volume_near (c, &v, rc), "independent");
}
