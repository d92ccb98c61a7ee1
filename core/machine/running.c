/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/running.h"

#include <json-c/json.h>
#include <string.h>

#include "common/mac.h"
#include "common/member.h"
#include "core/base/json.h"
#include "core/plan/plan-diff.h"
#include "core/plan/plan-json.h"

static const char *const lists[] = { "disks", "nics" };

static const char *
path_of (struct hvctl *h, const char *vm, const char *file)
{
    return arena_format (&h->arena, "%s/%s", state_dir (h, vm), file);
}

/* The devices as they are now, or null: the plan is lost. */
static struct json_object *
read_devices (struct hvctl *h, const char *vm)
{
    struct json_object *o = json_read (path_of (h, vm, "devices"));
    struct json_object *plan;

    if (o) {
        return o;
    }
    plan = json_read (path_of (h, vm, "plan"));
    if (!plan) {
        return NULL;
    }
    o = json_object_new_object ();
    for (size_t i = 0; i < 2; i++) {
        struct json_object *list =
            json_member (plan, lists[i], json_type_array);

        json_object_object_add (o, lists[i],
                                list ? json_object_get (list)
                                     : json_object_new_array ());
    }
    json_object_object_add (o, "refused", json_object_new_array ());
    json_object_put (plan);
    return o;
}

static void
write_devices (struct hvctl *h, const char *vm, struct json_object *o)
{
    struct error err = { 0 };

    if (json_write (path_of (h, vm, "devices"), o, &err) < 0) {
        hvctl_warn ("%s: its devices cannot be recorded, and 'hvctl diff' may "
                    "report them as changed: %s",
                    vm, err.text);
    }
}

/* The list without that device, and with 'add' if it is not null.  What was
 * claimed is recorded now, or was left by an hvctl that was killed. */
static void
change (struct hvctl *h, const char *vm, const char *list, const char *name,
        struct json_object *add)
{
    struct json_object *kept = json_object_new_array (), *old;
    struct json_object *o;

    o = read_devices (h, vm);
    old = json_member (o, list, json_type_array);
    for (size_t i = 0; i < json_array_size (old); i++) {
        struct json_object *d = json_object_array_get_idx (old, i);

        if (strcmp (json_member_text (d, "name"), name) != 0) {
            json_object_array_add (kept, json_object_get (d));
        }
    }
    if (add) {
        json_object_array_add (kept, add);
    }
    if (!o) {
        json_object_put (kept);
        return;
    }
    json_object_object_add (o, list, kept);
    json_object_object_del (o, "claims");
    write_devices (h, vm, o);
}

void
running_add_disk (struct hvctl *h, const char *vm, const struct plan_disk *d)
{
    change (h, vm, "disks", d->def->name, plan_json_disk (&h->arena, d));
}

void
running_add_nic (struct hvctl *h, const char *vm, const struct plan_nic *n)
{
    change (h, vm, "nics", n->def->name, plan_json_nic (&h->arena, n));
}

int
running_claim_nic (struct hvctl *h, const char *vm, const struct plan_nic *n,
                   struct error *err)
{
    struct json_object *o = read_devices (h, vm);
    struct json_object *claims = json_object_new_array ();

    if (!o) {
        json_object_put (claims);
        return 0;
    }
    if (n) {
        json_object_array_add (claims, plan_json_nic (&h->arena, n));
    }
    json_object_object_add (o, "claims", claims);
    return json_write (path_of (h, vm, "devices"), o, err);
}

void
running_drop (struct hvctl *h, const char *vm, const char *list,
              const char *name)
{
    change (h, vm, list, name, NULL);
}

void
running_refuse (struct hvctl *h, const char *vm, const char *what)
{
    struct json_object *o = read_devices (h, vm);
    struct json_object *list = json_member (o, "refused", json_type_array);

    if (list) {
        json_object_array_add (list, json_object_new_string (what));
        write_devices (h, vm, o);
    } else {
        json_object_put (o);
    }
}

/* A size that was not recorded is as it was. */
static void
put_size (struct running *r, const char *key, uint64_t was, uint64_t now)
{
    if (now && now != was) {
        json_put_number (r->plan, key, (int64_t)now);
    }
}

