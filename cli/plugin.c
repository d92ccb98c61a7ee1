/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* plugin list, plugin show. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "common/member.h"
#include "cli/cli.h"
#include "cli/document.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/provider/facts.h"
#include "core/provider/hypervisor.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/provider/package.h"
#include "core/provider/provider.h"
#include "core/provider/services.h"
#include "core/provider/support.h"
#include "core/provider/tables.h"

static const char *
kinds_of (struct cli *c, const struct plugin *p)
{
    const char *list = arena_format (
        &c->h.arena, "%s%s%s%s", p->has_hypervisor ? "hypervisor " : "",
        p->has_network ? "network " : "", p->has_storage ? "storage " : "",
        p->has_firmware ? "firmware " : "");

    return *list ? arena_dup_n (&c->h.arena, list, strlen (list) - 1) : NULL;
}

int
cmd_plugin_list (struct cli *c)
{
    static const char *const keys[] = { "name", "version", "provides", "status",
                                        NULL };
    struct table *t = table_new (c, keys);

    loader_load (&c->h);
    for (size_t i = 0; i < c->h.plugins.n; i++) {
        const struct plugin *p = c->h.plugins.p[i];

        table_row (t, (const char *[]){ p->name,
                                        p->broken ? NULL : p->info.version,
                                        p->broken ? NULL : kinds_of (c, p),
                                        p->broken ? p->broken : "ok" });
    }
    table_print (t);
    return EXIT_OK;
}

static void
fact (struct json_object *o, const char *key, const char *value)
{
    if (value) {
        json_put_text_or_null (o, key, value);
    }
}

static void
add_keys (struct cli *c, struct json_object *o, const char *of,
          const struct hv_key *keys)
{
    static const char *const types[] = {
        "text", "bool", "number", "size", "duration", "mac", "path", "paths"
    };

    for (; keys && keys->name; keys++) {
        fact (o, arena_format (&c->h.arena, "%s.key.%s", of, keys->name),
              arena_format (&c->h.arena, "%s%s%s%s%s: %s", types[keys->type],
                            keys->required ? ", required" : "",
                            keys->fallback ? ", default " : "",
                            keys->fallback ? keys->fallback : "", "",
                            keys->summary));
    }
}

/* "hypervisor.call.ioctl=argument 1 in {0x1 0x2}: why"; a name may come more
 * than once, and a number makes keys of them. */
static void
add_calls (struct cli *c, struct json_object *o, const struct hv_call *calls)
{
    for (size_t i = 0; calls && calls[i].name; i++) {
        const struct hv_call *call = &calls[i];
        const char *which = call->start ? "at the start" : "always";

        for (size_t k = 0; k < call->n_values; k++) {
            which = k ? arena_format (&c->h.arena, "%s 0x%x", which,
                                      call->values[k])
                      : arena_format (&c->h.arena,
                                      "%s, if argument %d is one of "
                                      "0x%x",
                                      which, call->argument, call->values[k]);
        }
        fact (o,
              arena_format (&c->h.arena, "hypervisor.call.%zu.%s", i + 1,
                            call->name),
              arena_format (&c->h.arena, "%s: %s", which, call->why));
    }
}

static void
add_support (struct cli *c, struct json_object *o, const struct plugin *p,
             const struct hv_list *have)
{
    struct vec keys = { 0 };

    support_list (&c->h, p, have, &keys);
    for (size_t i = 0; i < keys.n; i++) {
        const struct key_support *k = keys.p[i];

        fact (o, arena_format (&c->h.arena, "support.%s", k->key),
              k->text ? arena_format (&c->h.arena, "%s: %s", k->how, k->text)
                      : k->how);
    }
}

static bool
add_capabilities (struct cli *c, struct json_object *o, struct plugin *p,
                  struct hv_list *have)
{
    struct error err = { 0 };
    const char *text = "", *program;

    if (hypervisor_locate (p, name_host_arch (), &program, &err) < 0) {
        fact (o, "hypervisor.program", arena_dup (&c->h.arena, err.text));
        return false;
    }
    fact (o, "hypervisor.program", program);
    facts_load (&c->h, p, name_host_arch (), program, &err);
    if (hypervisor_capabilities (p, name_host_arch (), have, &err) < 0) {
        return false;
    }
    for (size_t i = 0; i < have->entries.n; i++) {
        const struct list_entry *e = have->entries.p[i];

        text =
            arena_format (&c->h.arena, "%s%s%s", text, i ? " " : "", e->name);
    }
    fact (o, "hypervisor.capabilities", text);
    return true;
}

static struct json_object *
describe_plugin (struct cli *c, struct plugin *p)
{
    struct json_object *o = json_object_new_object ();
    struct hv_list ops = { 0 };
    struct error err = { 0 };

    fact (o, "name", p->name);
    fact (o, "path", p->path);
    fact (o, "status", p->broken ? p->broken : "ok");
    if (p->broken) {
        return o;
    }
    fact (o, "version", p->info.version);
    fact (o, "license", p->info.license);
    fact (o, "summary", p->info.summary);
    fact (o, "abi", arena_format (&c->h.arena, "%u", p->info.abi));
    fact (o, "size", arena_format (&c->h.arena, "%u", p->info.size));
    fact (o, "provides", kinds_of (c, p));
    fact (o, "network.type", p->network.type);
    fact (o, "storage.type", p->storage.type);
    fact (o, "storage.format", p->storage.format);
    tables_operations (&c->h, p, &ops);
    for (size_t i = 0; i < ops.entries.n; i++) {
        const struct list_entry *e = ops.entries.p[i];

        fact (o, e->name, e->detail);
    }
    add_keys (c, o, "plugin", p->info.keys);
    add_keys (c, o, "hypervisor", p->hypervisor.keys);
    add_keys (c, o, "network", p->network.keys);
    add_keys (c, o, "storage", p->storage.keys);
    add_calls (c, o, p->calls);
    if (p->has_hypervisor && provider_usable (p, &err) == 0) {
        struct hv_list have = { 0 };

        add_support (c, o, p, add_capabilities (c, o, p, &have) ? &have : NULL);
    }
    return o;
}

int
cmd_plugin_show (struct cli *c)
{
    struct plugin *p = loader_find (&c->h, c->args.p[0]);
    struct json_object *o;
    int code;

    if (!p) {
        fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                   "there is no plugin '%s' (hvctl plugin list shows all): %s",
                   (const char *)c->args.p[0],
                   package_hint (&c->h, NULL, c->args.p[0]));
        return report (c);
    }
    o = describe_plugin (c, p);
    code = p->broken ? EXIT_UNSUPPORTED : EXIT_OK;
    if (c->json) {
        document_print (c, o);
        return code;
    }
    json_object_object_foreach (o, key, value) {
        out ("%s=%s\n", key, json_object_get_string (value));
    }
    json_object_put (o);
    return code;
}

int
cmd_version (struct cli *c)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "version", PACKAGE_VERSION);
        json_put_number (o, "abi", HV_ABI);
        json_put_text_or_null (o, "plugindir", HVCTL_PLUGINDIR);
        document_print (c, o);
    } else {
        out ("hvctl %s (plugin ABI %d)\n", PACKAGE_VERSION, HV_ABI);
    }
    return EXIT_OK;
}
