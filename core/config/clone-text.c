/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/clone-text.h"

#include <string.h>

#include "common/mac.h"
#include "core/config/cloud-init.h"
#include "core/config/effective.h"
#include "core/config/pending-text.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

/* A text that is being changed. */
struct change {
    struct arena *a;
    const char *text;
    const struct definition *from, *now;
    const struct vec *kept;
    struct vec macs; /* char *: those that no NIC of the clone may get. */
};

/* Keys of a section whose values are for one VM only. */
static const char *const disk_once[] = { "serial", "wwn", NULL };
static const char *const cloud_once[] = { "hostname", "instance_id", NULL };
static const char *const nic_once[] = { "address", "forward", NULL };

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

/* Was the value written out, since the clone would have none without it? */
static bool
is_kept (const struct change *c, const struct hv_options *s, const char *key)
{
    const char *begin = pending_kept (c->a, s->kind, s->name, key, "");

    for (size_t i = 0; i < c->kept->n; i++) {
        if (!strncmp (c->kept->p[i], begin, strlen (begin))) {
            return true;
        }
    }
    return false;
}

/* Removes a setting of the file.  Returns false if it is not there, or has to
 * be: a template's is the same for both. */
static bool
remove_setting (struct change *c, const struct hv_options *s, const char *key)
{
    const struct setting *set = settings_find (s, key);

    if (!set || set->from || is_kept (c, s, key)) {
        return false;
    }
    c->text = textedit_remove (c->a, c->text, s->kind, s->name, key);
    return true;
}

static void
set_volume (struct change *c, const struct disk_def *d, const char *volume)
{
    c->text = textedit_set (c->a, c->text, "disk", d->name, "volume",
                            textedit_quote (c->a, volume, false));
}

/* Variables may have made the value another one. */
static void
separate (struct change *c, const struct hv_options *from,
          const struct hv_options *now, const char *const keys[])
{
    for (; *keys; keys++) {
        if (is_same (settings_get (from, *keys), settings_get (now, *keys))) {
            remove_setting (c, now, *keys);
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
    } else if (same && !remove_setting (c, now->section, "volume")) {
        set_volume (c, from,
                    arena_format (c->a, "%s-%s", c->now->name, now->name));
    }
}

/* --------------------------------------------------------- MAC addresses */

static const char *
mac_text (struct change *c, const uint8_t mac[6])
{
    char text[MAC_TEXT];

    return arena_dup (c->a, format_mac (mac, text));
}

/* Those of the origin, and those that stay. */
static void
note_macs (struct change *c)
{
    for (size_t i = 0; i < c->from->nics.n; i++) {
        const struct nic_def *n = c->from->nics.p[i];

        vec_add (c->a, &c->macs, mac_text (c, n->mac));
    }
    for (size_t i = 0; i < c->now->nics.n; i++) {
        const struct nic_def *n = c->now->nics.p[i];

        vec_add (c->a, &c->macs, mac_text (c, n->mac));
    }
}

/* Can the scheme of the clone derive one that no other NIC has?  That is so if
 * it derives it from the UUID, and not from the name or an address. */
static bool
is_derived (struct change *c, const struct nic_def *n)
{
    struct identity other = c->now->identity;
    uint8_t mac[6], same[6];
    const char *text;

    other.uuid = c->from->uuid;
    if (identity_mac (c->a, &c->now->identity, n->name, NULL, mac)
        || identity_mac (c->a, &other, n->name, NULL, same)
        || !memcmp (mac, same, sizeof mac)) {
        return false;
    }
    text = mac_text (c, mac);
    if (vec_has (&c->macs, text)) {
        return false;
    }
    vec_add (c->a, &c->macs, text);
    return true;
}

/* A template's is overridden. */
static void
separate_mac (struct change *c, const struct nic_def *from,
              const struct nic_def *now)
{
    const struct setting *set = settings_find (now->section, "mac");
    uint8_t mac[6];

    if (memcmp (from->mac, now->mac, sizeof mac) != 0) {
        return;
    }
    remove_setting (c, now->section, "mac");
    if ((set && set->from) || !is_derived (c, now)) {
        identity_random_mac (mac);
        c->text = textedit_set (c->a, c->text, "nic", now->name, "mac",
                                mac_text (c, mac));
    }
}

const char *
clone_text (struct arena *a, const char *text, const struct definition *from,
            const struct definition *now, const struct vec *kept)
{
    struct change c = {
        .a = a, .text = text, .from = from, .now = now, .kept = kept
    };

    note_macs (&c);
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
            separate_mac (&c, n, other);
        }
    }
    if (from->cloud_init && now->cloud_init) {
        separate (&c, from->cloud_init->section, now->cloud_init->section,
                  cloud_once);
    }
    return c.text;
}

