/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/plan-diff.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "common/member.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/config/cloud-init.h"
#include "core/config/host.h"
#include "core/config/settings.h"

/* One comparison. */
struct comparison {
    struct hvctl *h;
    const struct definition *def;
    struct vec *out;
    const char *part, *object;
    struct json_object *was, *will; /* The part. */
    const struct hv_options *own;   /* Its section of the definition. */
    struct vec changed;             /* Names of fields that differ... */
    struct vec of_vm;               /* ...and those of the VM. */
};

struct json_object *
plan_diff_device (struct json_object *plan, const char *key, const char *name)
{
    struct json_object *all = json_member (plan, key, json_type_array);

    for (size_t i = 0; i < json_array_size (all); i++) {
        struct json_object *o = json_object_array_get_idx (all, i);

        if (!strcmp (json_member_text (o, "name"), name)) {
            return o;
        }
    }
    return NULL;
}

static struct json_object *
first_layer (struct json_object *disk)
{
    struct json_object *layers = json_member (disk, "layers", json_type_array);

    return json_array_size (layers) ? json_object_array_get_idx (layers, 0)
                                    : NULL;
}

const char *
plan_diff_source (struct arena *a, struct json_object *disk)
{
    const char *pool = json_member_text (disk, "pool");
    const char *text = *pool ? arena_format (a, "%s/%s", pool,
                                             json_member_text (disk, "volume"))
                             : json_member_text (first_layer (disk), "path");

    return *text ? arena_dup (a, text) : NULL;
}

/* The value of a field, for people; null: unset.  Returns false if it was not
 * recorded. */
static bool
value_of (struct arena *a, const struct plan_field *f, struct json_object *o,
          const char **out)
{
    struct json_object *v = NULL;
    char text[32];

    *out = NULL;
    if (!strcmp (f->part, "disk")
        && !json_member (o, "layers", json_type_array)) {
        return false; /* Nothing but its name is known. */
    }
    if (!strcmp (f->part, "disk") && !strcmp (f->name, "source")) {
        *out = plan_diff_source (a, o);
        return true;
    }
    if (!strcmp (f->part, "disk") && !strcmp (f->name, "format")) {
        *out =
            *json_member_text (o, "pool")
                ? NULL
                : arena_dup (a, json_member_text (first_layer (o), "format"));
        return true;
    }
    if (o && !json_object_object_get_ex (o, f->name, &v)) {
        return false;
    }
    if (f->form == FORM_FLAG) {
        *out = v && json_object_get_boolean (v) ? "yes" : "no";
    } else if (v && f->form == FORM_SIZE) {
        format_size (json_member_size (o, f->name), text, sizeof text);
        *out = arena_dup (a, text);
    } else if (v && f->form == FORM_NUMBER) {
        *out = arena_format (a, "%" PRId64, json_object_get_int64 (v));
    } else if (v) {
        *out = arena_dup (a, json_object_get_string (v));
    }
    return true;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

/* The key of the field that the definition has, or null. */
static const char *
key_that_is_set (const struct comparison *c, const struct plan_field *f)
{
    struct arena *a = &c->h->arena;

    for (const char *at = f->keys; c->own && *at; at += strspn (at, " ")) {
        size_t n = strcspn (at, " ");
        const char *key = arena_dup_n (a, at, n);

        if (settings_is_set (c->own, key)) {
            return key;
        }
        at += n;
    }
    return NULL;
}

/* Has a field changed that implies the change of this one? */
static bool
is_implied (const struct comparison *c, const struct plan_field *f)
{
    const struct vec *all[] = { &c->changed, &c->of_vm };

    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < all[i]->n; k++) {
            if (plan_fields_has (f->because, all[i]->p[k])) {
                return f->implied || !key_that_is_set (c, f);
            }
        }
    }
    return false;
}

static struct plan_difference *
add (struct comparison *c, const char *key, const char *from, const char *to,
     enum plan_change how)
{
    struct plan_difference *d = arena_alloc (&c->h->arena, sizeof *d);

