/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* rename. */
#include <json-c/json.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition.h"
#include "core/machine/new-name.h"
#include "core/machine/recover.h"
#include "core/machine/rename.h"

static int
rename_one (struct cli *c, const char *vm, const char *to, struct vec *kept,
            struct error *err)
{
    CLEANUP_CLOSE int first = -1, second = -1;
    int locks[2];
    bool begun = false;
    int rc = new_name_lock (&c->h, vm, to, locks, err);

    first = locks[0];
    second = locks[1];
    rc = rc < 0 ? rc : rename_vm (&c->h, vm, to, kept, &begun, err);
    if (rc < 0 && begun) {
        recover_failed (&c->h, vm);
    }
    return rc;
}

static struct json_object *
list_of (const struct vec *texts)
{
    struct json_object *all = json_object_new_array ();

    for (size_t i = 0; i < texts->n; i++) {
        json_object_array_add (all, json_object_new_string (texts->p[i]));
    }
    return all;
}

int
cmd_rename (struct cli *c)
{
    const char *vm = c->args.p[0], *to = c->args.p[1];
    struct vec kept = { 0 };

    if (rename_one (c, vm, to, &kept, &c->err) < 0) {
        return report (c);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", to);
        json_put_text_or_null (o, "was", vm);
        json_put_text_or_null (o, "definition", definition_path (&c->h, to));
        json_object_object_add (o, "kept", list_of (&kept));
        out_json (o);
        return EXIT_OK;
    }
    out ("%s is renamed to %s, and defined in %s\n", vm, to,
         definition_path (&c->h, to));
    for (size_t i = 0; i < kept.n; i++) {
        out ("as before: %s\n", (const char *)kept.p[i]);
    }
    return EXIT_OK;
}
