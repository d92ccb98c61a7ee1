/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "tests/kit/support-diff.h"

#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/plan/plan-diff.h"
#include "core/plan/plan-fields.h"

/* The line of the key "disk.boot"; null: there is none. */
static const struct plan_field *
field_of (const char *key)
{
    const char *dot = strchr (key, '.');

    for (const struct plan_field *f = plan_fields; f->part; f++) {
        size_t len = strlen (f->part);
        bool root = !len || !strcmp (f->part, "firmware");

        if (!strncmp (key, "plugin.", 7)
                ? !len && f->form == FORM_SETTINGS
                : (dot ? !root && !strncmp (key, f->part, len)
                             && key[len] == '.'
                       : root)
                      && plan_fields_has (f->keys, dot ? dot + 1 : key)) {
            return f;
        }
    }
    return NULL;
}

/* Sections of which nothing is in a plan. */
static bool
is_beside (const char *key)
{
    return !strncmp (key, "labels.", 7) || !strncmp (key, "vars.", 5);
}

static bool
derives (const char *key)
{
    return !strcmp (key, "templates") || !strcmp (key, "identity")
           || !strcmp (key, "identity_base") || !strcmp (key, "nic.address");
}

static const char *
list (struct world *w, const struct vec *all)
{
    const char *text = "";

    for (size_t i = 0; i < all->n; i++) {
        const struct plan_difference *d = all->p[i];

        text = arena_format (&w->arena, "%s%s %s %s: %s -> %s\n", text, d->part,
                             d->object ? d->object : "", d->key ? d->key : "",
                             d->from ? d->from : "(unset)",
                             d->to ? d->to : "(unset)");
    }
    return text;
}

void
support_diff (struct world *w, const struct sample *s, const char *value,
              struct json_object *was, struct json_object *will,
              const struct definition *def, bool told)
{
    const struct plan_field *f = field_of (s->key);
    struct vec all = { 0 };
    bool read = is_beside (s->key), same;

    if (!f && !read) {
        fail_msg ("%s has no line in core/plan/plan-fields.c", s->key);
    }
    plan_diff (&w->h, was, will, def, &all);
    same = json_object_equal (was, will);
    /* These set others, which are reported. */
    if (derives (s->key)) {
        if (told && !all.n) {
            fail_msg ("%s = %s: no difference", s->key, value);
        }
        return;
    }
    /* Sizes are compared with the volumes, and a plan has them. */
    if (told && (!f || f->how == PLAN_READ)) {
        fail_msg ("%s = %s changes the process, and is not compared", s->key,
                  value);
    }
    read |= !f || f->how == PLAN_READ || f->how == PLAN_GROWS;
    if (all.n != (read || same ? 0 : 1)) {
        fail_msg ("%s = %s: %zu lines:\n%s", s->key, value, all.n,
                  list (w, &all));
    }
    if (all.n) {
        const struct plan_difference *d = all.p[0];

        assert_int_equal (d->how, f->how);
        assert_non_null (d->where);
        assert_non_null (d->key);
    }
}

static void
check_members (const char *part, struct json_object *o)
{
    json_object_object_foreach (o, key, value) {
        const struct plan_field *f = plan_fields;

        (void)value;
        while (f->part
               && (strcmp (f->part, part) != 0 || !f->name
                   || strcmp (f->name, key) != 0)) {
            f++;
        }
        if (!f->part) {
            fail_msg ("member '%s' of '%s' has no line in "
                      "core/plan/plan-fields.c",
                      key, part);
        }
    }
}

void
support_diff_members (struct json_object *plan)
{
    static const char *const parts[][2] = { { "firmware", "firmware" },
                                            { "cloud_init", "cloud_init" },
                                            { "launch", "launch" },
                                            { "disks", "disk" },
                                            { "nics", "nic" } };

    check_members ("", plan);
    for (size_t i = 0; i < ARRAY_SIZE (parts); i++) {
        struct json_object *o = NULL;

        json_object_object_get_ex (plan, parts[i][0], &o);
        for (size_t k = 0; json_object_is_type (o, json_type_array)
                           && k < json_object_array_length (o);
             k++) {
            check_members (parts[i][1], json_object_array_get_idx (o, k));
        }
        if (json_object_is_type (o, json_type_object)) {
            check_members (parts[i][1], o);
        }
    }
}
