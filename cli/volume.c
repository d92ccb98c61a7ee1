/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What is in the pools: volumes, their snapshots and clones. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/volume.h"
#include "common/cleanup.h"
#include "common/size.h"
#include "core/acquire.h"

int
volume_args (struct cli *c, size_t least, size_t most)
{
    return c->args.n < least || c->args.n > most
               ? fail_exit (&c->err, EXIT_USAGE, EINVAL, "usage: hvctl %s %s",
                            c->command->name, c->command->usage)
               : 0;
}

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
    if (check_name ("volume", vol->name, &c->err) < 0
        || (at && check_name ("snapshot", v->snapshot, &c->err) < 0)) {
        return -c->err.code;
    }
    vol->options = host_pool (&c->h, vol->pool);
    if (!vol->options) {
        return host_no_such (&c->h, &c->h.host->pools, "pool", vol->pool,
                             &c->err);
    }
    v->plugin = find_storage (&c->h, vol, NULL, &c->err);
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
                                    "%s/%s@%s is a snapshot, and this is for "
                                    "volumes",
                                    v->vol.pool, v->vol.name, v->snapshot)
                       : 0;
}

int
volume_check_idle (struct cli *c, struct plugin *p, const struct hv_volume *vol,
                   struct error *err)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    int fd;

    if (storage_chain (p, vol, &chain, &info, err) < 0) {
        return -err->code;
    }
    fd = acquire_file (&c->h, "", ((struct hv_layer *)chain.layers.p[0])->path,
                       HV_RDWR, err);
    if (fd < 0 && err->code == EBUSY) {
        err->exit_code = EXIT_RUNNING;
        return -err->code;
    }
    close_fd (fd);
    memset (err, 0, sizeof *err);
    return 0;
}

/* POOL/NAME [SIZE] */
static int
parse_volume (struct cli *c, size_t least, size_t most, struct volume_arg *v)
{
    if (volume_args (c, least, most) < 0 || volume_arg (c, 0, v) < 0
        || volume_needs_none (c, v) < 0) {
        return -c->err.code;
    }
    return c->args.n > 1 && !parse_size (c->args.p[1], &v->vol.size)
               ? fail_exit (&c->err, EXIT_USAGE, EINVAL,
                            "%s is not a size such as 10G",
                            (const char *)c->args.p[1])
               : 0;
}

static void
list_volume (struct cli *c, struct table *t, struct plugin *p,
             struct hv_volume *vol)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error err = { 0 };
    char size[32], allocated[32];
    const char *path = NULL;

    if (storage_chain (p, vol, &chain, &info, &err) == 0 && chain.layers.n) {
        path = ((struct hv_layer *)chain.layers.p[0])->path;
    }
    format_size (info.size, size, sizeof size);
    format_size (info.allocated, allocated, sizeof allocated);
    table_row (t, (const char *[]){ vol->pool, vol->name, path ? size : NULL,
                                    path ? allocated : NULL,
                                    path ? path : err.text });
}

static int
list_pool (struct cli *c, struct table *t, const struct hv_options *pool)
{
    struct hv_volume vol = { .name = "x", .pool = pool->name, .options = pool };
    struct plugin *p = find_storage (&c->h, &vol, NULL, &c->err);
    struct hv_list list = { 0 };

    if (!p || storage_list (p, pool, &list, &c->err) < 0) {
        return fail_prefix (&c->err, "pool %s", pool->name);
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        vol.name = ((struct list_entry *)list.entries.p[i])->name;
        list_volume (c, t, p, &vol);
    }
    return 0;
}