    *d = (struct plan_difference){ .part = c->part,
                                   .object = c->object,
                                   .of = strcmp (c->part, "cloud_init")
                                             ? NULL
                                             : "cloud_init",
                                   .key = key,
                                   .from = from,
                                   .to = to,
                                   .how = how };
    vec_add (&c->h->arena, c->out, d);
    return d;
}

/* The key as a person finds it in the definition. */
static const char *
shown_key (const struct comparison *c, const struct plan_field *f)
{
    const char *set = key_that_is_set (c, f);
    size_t n = strcspn (f->keys, " ");

    if (!strcmp (f->name, "source")) {
        const struct disk_def *d = definition_disk (c->def, c->object);

        return d ? definition_disk_key (d) : "volume";
    }
    return set ? set
           : n ? arena_dup_n (&c->h->arena, f->keys, n)
           : !strcmp (c->part, "firmware")
               ? arena_format (&c->h->arena, "firmware %s", f->name)
               : f->name;
}

/* -------------------------------------------- Settings of other sections */

static const struct hv_options *
section_of_settings (const struct comparison *c)
{
    const char *name;

    if (!strcmp (c->part, "disk")) {
        name = json_member_text (c->will, "pool");
        return *name ? host_pool (c->h, name) : NULL;
    }
    if (!strcmp (c->part, "nic")) {
        return host_network (c->h, json_member_text (c->will, "network"));
    }
    name = json_member_text (c->will, "hypervisor");
    for (size_t i = 0; i < c->def->plugins.n; i++) {
        const struct hv_options *s = c->def->plugins.p[i];

        if (!strcmp (s->name, name)) {
            return s;
        }
    }
    return NULL;
}

/* The value in "KEY=VALUE" of that list, or null. */
static const char *
setting_in (struct json_object *list, const char *key, size_t len)
{
    for (size_t i = 0; i < json_array_size (list); i++) {
        const char *text =
            json_object_get_string (json_object_array_get_idx (list, i));

        if (text && !strncmp (text, key, len) && text[len] == '=') {
            return text + len + 1;
        }
    }
    return NULL;
}

static void
compare_setting (struct comparison *c, struct json_object *was,
                 struct json_object *will, const char *text)
{
    const struct hv_options *s = section_of_settings (c);
    struct arena *a = &c->h->arena;
    size_t len = strcspn (text, "=");
    const char *from = setting_in (was, text, len);
    const char *to = setting_in (will, text, len);
    const char *key = arena_dup_n (a, text, len);
    struct plan_difference *d;

    /* A newer plugin may have a default that was not recorded. */
    if (is_same (from, to) || (!from && !(s && settings_is_set (s, key)))) {
        return;
    }
    d = add (c, key, from ? arena_dup (a, from) : NULL,
             to ? arena_dup (a, to) : NULL, PLAN_AT_START);
    if (s && s->kind) {
        d->of = arena_format (a, "%s %s", s->kind, s->name);
        d->where = settings_is_set (s, key) ? settings_where (a, s, key) : NULL;
    }
}

/* Those that are there now, then those that were removed. */
static void
compare_settings (struct comparison *c)
{
    struct json_object *was = json_member (c->was, "settings", json_type_array);
    struct json_object *will =
        json_member (c->will, "settings", json_type_array);
    size_t before = c->out->n;

    if (!was || !will) {
        return;
    }
    for (size_t i = 0; i < json_array_size (will); i++) {
        compare_setting (
            c, was, will,
            json_object_get_string (json_object_array_get_idx (will, i)));
    }
    for (size_t i = 0; i < json_array_size (was); i++) {
        const char *text =
            json_object_get_string (json_object_array_get_idx (was, i));

        if (!setting_in (will, text, strcspn (text, "="))) {
            compare_setting (c, was, will, text);
        }
    }
    if (c->out->n > before) {
        vec_add (&c->h->arena, &c->changed, "settings");
    }
}

/* ----------------------------------------------------------------- Fields */