bool
running_read (struct hvctl *h, const struct vm_state *s, struct running *out)
{
    struct json_object *o, *refused;

    *out = (struct running){ 0 };
    out->plan = json_read (path_of (h, s->name, "plan"));
    o = out->plan ? read_devices (h, s->name) : NULL;
    if (!o) {
        return out->plan != NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        json_object_object_add (
            out->plan, lists[i],
            json_object_get (json_member (o, lists[i], json_type_array)));
    }
    json_object_object_add (
        out->plan, "claims",
        json_object_get (json_member (o, "claims", json_type_array)));
    refused = json_member (o, "refused", json_type_array);
    for (size_t i = 0; i < json_array_size (refused); i++) {
        const char *text =
            json_object_get_string (json_object_array_get_idx (refused, i));

        vec_add (&h->arena, &out->refused,
                 arena_dup (&h->arena, text ? text : ""));
    }
    json_object_put (o);
    out->cpus = (uint32_t)json_member_size (out->plan, "cpus");
    out->memory = json_member_size (out->plan, "memory");
    put_size (out, "cpus", out->cpus, s->cpus);
    put_size (out, "memory", out->memory, s->memory);
    return true;
}

/* ------------------------------------------- Devices without definition */

/* A section to which messages can refer. */
static const struct hv_options *
section_of (struct hvctl *h, const char *vm, const char *kind, const char *name)
{
    struct hv_options *s = arena_alloc (&h->arena, sizeof *s);

    s->file = path_of (h, vm, "plan");
    s->kind = kind;
    s->name = name;
    return s;
}

static const char *
text_of (struct hvctl *h, struct json_object *o, const char *key)
{
    const char *text = json_get_text (&h->arena, o, key);

    return text && *text ? text : NULL;
}

const struct disk_def *
running_disk (struct hvctl *h, const char *vm, const char *name)
{
    struct disk_def *out = arena_alloc (&h->arena, sizeof *out);
    struct json_object *o = read_devices (h, vm);
    struct json_object *d = plan_diff_device (o, "disks", name), *layers;
    struct json_object *layer;

    layers = json_member (d, "layers", json_type_array);
    layer =
        json_array_size (layers) ? json_object_array_get_idx (layers, 0) : NULL;
    out->name = arena_dup (&h->arena, name);
    out->section = section_of (h, vm, "disk", out->name);
    out->pool = text_of (h, d, "pool");
    out->volume = text_of (h, d, "volume");
    if (!out->pool) {
        out->image = text_of (h, layer, "path");
        out->image = out->image ? out->image : "/";
        out->format = text_of (h, layer, "format");
        out->format = out->format ? out->format : "raw";
    }
    out->readonly = json_member_flag (d, "readonly");
    out->cdrom = json_member_flag (d, "cdrom");
    json_object_put (o);
    return out;
}

const struct nic_def *
running_nic (struct hvctl *h, const char *vm, const char *name)
{
    struct nic_def *out = arena_alloc (&h->arena, sizeof *out);
    struct json_object *o = read_devices (h, vm);
    struct json_object *n = plan_diff_device (o, "nics", name);

    out->name = arena_dup (&h->arena, name);
    out->section = section_of (h, vm, "nic", out->name);
    out->network = text_of (h, n, "network");
    json_object_put (o);
    return out;
}

void
running_nics (struct hvctl *h, const char *vm, struct vec *out)
{
    struct json_object *o = read_devices (h, vm);
    struct json_object *nics = json_member (o, "nics", json_type_array);

    for (size_t i = 0; i < json_array_size (nics); i++) {
        struct json_object *n = json_object_array_get_idx (nics, i);
        struct nic_def *nic = arena_alloc (&h->arena, sizeof *nic);

        if (parse_mac (json_member_text (n, "mac"), nic->mac)) {
            nic->name = arena_dup (&h->arena, json_member_text (n, "name"));
            nic->network =
                arena_dup (&h->arena, json_member_text (n, "network"));
            vec_add (&h->arena, out, nic);
        }
    }
    json_object_put (o);
}