int
cmd_volume_list (struct cli *c)
{
    static const char *const keys[] = { "pool",      "name", "size",
                                        "allocated", "path", NULL };
    struct table *t = table_new (c, keys);
    const struct vec *pools = &c->h.host->pools;
    int code = EXIT_OK;

    for (size_t i = 0; i < c->args.n; i++) {
        if (!host_pool (&c->h, c->args.p[i])) {
            host_no_such (&c->h, pools, "pool", c->args.p[i], &c->err);
            return report (c);
        }
    }
    for (size_t i = 0; i < pools->n; i++) {
        const struct hv_options *pool = pools->p[i];
        bool wanted = c->args.n == 0;

        for (size_t k = 0; k < c->args.n; k++) {
            wanted = wanted || !strcmp (c->args.p[k], pool->name);
        }
        if (wanted && list_pool (c, t, pool) < 0) {
            code = exit_code_of (&c->err);
            hvctl_warn ("%s", c->err.text);
        }
    }
    table_print (t);
    return code;
}

static int
say_done (struct cli *c, const struct volume_arg *v, const char *what)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_text (o, "pool", v->vol.pool);
        json_text (o, "name", v->vol.name);
        if (v->snapshot) {
            json_text (o, "snapshot", v->snapshot);
        }
        json_text (o, "done", what);
        print_json (o);
    } else {
        printf ("%s %s/%s%s%s is %s\n", v->snapshot ? "snapshot" : "volume",
                v->vol.pool, v->vol.name, v->snapshot ? "@" : "",
                v->snapshot ? v->snapshot : "", what);
    }
    return EXIT_OK;
}

