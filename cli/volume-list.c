/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* volume list: the volumes in the pools. */
#include <errno.h>
#include <string.h>

#include "cli/volume.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/plan/resolve.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"

/* A volume that cannot be read is listed, too, with its error. */
static int
list_volume (struct cli *c, struct table *t, struct plugin *p,
             struct hv_volume *vol)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error err = { 0 };
    const char *path = NULL, *text = NULL;

    if (storage_chain (p, vol, &chain, &info, &err) < 0) {
        text = arena_dup (&c->h.arena, err.text);
    } else if (chain.layers.n) {
        path = ((struct hv_layer *)chain.layers.p[0])->path;
    }
    table_row (t,
               (const char *[]){ vol->pool, vol->name,
                                 path ? table_size (c, info.size) : NULL,
                                 path ? table_size (c, info.allocated) : NULL,
                                 path || c->json ? path : text, text });
    return exit_code_of (&err);
}

/* Returns the exit code. */
static int
list_pool (struct cli *c, struct table *t, const struct hv_options *pool)
{
    struct hv_volume vol = { .pool = pool->name, .options = pool };
    struct error err = { 0 };
    struct hv_list list = { 0 };
    struct plugin *p = resolve_pool (&c->h, pool, &list, &err);
    int code = EXIT_OK;

    if (!p) {
        fail_prefix (&err, "pool %s", pool->name);
        return table_error (t, &err);
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        int one;

        vol.name = ((struct list_entry *)list.entries.p[i])->name;
        one = list_volume (c, t, p, &vol);
        code = code ? code : one;
    }
    return code;
}

int
cmd_volume_list (struct cli *c)
{
    static const char *const for_people[] = { "pool",      "name", "size",
                                              "allocated", "path", NULL };
    static const char *const keys[] = { "pool", "name",  "#size", "#allocated",
                                        "path", "error", NULL };
    struct table *t = table_new (c, c->json ? keys : for_people);
    const struct vec *pools = &c->h.host->pools;
    int code = EXIT_OK;

    for (size_t i = 0; i < c->args.n; i++) {
        if (!host_pool (&c->h, c->args.p[i])) {
            host_no_such (&c->h, pools, "pool", c->args.p[i], &c->err);
            code = table_error (t, &c->err);
        }
    }
    for (size_t i = 0; i < pools->n; i++) {
        const struct hv_options *pool = pools->p[i];

        if (!c->args.n || vec_has (&c->args, pool->name)) {
            int one = list_pool (c, t, pool);

            code = code ? code : one;
        }
    }
    table_print (t);
    return code;
}
