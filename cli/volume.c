/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* volume list, create, resize, rm: what is in the pools. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/size.h"
#include "core/host.h"
#include "core/plan.h"

/* "POOL/NAME", or "NAME" in pool default. */
static int
parse_volume (struct cli *c, size_t words, struct hv_volume *vol,
              struct plugin **p)
{
    const char *spec, *slash;

    memset (vol, 0, sizeof *vol);
    if (c->args.n != words
        && !(c->args.n == 1 && c->command->run == cmd_volume_create)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL, "usage: hvctl %s %s",
                          c->command->name, c->command->usage);
    }
    spec = c->args.p[0];
    slash = strchr (spec, '/');
    vol->pool = slash ? arena_dup_n (&c->h.arena, spec, (size_t)(slash - spec))
                      : "default";
    vol->name = slash ? slash + 1 : spec;
    if (c->args.n > 1 && !parse_size (c->args.p[1], &vol->size)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "%s is not a size such as 10G",
                          (const char *)c->args.p[1]);
    }
    if (check_name ("volume", vol->name, &c->err) < 0) {
        return -c->err.code;
    }
    vol->options = host_pool (&c->h, vol->pool);
    if (!vol->options) {
        return host_no_such (&c->h, &c->h.host->pools, "pool", vol->pool,
                             &c->err);
    }
    *p = find_storage (&c->h, vol, NULL, &c->err);
    return *p ? 0 : -c->err.code;
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
say_done (struct cli *c, const struct hv_volume *vol, const char *what)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_text (o, "pool", vol->pool);
        json_text (o, "name", vol->name);
        json_text (o, "done", what);
        print_json (o);
    } else {
        printf ("volume %s/%s is %s\n", vol->pool, vol->name, what);
    }
    return EXIT_OK;
}

int
cmd_volume_create (struct cli *c)
{
    struct hv_volume vol;
    struct plugin *p;

    if (parse_volume (c, 2, &vol, &p) < 0) {
        return report (c);
    }
    vol.backing = option_value (c, "backing");
    vol.backing_format = option_value (c, "backing-format");
    if (!vol.backing != !vol.backing_format) {
        hvctl_warn ("--backing and --backing-format: both or neither");
        return EXIT_USAGE;
    }
    if (make_dirs (c->h.host->state_dir, 0755, &c->err) < 0
        || storage_create (p, &vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &vol, "made");
}

int
cmd_volume_resize (struct cli *c)
{
    struct hv_volume vol;
    struct plugin *p;

    if (parse_volume (c, 2, &vol, &p) < 0
        || storage_resize (p, &vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &vol, "resized");
}

int
cmd_volume_rm (struct cli *c)
{
    struct hv_volume vol;
    struct plugin *p;

    if (parse_volume (c, 1, &vol, &p) < 0) {
        return report (c);
    }
    if (!has_option (c, "yes")
        && !confirm ("Delete volume %s/%s?", vol.pool, vol.name)) {
        fail_exit (&c->err, EXIT_USAGE, ECANCELED,
                   "volume %s/%s is kept: not confirmed (--yes does not ask)",
                   vol.pool, vol.name);
        return report (c);
    }
    if (storage_destroy (p, &vol, &c->err) < 0) {
        return report (c);
    }
    return say_done (c, &vol, "deleted");
}
