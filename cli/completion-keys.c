/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/completion-keys.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/known-image.h"
#include "core/provider/loaded.h"
#include "core/provider/loader.h"
#include "core/state/images.h"

void
completion_keys_names (const struct vec *sections, const char *before,
                       const char *what)
{
    for (size_t i = 0; i < sections->n; i++) {
        const struct hv_options *s = sections->p[i];

        out ("%s%s\t%s\n", before, s->name, what);
    }
}

/* ---------------------------------------------------------------- Values */

static void
offer_words (const char *const *words, const char *before)
{
    for (; *words; words++) {
        out ("%s%s\n", before, *words);
    }
}

/* Hypervisors' plugins; 'end' follows the name. */
static void
offer_hypervisors (struct cli *c, const char *before, const char *end)
{
    loader_load (&c->h);
    for (size_t i = 0; i < c->h.plugins.n; i++) {
        const struct plugin *p = c->h.plugins.p[i];

        if (p->has_hypervisor) {
            out ("%s%s%s\tplugin\n", before, p->name, end);
        }
    }
}

/* The values of a key, each behind 'before', which has all that is typed up to
 * '='. */
static void
offer_values (struct cli *c, const char *kind, const struct hv_key *key,
              const char *before)
{
    static const char *const yes_no[] = { "yes", "no", NULL };
    const struct key_words *words = keys_words (kind, key->name);
    const char *name = kind ? "" : key->name;

    if (words) {
        offer_words (words->words, before);
    } else if (key->type == HV_BOOL) {
        offer_words (yes_no, before);
    } else if (key->type == HV_PATH || key->type == HV_PATHS) {
        out (":file\n");
    } else if (!strcmp (name, "hypervisor")) {
        out ("%sauto\n", before);
        offer_hypervisors (c, before, "");
    } else if (!strcmp (name, "templates")) {
        completion_keys_names (&c->h.host->templates, before, "template");
    } else if (kind && !strcmp (kind, "nic")
               && !strcmp (key->name, "network")) {
        completion_keys_names (&c->h.host->networks, before, "network");
    } else if (kind && !strcmp (kind, "disk") && !strcmp (key->name, "pool")) {
        completion_keys_names (&c->h.host->pools, before, "pool");
    }
}

/* ------------------------------------------------------------------ Keys */

/* Up to the last of the characters, with it. */
static const char *
up_to (struct cli *c, const char *typed, const char *characters)
{
    size_t n = strlen (typed);

    while (n && !strchr (characters, typed[n - 1])) {
        n--;
    }
    return arena_dup_n (&c->h.arena, typed, n);
}

/* 'rest' is what is typed of "KEY=VALUE", 'before' what precedes it. */
static void
offer_settings (struct cli *c, const char *kind, const struct hv_key *keys,
                const char *before, const char *rest)
{
    const char *equal = strchr (rest, '=');

    for (; keys && keys->name; keys++) {
        if (!strcmp (keys->name, "*")) {
            continue;
        }
        if (!equal) {
            out ("%s%s=\t%s\n", before, keys->name, keys->summary);
        } else if (strlen (keys->name) == (size_t)(equal - rest)
                   && !strncmp (keys->name, rest, (size_t)(equal - rest))) {
            offer_values (c, kind, keys,
                          arena_format (&c->h.arena, "%s%s", before,
                                        up_to (c, rest, "={,")));
        }
    }
}

/* The keys of a hypervisor's section. */
static const struct hv_key *
plugin_keys (struct cli *c, const char *name)
{
    const struct plugin *p = loader_find (&c->h, name);

    return p && p->has_hypervisor ? p->hypervisor.keys : NULL;
}

/* "nic.": those that the command line has, and those of templates. */
static void
offer_parts (struct cli *c, const struct vec *parts, const char *kind)
{
    const struct vec *templates = &c->h.host->templates;
    size_t len = strlen (kind);
    struct vec all = { 0 };

    for (size_t i = 0; i < parts->n; i++) {
        const char *part = parts->p[i];

        if (!strncmp (part, kind, len) && part[len] == '.') {
            vec_add (&c->h.arena, &all, part);
        }
    }
    for (size_t i = 0; i < templates->n; i++) {
        const struct hv_options *t = templates->p[i];

        for (size_t k = 0; k < t->sections.n; k++) {
            const struct hv_options *s = t->sections.p[k];

            if (s->name && !strcmp (s->kind, kind)) {
                vec_add (&c->h.arena, &all,
                         arena_format (&c->h.arena, "%s.%s", kind, s->name));
            }
        }
    }
    vec_drop_doubles (&c->h.arena, &all);
    for (size_t i = 0; i < all.n; i++) {
        out ("%s.\t%s\n", (const char *)all.p[i], kind);
    }
    if (!strcmp (kind, "plugin")) {
        offer_hypervisors (c, "plugin.", ".");
    }
}

void
completion_keys_set (struct cli *c, const struct vec *parts, const char *typed)
{
    const char *dot = strchr (typed, '.'), *equal = strchr (typed, '=');
    const char *kind, *last;

    if (!dot || (equal && equal < dot)) {
        offer_settings (c, NULL, vm_keys, "", typed);
        for (const struct section_kind *k = definition_kinds; !equal && k->kind;
             k++) {
            if (*k->kind) {
                out ("%s.\tsection %s\n", k->kind, k->kind);
            }
        }
        return;
    }
    kind = arena_dup_n (&c->h.arena, typed, (size_t)(dot - typed));
    last = dot;
    for (const char *at = dot; *at && *at != '='; at++) {
        last = *at == '.' ? at : last;
    }
    if (last == dot) {
        offer_parts (c, parts, kind);
        return;
    }
    offer_settings (
        c, kind,
        !strcmp (kind, "plugin") ? plugin_keys (
            c, arena_dup_n (&c->h.arena, dot + 1, (size_t)(last - dot - 1)))
                                 : keys_of (kind),
        arena_dup_n (&c->h.arena, typed, (size_t)(last + 1 - typed)), last + 1);
}

void
completion_keys_spec (struct cli *c, const char *kind, const char *typed)
{
    const char *comma = strrchr (typed, ',');

    if (comma) {
        offer_settings (
            c, kind, keys_of (kind),
            arena_dup_n (&c->h.arena, typed, (size_t)(comma + 1 - typed)),
            comma + 1);
    }
}

void
completion_keys_known_images (struct cli *c)
{
    struct error ignored = { 0 };
    struct vec names = { 0 };

    known_image_names (&c->h, &names, &ignored);
    for (size_t i = 0; i < names.n; i++) {
        out ("%s\tknown image\n", (const char *)names.p[i]);
    }
}

void
completion_keys_images (struct cli *c)
{
    struct vec names = { 0 };

    images_names (&c->h, &names);
    for (size_t i = 0; i < names.n; i++) {
        out ("%s\timage\n", (const char *)names.p[i]);
    }
}
