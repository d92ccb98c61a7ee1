/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/provider/plugin-index.h"

#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/provider/facts.h"

static const char *
index_path (struct hvctl *h)
{
    return arena_format (&h->arena, "%s/plugins.json", facts_dir (h));
}

/* Another hvctl may have other demands. */
static const char *
index_version (struct hvctl *h)
{
    return arena_format (&h->arena, "hvctl %s, ABI %d", PACKAGE_VERSION,
                         HV_ABI);
}

static struct json_object *
read_index (struct hvctl *h)
{
    struct json_object *o = json_read (index_path (h));

    if (strcmp (json_member_text (o, "version"), index_version (h)) != 0) {
        json_object_put (o);
        return json_object_new_object ();
    }
    return o;
}

/* The members are only read where a provider of that kind is. */
static const char *
text_of (struct plugin *p, struct json_object *o, const char *key)
{
    return json_get_text (&p->h->arena, o, key);
}

bool
plugin_index_recall (struct plugin *p, const struct stat *st)
{
    struct json_object *o;

    if (!p->h->plugin_index) {
        p->h->plugin_index = read_index (p->h);
    }
    o = json_member (
        json_member (p->h->plugin_index, "plugins", json_type_object), p->path,
        json_type_object);
    if (!o
        || strcmp (json_member_text (o, "file"),
                   facts_file_identity (&p->h->arena, p->path, st))
               != 0) {
        return false;
    }
    p->info.version = text_of (p, o, "plugin");
    p->network.type = text_of (p, o, "network");
    p->storage.type = text_of (p, o, "storage");
    p->storage.format = text_of (p, o, "format");
    p->has_network = p->network.type != NULL;
    p->has_storage = p->storage.type != NULL;
    p->has_firmware = json_member (o, "firmware", json_type_boolean) != NULL;
    p->has_hypervisor =
        json_member (o, "hypervisor", json_type_boolean) != NULL;
    p->known = p->info.version != NULL;
    return p->known;
}

static struct json_object *
new_entry (struct plugin *p, const struct stat *st)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "file", facts_file_identity (&p->h->arena, p->path, st));
    json_put_text (o, "plugin", p->info.version);
    json_put_text (o, "network", p->has_network ? p->network.type : NULL);
    json_put_text (o, "storage", p->has_storage ? p->storage.type : NULL);
    json_put_text (o, "format", p->has_storage ? p->storage.format : NULL);
    if (p->has_firmware) {
        json_put_flag (o, "firmware", true);
    }
    if (p->has_hypervisor) {
        json_put_flag (o, "hypervisor", true);
    }
    return o;
}

void
plugin_index_keep (struct hvctl *h)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *plugins = json_object_new_object ();
    struct error err = { 0 };

    json_put_text (o, "version", index_version (h));
    json_object_object_add (o, "plugins", plugins);
    for (size_t i = 0; i < h->plugins.n; i++) {
        struct plugin *p = h->plugins.p[i];

        if (!p->broken) {
            json_object_object_add (plugins, p->path, new_entry (p, &p->file));
        }
    }
    if (!h->changes || file_make_dirs (facts_dir (h), 0700, &err) < 0) {
        json_object_put (o);
    } else if (json_write (index_path (h), o, &err) < 0) {
        hvctl_debug (h, "the index of plugins cannot be written: %s", err.text);
    }
}

void
plugin_index_forget (struct hvctl *h)
{
    json_object_put (h->plugin_index);
    h->plugin_index = NULL;
}
