/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/remove-entry.h"

#include <json-c/json.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/definition.h"
#include "core/state/meant.h"

static struct json_object *
entry_of_disk (const struct doomed *d)
{
    struct json_object *v = json_object_new_object ();

    json_put_text (v, "pool", d->vol.pool);
    json_put_text (v, "volume", d->vol.name);
    json_put_flag (v, "missing", d->missing);
    if (!d->missing) {
        meant_volume (v, d->plugin, &d->vol);
    }
    return v;
}

static struct json_object *
entry_of_vm (struct hvctl *h, const struct doomed_vm *vm)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *list = json_object_new_array ();
    const char *path = definition_path (h, vm->name);

    json_put_text (o, "vm", vm->name);
    json_put_flag (o, "file", file_is_there (path));
    meant_file (o, path);
    for (size_t i = 0; i < vm->disks.n; i++) {
        json_object_array_add (list, entry_of_disk (vm->disks.p[i]));
    }
    json_object_object_add (o, "disks", list);
    return o;
}

struct json_object *
remove_entry (struct hvctl *h, const struct removal *r)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *list = json_object_new_array ();

    json_put_text (o, "op", "rm");
    json_put_text (o, "name", r->disks ? "disks" : NULL);
    json_put_flag (o, "fleet", r->fleet != NULL);
    json_put_flag (o, "left", r->left);
    meant_file (o, remove_file (h, r));
    for (size_t i = 0; i < r->vms.n; i++) {
        json_object_array_add (list, entry_of_vm (h, r->vms.p[i]));
    }
    json_object_object_add (o, "vms", list);
    return o;
}

bool
remove_entry_flag (struct json_object *o, const char *key)
{
    struct json_object *v = NULL;

    return json_object_object_get_ex (o, key, &v)
           && json_object_get_boolean (v);
}

struct json_object *
remove_entry_item (struct json_object *o, const char *key, size_t i)
{
    struct json_object *list = NULL;

    return json_object_object_get_ex (o, key, &list)
                   && json_object_is_type (list, json_type_array)
                   && i < json_object_array_length (list)
               ? json_object_array_get_idx (list, i)
               : NULL;
}

/* Returns the volume's entry, or null. */
static struct json_object *
find_meant (struct hvctl *h, struct json_object *entry,
            const struct hv_volume *vol)
{
    struct json_object *vm, *v;

    for (size_t i = 0; (vm = remove_entry_item (entry, "vms", i)); i++) {
        for (size_t k = 0; (v = remove_entry_item (vm, "disks", k)); k++) {
            const char *pool = json_get_text (&h->arena, v, "pool");
            const char *name = json_get_text (&h->arena, v, "volume");

            if (pool && name && !strcmp (pool, vol->pool)
                && !strcmp (name, vol->name)) {
                return v;
            }
        }
    }
    return NULL;
}

const char *
remove_entry_other (struct hvctl *h, struct json_object *entry)
{
    const char *other = meant_other (h, entry, true);
    struct json_object *o;

    for (size_t i = 0; !other && (o = remove_entry_item (entry, "vms", i));
         i++) {
        const char *vm = json_get_text (&h->arena, o, "vm");
        const char *path = vm ? definition_path (h, vm) : NULL;

        other = path && !remove_entry_flag (o, "file") && file_is_there (path)
                    ? path
                    : meant_other (h, o, true);
    }
    return other;
}

const char *
remove_entry_spares (struct hvctl *h, struct json_object *entry,
                     const struct doomed *d)
{
    struct json_object *meant = find_meant (h, entry, &d->vol);
    const char *volume =
        arena_format (&h->arena, "%s/%s", d->vol.pool, d->vol.name);
    const char *other = meant ? meant_other (h, meant, true) : NULL;

    return d->missing ? NULL
           : !meant
               ? arena_format (&h->arena, "%s was none of its disks", volume)
           : other ? arena_format (
                 &h->arena, "%s has been replaced or written to since", other)
           : remove_entry_flag (meant, "missing")
               ? arena_format (&h->arena, "%s has been created since", volume)
               : NULL;
}
