/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/schema-config.h"

#include <json-c/json.h>
#include <string.h>

#include "common/member.h"
#include "core/base/arena.h"
#include "core/config/effective.h"
#include "core/config/fleet.h"
#include "core/config/host-read.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/scan-list.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"

/* Of a section: in a template values may have variables, and required keys may
 * be missing. */
struct form {
    struct cli *c;
    bool open;
};

/* What settings_fits() accepts; null: anything but an empty string. */
static const char *
pattern_of (enum hv_type type)
{
    switch (type) {
    case HV_BOOL:
        return "([yY][eE][sS]|[nN][oO]|[tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|"
               "[oO][nN]|[oO][fF][fF])";
    case HV_UINT:
        return "[0-9]+";
    case HV_SIZE:
        return "[0-9]+([.][0-9]+)? *([bB]|[kKmMgGtTpP][iI]?[bB]?)?";
    case HV_DURATION:
        return "[0-9]+([.][0-9]+)? *(ms|s|m|min|h|d)?";
    case HV_MAC:
        return "[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}";
    case HV_PATH:
    case HV_PATHS:
        return "/.*";
    case HV_STRING:
        break;
    }
    return NULL;
}

static struct json_object *
text_schema (void)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "type", "string");
    json_put_number (o, "minLength", 1);
    return o;
}

static void
add_words (struct json_object *o, const char *name, const char *const *words)
{
    struct json_object *all = json_object_new_array ();

    for (; *words; words++) {
        json_object_array_add (all, json_object_new_string (*words));
    }
    json_object_object_add (o, name, all);
}

static struct json_object *
key_schema (const struct form *f, const char *kind, const struct hv_key *key)
{
    static const char *const yes_no[] = { "yes", "no", NULL };
    struct json_object *o = text_schema ();
    const char *pattern = pattern_of (key->type);
    const struct key_words *words = keys_words (kind, key->name);

    if (scan_list_has (definition_kinds, kind, key->name)
        || scan_list_has (host_read_kinds, kind, key->name)) {
        json_object_object_del (o, "minLength");
    }
    json_put_text (o, "description", key->summary);
    json_put_text (o, "default", key->fallback);
    if (pattern) {
        json_put_text (o, "pattern",
                       arena_format (&f->c->h.arena, "^%s$%s", pattern,
                                     f->open ? "|[$][{]" : ""));
    }
    if (words) {
        add_words (o, words->only && !f->open ? "enum" : "examples",
                   words->words);
    } else if (key->type == HV_BOOL) {
        add_words (o, "examples", yes_no);
    }
    return o;
}

static void
add_keys (const struct form *f, const char *kind, const struct hv_key *keys,
          struct json_object *properties, struct json_object *required)
{
    for (; keys && keys->name; keys++) {
        json_object_object_add (properties, keys->name,
                                key_schema (f, kind, keys));
        if (keys->required && !f->open) {
            json_object_array_add (required,
                                   json_object_new_string (keys->name));
        }
    }
}

/* An object of objects: 'each' is the schema of those that 'named', or null,
 * does not have. */
static struct json_object *
by_name (struct json_object *named, struct json_object *each)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "type", "object");
    if (named) {
        json_object_object_add (o, "properties", named);
    }
    json_object_object_add (o, "additionalProperties", each);
    return o;
}

/* A section with these keys and no others; of any keys if there is none. */
static struct json_object *
section_schema (const struct form *f, const char *kind,
                const struct hv_key *keys, struct json_object *properties)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *required = json_object_new_array ();

    if (!keys || !strcmp (keys->name, "*")) {
        json_object_put (properties);
        json_object_put (required);
        json_object_put (o);
        return by_name (NULL, text_schema ());
    }
    add_keys (f, kind, keys, properties, required);
    json_put_text (o, "type", "object");
    json_object_object_add (o, "properties", properties);
    json_object_object_add (o, "required", required);
    json_object_object_add (o, "additionalProperties",
                            json_object_new_boolean (false));
    return o;
}

/* The sections 'plugin NAME' of a definition, or of the host. */
static struct json_object *
plugins_schema (const struct form *f, bool of_host)
{
    struct hvctl *h = &f->c->h;
    struct json_object *named = json_object_new_object ();

    for (size_t i = 0; i < h->plugins.n; i++) {
        const struct plugin *p = h->plugins.p[i];
        const struct hv_key *keys = of_host ? p->info.keys : p->hypervisor.keys;

        if (!p->broken && (of_host || p->has_hypervisor)) {
            json_object_object_add (
                named, p->name,
                keys ? section_schema (f, NULL, keys, json_object_new_object ())
                     : by_name (NULL, json_object_new_boolean (false)));
        }
    }
    return by_name (named, by_name (NULL, text_schema ()));
}

