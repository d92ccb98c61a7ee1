/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* ip: at which addresses a guest can be reached. */
#include <json-c/json.h>

#include "cli/reach.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/output.h"

static void
put_nic (struct cli *c, const struct nic_def *n, const struct vec *found,
         const char *name, struct json_object *all)
{
    char mac[MAC_TEXT];

    for (size_t i = 0; i < found->n; i++) {
        const struct address *a = found->p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text (o, "nic", n->name);
        json_put_text (o, "mac", format_mac (n->mac, mac));
        json_put_text (o, "address", a->text);
        json_put_text (o, "source", a->source);
        json_object_array_add (all, o);
        if (c->json) {
            continue;
        }
        if (has_option (c, "first")) {
            out ("%s\n", a->text);
            return;
        }
        out ("%s: nic %s: %s (%s)\n", name, n->name, a->text, a->source);
    }
}

static int
each_ip (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    struct json_object *all = json_object_new_array ();
    const struct addresses *addresses;
    struct definition *def;

    json_object_object_add (result, "addresses", all);
    if (reach_load (c, name, &def, err) < 0) {
        return -err->code;
    }
    addresses = addresses_of_vm (c, name);
    for (size_t i = 0; i < def->nics.n; i++) {
        struct vec found = { 0 };

        addresses_of (addresses, def->nics.p[i], &found);
        put_nic (c, def->nics.p[i], &found, name, all);
        if (found.n && has_option (c, "first") && !c->json) {
            break;
        }
    }
    return json_object_array_length (all) ? 0 : reach_nowhere (c, def, err);
}

int
cmd_ip (struct cli *c)
{
    return for_each_vm (c, each_ip);
}
