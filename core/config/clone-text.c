/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/clone-text.h"

#include <string.h>

#include "core/config/cloud-init.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

/* A text that is being changed. */
struct change {
    struct arena *a;
    const char *text;
    const struct definition *now;
    struct vec *changed, *same;
};

/* Keys of a section whose values are for one VM only. */
static const char *const disk_once[] = { "serial", "wwn", NULL };
static const char *const cloud_once[] = { "hostname", "instance_id", NULL };
static const char *const nic_once[] = { "mac", "address", "forward", NULL };

bool
clone_text_is_copied (const struct disk_def *d)
{
    return !d->image && !d->readonly;
}

static bool
is_same (const char *a, const char *b)
{
    return a && b && !strcmp (a, b);
}

/* "disk root", "cloud_init" */
static const char *
title (struct arena *a, const struct hv_options *s)
{
    return s->name ? arena_format (a, "%s %s", s->kind, s->name) : s->kind;
}

/* The place is that in the definition of the origin. */
static void
note (struct change *c, const struct hv_options *from, const char *key,
      const char *how, const char *value)
{
    vec_add (c->a, c->changed,
             arena_format (c->a, "%s: %s: %s%s = %s",
                           settings_where (c->a, from, key), title (c->a, from),
                           how, key, value));
}

/* Removes a setting of the file.  Returns false if it is not there, or if it
 * is a template's, which then is the same for both. */
static bool
remove_setting (struct change *c, const struct hv_options *from,
                const struct hv_options *s, const char *key)
{
    const struct setting *set = settings_find (s, key);
    const char *next =
        set && !set->from
            ? textedit_remove (c->a, c->text, s->kind, s->name, key)
            : NULL;

    if (!set || set->from) {
        return false;
    }
    c->text = next; /* Null if it is not found. */
    note (c, from, key, "without ", set->written ? set->written : set->value);
    return true;
}

/* Only one of them can run then. */
static void
note_template (struct change *c, const struct hv_options *s, const char *key)
{
    const char *text = arena_format (
        c->a, "%s: %s: %s = %s is a template's, and the same for both",
        settings_where (c->a, s, key), title (c->a, s), key,
        settings_get (s, key));

    if (!vec_has (c->same, text)) {
        vec_add (c->a, c->same, text);
    }
}

static void
set_volume (struct change *c, const struct disk_def *d, const char *volume)
{
    c->text = textedit_set (c->a, c->text, "disk", d->name, "volume",
                            textedit_quote (c->a, volume, false));
    note (c, d->section, "volume", "", volume);
}

/* Variables may have made the value another one. */
static void
separate (struct change *c, const struct hv_options *from,
          const struct hv_options *now, const char *const keys[])
{
    for (; *keys; keys++) {
        if (is_same (settings_get (from, *keys), settings_get (now, *keys))
            && !remove_setting (c, from, now, *keys)) {
            note_template (c, now, *keys);
        }
    }
}

static void
separate_disk (struct change *c, const struct disk_def *from,
               const struct disk_def *now)
{
    bool same =
        is_same (from->volume, now->volume) && is_same (from->pool, now->pool);

    separate (c, from->section, now->section, disk_once);
    if (from->image) {
        return;
    }
    if (!clone_text_is_copied (from)) {
        if (!is_same (from->volume, now->volume)) {
            set_volume (c, from, from->volume);
        }
    } else if (same
               && !remove_setting (c, from->section, now->section, "volume")) {
        set_volume (c, from,
                    arena_format (c->a, "%s-%s", c->now->name, now->name));
    }
}

const char *
clone_text (struct arena *a, const char *text, const struct definition *from,
            const struct definition *now, struct vec *changed, struct vec *same)
{
    struct change c = { a, text, now, changed, same };

    for (size_t i = 0; i < from->disks.n; i++) {
        const struct disk_def *d = from->disks.p[i];
        const struct disk_def *other = definition_disk (now, d->name);

        if (other) {
            separate_disk (&c, d, other);
        }
    }
    for (size_t i = 0; i < from->nics.n; i++) {
        const struct nic_def *n = from->nics.p[i];
        const struct nic_def *other = definition_nic (now, n->name);

        if (other) {
            separate (&c, n->section, other->section, nic_once);
        }
    }
    if (from->cloud_init && now->cloud_init) {
        separate (&c, from->cloud_init->section, now->cloud_init->section,
                  cloud_once);
    }
    return c.text;
}