/* The sections of a definition, or of a template. */
static void
add_sections (const struct form *f, struct json_object *properties)
{
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        const struct hv_options s = { .kind = k->kind };
        struct json_object *one;

        if (!*k->kind || (!f->open && effective_omits (&s, NULL))) {
            continue;
        }
        if (!strcmp (k->kind, "plugin")) {
            one = plugins_schema (f, false);
        } else {
            one = section_schema (f, k->kind, keys_of (k->kind),
                                  json_object_new_object ());
            one = k->titled ? by_name (NULL, one) : one;
        }
        json_object_object_add (properties, k->kind, one);
    }
}

struct json_object *
schema_config_definition (struct cli *c)
{
    const struct form f = { c, false };
    const struct hv_options root = { .kind = NULL };
    struct json_object *properties = json_object_new_object ();
    struct json_object *o, *required;

    loader_load (&c->h);
    json_object_object_add (properties, "name", text_schema ());
    add_sections (&f, properties);
    o = section_schema (&f, NULL, vm_keys, properties);
    json_object_object_get_ex (o, "required", &required);
    json_object_array_add (required, json_object_new_string ("name"));
    json_object_array_add (required, json_object_new_string ("uuid"));
    for (const struct hv_key *k = vm_keys; k->name; k++) {
        if (effective_omits (&root, k->name) || fleet_has_key (k->name)) {
            json_object_object_del (properties, k->name);
        }
    }
    return o;
}

/* A network or a pool: of one of the types that plugins have, or of another
 * one. */
static struct json_object *
typed_schema (const struct form *f, bool network)
{
    /* All but the type, which is a constant of each. */
    const struct hv_key *ours = 1 + (network ? network_keys : pool_keys);
    const struct vec *plugins = &f->c->h.plugins;
    struct json_object *o = json_object_new_object ();
    struct json_object *ways = json_object_new_array ();
    struct json_object *types = json_object_new_array ();
    struct json_object *other, *not = json_object_new_object ();

    for (size_t i = 0; i < plugins->n; i++) {
        const struct plugin *p = plugins->p[i];
        const char *type = network ? p->network.type : p->storage.type;
        struct json_object *properties, *fixed, *required, *one;

        if (p->broken || !type) {
            continue;
        }
        properties = json_object_new_object ();
        fixed = json_object_new_object ();
        json_put_text (fixed, "const", type);
        json_object_object_add (properties, "type", fixed);
        required = json_object_new_array ();
        add_keys (f, NULL, network ? p->network.keys : p->storage.keys,
                  properties, required);
        json_object_array_add (required, json_object_new_string ("type"));
        add_keys (f, NULL, ours, properties, required);
        one = by_name (properties, json_object_new_boolean (false));
        json_object_object_add (one, "required", required);
        json_object_array_add (ways, one);
        json_object_array_add (types, json_object_new_string (type));
    }
    other = json_object_new_object ();
    json_object_object_add (not, "enum", types);
    json_object_object_add (other, "not", not );
    not = json_object_new_object ();
    json_object_object_add (not, "type", other);
    other = by_name (not, text_schema ());
    types = json_object_new_array ();
    json_object_array_add (types, json_object_new_string ("type"));
    json_object_object_add (other, "required", types);
    json_object_array_add (ways, other);
    json_object_object_add (o, "anyOf", ways);
    return by_name (NULL, o);
}

static struct json_object *
template_schema (struct cli *c)
{
    const struct form open = { c, true };
    struct json_object *properties = json_object_new_object ();

    add_sections (&open, properties);
    return section_schema (&open, NULL, vm_keys, properties);
}

static struct json_object *
host_section (const struct form *f, const char *kind)
{
    if (!strcmp (kind, "network") || !strcmp (kind, "pool")) {
        return typed_schema (f, !strcmp (kind, "network"));
    }
    if (!strcmp (kind, "image")) {
        return by_name (NULL, section_schema (f, kind, image_section_keys,
                                              json_object_new_object ()));
    }
    if (!strcmp (kind, "plugin")) {
        return plugins_schema (f, true);
    }
    if (!strcmp (kind, "template")) {
        return by_name (NULL, template_schema (f->c));
    }
    return !strcmp (kind, "defaults") ? section_schema (
               f, NULL, default_keys, json_object_new_object ())
           : !strcmp (kind, "sandbox")
               ? section_schema (f, kind, sandbox_keys,
                                 json_object_new_object ())
               : section_schema (f, kind, vars_keys, json_object_new_object ());
}

struct json_object *
schema_config_host (struct cli *c)
{
    const struct form f = { c, false };
    struct json_object *properties = json_object_new_object ();

    loader_load (&c->h);
    for (const struct section_kind *k = host_read_kinds; k->kind; k++) {
        if (*k->kind) {
            json_object_object_add (properties, k->kind,
                                    host_section (&f, k->kind));
        }
    }
    return section_schema (&f, NULL, host_keys, properties);
}