/* ------------------------------------------------------------ The report */

static bool
is_once (const char *kind, const char *key)
{
    const char *const *keys = !kind                          ? NULL
                              : !strcmp (kind, "disk")       ? disk_once
                              : !strcmp (kind, "nic")        ? nic_once
                              : !strcmp (kind, "cloud_init") ? cloud_once
                                                             : NULL;

    for (; keys && *keys; keys++) {
        if (!strcmp (*keys, key)) {
            return true;
        }
    }
    return false;
}

static const char *
place (struct arena *a, const struct hv_options *s, const char *key)
{
    const char *where = settings_where (a, s, key);

    return s->kind ? arena_format (a, "%s: %s%s%s", where, s->kind,
                                   s->name ? " " : "", s->name ? s->name : "")
                   : where;
}

static void
compare_key (struct arena *a, const struct hv_options *from,
             const struct hv_options *now, const char *key, struct vec *changed,
             struct vec *same)
{
    const char *was =
        settings_is_set (from, key) ? settings_get (from, key) : NULL;
    const char *is =
        settings_is_set (now, key) ? settings_get (now, key) : NULL;
    const struct setting *set = settings_find (from, key);
    const char *at = place (a, from, key);

    if (is_same (was, is)) {
        if (is_once (from->kind, key)) {
            vec_add (a, same,
                     arena_format (a, "%s: %s = %s is %sthe same for both", at,
                                   key, was,
                                   set->from ? "a template's, and " : ""));
        }
    } else if (was && is) {
        vec_add (
            a, changed,
            arena_format (a, "%s: %s = %s, instead of %s", at, key, is, was));
    } else {
        vec_add (a, changed,
                 arena_format (a, "%s: %s%s = %s", at, was ? "without " : "",
                               key, was ? was : is));
    }
}

static void
compare_section (struct arena *a, const struct hv_options *from,
                 const struct hv_options *now, struct vec *changed,
                 struct vec *same)
{
    for (size_t i = 0; i < from->n_settings; i++) {
        const char *key = from->settings[i].key;

        if (!effective_omits (from, key)
            && (from->kind || strcmp (key, "uuid"))) {
            compare_key (a, from, now, key, changed, same);
        }
    }
    for (size_t i = 0; i < now->n_settings; i++) {
        const char *key = now->settings[i].key;

        if (!effective_omits (now, key) && !settings_is_set (from, key)
            && (now->kind || strcmp (key, "uuid"))) {
            compare_key (a, from, now, key, changed, same);
        }
    }
}

void
clone_text_compare (struct arena *a, const struct definition *from,
                    const struct definition *now, struct vec *changed,
                    struct vec *same)
{
    compare_section (a, from->root, now->root, changed, same);
    for (size_t i = 0; i < from->root->sections.n; i++) {
        const struct hv_options *s = from->root->sections.p[i];

        for (size_t k = 0; k < now->root->sections.n; k++) {
            const struct hv_options *o = now->root->sections.p[k];

            if (!strcmp (s->kind, o->kind)
                && (s->name ? is_same (s->name, o->name) : !o->name)) {
                compare_section (a, s, o, changed, same);
            }
        }
    }
}