int
cmd_volume_create (struct cli *c)
{
    struct volume_arg v;

    if (parse_volume (c, 1, 2, &v) < 0) {
        return report (c);
    }
    v.vol.backing = option_value (c, "backing");
    v.vol.backing_format = option_value (c, "backing-format");
    if (!v.vol.backing != !v.vol.backing_format) {
        hvctl_warn ("--backing and --backing-format: both or neither");
        return EXIT_USAGE;
    }
    if (make_dirs (c->h.host->state_dir, 0755, &c->err) < 0
        || storage_create (v.plugin, &v.vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &v, "made");
}

static int
check_idle (struct cli *c, const struct volume_arg *v)
{
    return volume_check_idle (c, v->plugin, &v->vol, &c->err);
}

int
cmd_volume_resize (struct cli *c)
{
    struct volume_arg v;

    if (parse_volume (c, 2, 2, &v) < 0) {
        return report (c);
    }
    if (check_idle (c, &v) < 0 && c->err.exit_code == EXIT_RUNNING) {
        fail_exit (&c->err, EXIT_RUNNING, EBUSY,
                   "%s (for VMs that run there is 'hvctl resize --disk')",
                   c->err.text);
        return report (c);
    }
    memset (&c->err, 0, sizeof c->err);
    if (storage_resize (v.plugin, &v.vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &v, "resized");
}

/* To destroy what is not there is no error for plugins, which undo with it,
 * but it is for a person.  What is broken can be deleted, too. */
static int
check_there (struct cli *c, const struct volume_arg *v)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct hv_list list = { 0 };
    struct error err = { 0 };

    if (storage_chain (v->plugin, &v->vol, &chain, &info, &c->err) == 0
        || c->err.code != ENOENT) {
        memset (&c->err, 0, sizeof c->err);
        return 0;
    }
    if (storage_list (v->plugin, v->vol.options, &list, &err) == 0) {
        for (size_t i = 0; i < list.entries.n; i++) {
            const struct list_entry *e = list.entries.p[i];

            if (!strcmp (e->name, v->vol.name)) {
                memset (&c->err, 0, sizeof c->err);
                return 0;
            }
        }
    }
    return -c->err.code;
}

/* To delete what is broken must be possible. */
static int
destroy (struct cli *c, const struct volume_arg *v)
{
    if (check_idle (c, v) < 0 && c->err.exit_code == EXIT_RUNNING) {
        return fail_prefix (&c->err,
                            "volume %s/%s is in use: stop the VM first",
                            v->vol.pool, v->vol.name);
    }
    memset (&c->err, 0, sizeof c->err);
    return storage_destroy (v->plugin, &v->vol, &c->err);
}

int
cmd_volume_rm (struct cli *c)
{
    struct volume_arg v;
    int rc;

    if (volume_args (c, 1, 1) < 0 || volume_arg (c, 0, &v) < 0
        || check_there (c, &v) < 0) {
        return report (c);
    }
    if (!has_option (c, "yes")
        && !confirm ("Delete %s %s?", v.snapshot ? "snapshot" : "volume",
                     (const char *)c->args.p[0])) {
        fail_exit (&c->err, EXIT_USAGE, ECANCELED,
                   "%s is kept: not confirmed (--yes does not ask)",
                   (const char *)c->args.p[0]);
        return report (c);
    }
    if (v.snapshot) {
        rc = check_idle (c, &v);
        rc = rc < 0 ? rc
                    : storage_forget (v.plugin, &v.vol, v.snapshot, &c->err);
    } else {
        rc = destroy (c, &v);
    }
    return rc < 0 ? report (c) : say_done (c, &v, "deleted");
}

/* ------------------------------------------------- Snapshots and clones */

/* Of a running VM its hypervisor has to be told, too. */
static int
one_snapshot (struct cli *c, struct volume_arg *v)
{
    if (volume_args (c, 1, 1) < 0 || volume_arg (c, 0, v) < 0
        || volume_needs_snapshot (c, v) < 0) {
        return -c->err.code;
    }
    if (check_idle (c, v) < 0) {
        return c->err.exit_code == EXIT_RUNNING
                   ? fail_exit (&c->err, EXIT_RUNNING, EBUSY,
                                "%s (for VMs that run there is 'hvctl "
                                "snapshot create')",
                                c->err.text)
                   : -c->err.code;
    }
    return 0;
}

int
cmd_volume_snapshot (struct cli *c)
{
    struct volume_arg v;

    if (one_snapshot (c, &v) < 0
        || storage_snapshot (v.plugin, &v.vol, v.snapshot, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &v, "made");
}

int
cmd_volume_revert (struct cli *c)
{
    struct volume_arg v;

    if (one_snapshot (c, &v) < 0
        || storage_revert (v.plugin, &v.vol, v.snapshot, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &v, "what the volume holds again");
}

int
cmd_volume_snapshots (struct cli *c)
{
    struct hv_list list = { 0 };
    struct volume_arg v;

    if (volume_args (c, 1, 1) < 0 || volume_arg (c, 0, &v) < 0
        || volume_needs_none (c, &v) < 0
        || storage_snapshots (v.plugin, &v.vol, &list, &c->err) < 0) {
        return report (c);
    }
    return print_snapshots (c, &list);
}

int
cmd_volume_clone (struct cli *c)
{
    struct volume_arg from, v;

    if (volume_args (c, 2, 2) < 0 || volume_arg (c, 0, &from) < 0) {
        return report (c);
    }
    /* A clone is in the pool of what it is one of. */
    if (!strchr (c->args.p[1], '/')) {
        c->args.p[1] = arena_format (&c->h.arena, "%s/%s", from.vol.pool,
                                     (const char *)c->args.p[1]);
    }
    if (volume_arg (c, 1, &v) < 0 || volume_needs_none (c, &v) < 0) {
        return report (c);
    }
    if (strcmp (v.vol.pool, from.vol.pool) != 0) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "a clone is in the pool of its volume, %s: use volume send "
                   "and volume receive",
                   from.vol.pool);
        return report (c);
    }
    return storage_clone (v.plugin, &v.vol, &from.vol, from.snapshot, &c->err)
                   < 0
               ? report (c)
               : say_done (c, &v, "made");
}

int
cmd_volume_promote (struct cli *c)
{
    struct volume_arg v;

    if (parse_volume (c, 1, 1, &v) < 0
        || storage_promote (v.plugin, &v.vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &v, "independent");
}