static void
compare_field (struct comparison *c, const struct plan_field *f)
{
    struct arena *a = &c->h->arena;
    const char *from, *to, *set;
    struct plan_difference *d;

    if (f->form == FORM_SETTINGS) {
        if (!is_implied (c, f)) {
            compare_settings (c);
        }
        return;
    }
    if (!value_of (a, f, c->was, &from) || !value_of (a, f, c->will, &to)
        || is_same (from, to)) {
        return;
    }
    if (!is_implied (c, f)) {
        set = key_that_is_set (c, f);
        d = add (c, shown_key (c, f), from, to, f->how);
        d->where = set ? settings_where (a, c->own, set) : NULL;
    }
    vec_add (a, &c->changed, f->name);
}

static void
compare_part (struct comparison *c)
{
    c->changed = (struct vec){ 0 };
    for (const struct plan_field *f = plan_fields; f->part; f++) {
        if (!strcmp (f->part, c->part) && f->name && f->how >= PLAN_RESIZED
            && f->how != PLAN_GROWS) {
            compare_field (c, f);
        }
    }
}

static const char *
device_text (struct comparison *c, struct json_object *o)
{
    return !strcmp (c->part, "disk")
               ? plan_diff_source (&c->h->arena, o)
               : arena_format (&c->h->arena, "network %s",
                               json_member_text (o, "network"));
}

static void
compare_device (struct comparison *c, const char *list, struct json_object *o)
{
    const char *name = arena_dup (&c->h->arena, json_member_text (o, "name"));
    const struct disk_def *disk = definition_disk (c->def, name);
    const struct nic_def *nic = definition_nic (c->def, name);
    struct comparison part = *c;
    struct plan_difference *d;

    part.part = *list == 'd' ? "disk" : "nic";
    part.object = name;
    part.was = plan_diff_device (c->was, list, name);
    part.will = plan_diff_device (c->will, list, name);
    part.own = *list == 'd' ? (disk ? disk->section : NULL)
               : nic        ? nic->section
                            : NULL;
    if (part.was && part.will) {
        compare_part (&part);
        return;
    }
    d = add (&part, NULL, part.was ? device_text (&part, o) : NULL,
             part.will ? device_text (&part, o) : NULL, PLAN_AT_START);
    d->where = part.will && part.own
                   ? settings_where (&c->h->arena, part.own, NULL)
                   : NULL;
}

/* In the order of the definition, then those that it no longer has. */
static void
compare_devices (struct comparison *c, const char *list)
{
    struct json_object *was = json_member (c->was, list, json_type_array);
    struct json_object *will = json_member (c->will, list, json_type_array);

    for (size_t i = 0; i < json_array_size (will); i++) {
        compare_device (c, list, json_object_array_get_idx (will, i));
    }
    for (size_t i = 0; i < json_array_size (was); i++) {
        struct json_object *o = json_object_array_get_idx (was, i);

        if (!plan_diff_device (c->will, list, json_member_text (o, "name"))) {
            compare_device (c, list, o);
        }
    }
}

static void
compare_member (const struct comparison *c, const char *name)
{
    struct comparison part = *c;

    part.part = name;
    part.was = json_member (c->was, name, json_type_object);
    part.will = json_member (c->will, name, json_type_object);
    if (part.was || part.will) {
        compare_part (&part);
    }
}

void
plan_diff (struct hvctl *h, struct json_object *was, struct json_object *will,
           const struct definition *def, struct vec *out)
{
    struct comparison c = { .h = h,
                            .def = def,
                            .out = out,
                            .part = "",
                            .was = was,
                            .will = will,
                            .own = def->root };

    compare_part (&c);
    c.of_vm = c.changed;
    compare_member (&c, "firmware");
    c.own = def->cloud_init ? def->cloud_init->section : NULL;
    compare_member (&c, "cloud_init");
    c.own = def->root;
    compare_devices (&c, "disks");
    compare_devices (&c, "nics");
    compare_member (&c, "launch");
}
