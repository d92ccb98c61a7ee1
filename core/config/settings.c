/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/base/name.h"
#include "core/base/vec.h"

#include "core/config/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mac.h"
#include "common/size.h"
#include "core/config/keys.h"

/* No path begins with a tilde: it would mean a different home directory for
 * each user who reads the file. */
static bool
are_paths (const char *value, bool several)
{
    for (const char *c = value; several && (c = strchr (c, ':')); c++) {
        if (c[1] == '~') {
            return false;
        }
    }
    return *value && *value != '~';
}

const char *
settings_path (struct arena *a, const char *file, const char *path)
{
    const char *slash = strrchr (file, '/');

    return *path == '/' || !slash
               ? path
               : arena_format (a, "%.*s%s", (int)(slash + 1 - file), file,
                               path);
}

static const char *
absolute_paths (struct arena *a, const char *file, const char *value,
                enum hv_type type)
{
    const char *paths = NULL;

    if (type == HV_PATH) {
        return settings_path (a, file, value);
    }
    while (*value) {
        size_t len = strcspn (value, ":");

        if (len) {
            paths = arena_format (
                a, "%s%s%s", paths ? paths : "", paths ? ":" : "",
                settings_path (a, file, arena_dup_n (a, value, len)));
        }
        value += len + (value[len] == ':');
    }
    return paths ? paths : "";
}

bool
settings_fits (enum hv_type type, const char *value, const char **expected)
{
    uint64_t u;
    int64_t i;
    bool b;
    uint8_t mac[6];

    switch (type) {
    case HV_STRING:
        *expected = "a non-empty string";
        return *value;
    case HV_BOOL:
        *expected = "yes or no";
        return parse_bool (value, &b);
    case HV_UINT:
        *expected = "a whole number";
        return parse_uint (value, &u);
    case HV_SIZE:
        *expected = "a size such as 512M or 10G";
        return parse_size (value, &u);
    case HV_DURATION:
        *expected = "a duration such as 500ms, 90s or 2m";
        return parse_duration (value, &i);
    case HV_MAC:
        *expected = "a MAC address such as 52:54:00:12:34:56";
        return parse_mac (value, mac);
    case HV_PATH:
    case HV_PATHS:
        *expected = *value ? "a path: '~' is not expanded here, but "
                             "\"${env.HOME}/…\" is; for a file named '~' write "
                             "\"./~\""
                           : "a path";
        return are_paths (value, type == HV_PATHS);
    }
    *expected = "something else";
    return false;
}

/* Most keys differ in their first letter: a thousand definitions make half a
 * million comparisons. */
static bool
is_key (const char *a, const char *b)
{
    return *a == *b && !strcmp (a, b);
}

static const struct hv_key *
find_key (const struct hv_key *keys, const char *name)
{
    for (; keys && keys->name; keys++) {
        if (is_key (keys->name, name) || is_key (keys->name, "*")) {
            return keys;
        }
    }
    return NULL;
}

/* The first key that begins so; a letter or two begin many. */
static const char *
key_that_begins (const char *word, const struct hv_key *keys)
{
    size_t len = strlen (word);

    for (; len > 2 && keys && keys->name; keys++) {
        if (!strncmp (keys->name, word, len)) {
            return keys->name;
        }
    }
    return NULL;
}

static void
unknown_key (const struct hv_options *s, const struct setting *set,
             const struct hv_key *keys, struct problems *p)
{
    struct vec names = { 0 };
    const char *near;

    for (const struct hv_key *k = keys; k && k->name; k++) {
        vec_add (p->arena, &names, k->name);
    }
    near =
        names.n ? name_nearest (set->key, (const char *const *)names.p) : NULL;
    near = near ? near : key_that_begins (set->key, keys);
    problem (p, set->file, set->line, "unknown key '%s'%s%s%s%s%s", set->key,
             s->kind ? " in " : "", s->kind ? s->kind : "", s->name ? " " : "",
             s->name ? s->name : "",
             near ? arena_format (p->arena, ": did you mean '%s'?", near) : "");
}

/* ", from \"${ram}\"", for messages. */
static const char *
made_of (struct arena *a, const struct setting *set)
{
    return set && set->written && !set->unknown
               ? arena_format (a, " (from \"%s\")", set->written)
               : "";
}

/* A whole number, too, that is less than zero, or has too many digits. */
static bool
is_number (const char *value)
{
    value += *value == '-';
    return *value && !value[strspn (value, "0123456789")];
}

static void
check_range (const struct hv_options *s, const struct setting *set,
             const struct hv_key *keys, struct problems *p)
{
    const struct key_range *range = keys_range (keys, set->key);
    uint64_t n = 0, least = range ? range->least : 0;
    bool read = parse_uint (set->value, &n);

    if (!range) {
        if (!read) {
            settings_problem (p, s, set->key, "%s must be from 0 on, not %s",
                              set->key, set->value);
        }
    } else if (!read || n > range->most || (n < least && (n || !range->zero))) {
        settings_problem (
            p, s, set->key,
            "%s must be from %" PRIu64 " to %" PRIu64 "%s%s, not %s", set->key,
            least, range->most, range->zero ? ", or " : "",
            range->zero ? range->zero : "", set->value);
    }
}

void
settings_check (struct hv_options *s, const struct hv_key *keys,
                struct problems *p)
{
    const char *expected;

    s->keys = keys;
    for (size_t i = 0; i < s->n_settings; i++) {
        if (!find_key (keys, s->settings[i].key)) {
            unknown_key (s, &s->settings[i], keys, p);
        }
    }
    for (size_t i = 0; i < s->n_settings; i++) {
        struct setting *set = &s->settings[i];
        const struct hv_key *key = find_key (keys, set->key);

        if (!key || set->unknown || (set->list && !*set->value)) {
            continue;
        }
        if (!*set->value) {
            problem (p, set->file, set->line, "%s'%s' is empty%s",
                     settings_section (p->arena, s), set->key,
                     made_of (p->arena, set));
        } else if (key->type == HV_UINT && is_number (set->value)) {
            check_range (s, set, keys, p);
        } else if (!settings_fits (key->type, set->value, &expected)) {
            problem (p, set->file, set->line, "%s%s = \"%s\"%s is not %s",
                     settings_section (p->arena, s), set->key, set->value,
                     made_of (p->arena, set), expected);
        } else if (key->type == HV_PATH || key->type == HV_PATHS) {
            set->path =
                absolute_paths (p->arena, set->file, set->value, key->type);
        }
    }
    for (; !s->part && keys && keys->name; keys++) {
        if (keys->required && !settings_find (s, keys->name)) {
            problem (p, s->file, s->line, "%s%s%s%s'%s' is missing (%s)",
                     s->kind ? s->kind : "", s->name ? " " : "",
                     s->name ? s->name : "", s->kind ? ": " : "", keys->name,
                     keys->summary);
        }
    }
}

struct setting *
settings_find (const struct hv_options *s, const char *key)
{
    for (size_t i = 0; key && s && i < s->n_settings; i++) {
        if (is_key (s->settings[i].key, key)) {
            return &s->settings[i];
        }
    }
    return NULL;
}

bool
settings_unknown (const struct hv_options *s)
{
    for (size_t i = 0; i < s->n_settings; i++) {
        if (s->settings[i].unknown) {
            return true;
        }
    }
    return s->part;
}

bool
settings_is_set (const struct hv_options *s, const char *key)
{
    return settings_find (s, key) != NULL;
}

const char *
settings_get (const struct hv_options *s, const char *key)
{
    const struct setting *set = settings_find (s, key);
    bool known = set && !set->unknown;
    const struct hv_key *k = s && !known ? find_key (s->keys, key) : NULL;

    if (known) {
        return set->path ? set->path : set->value;
    }
    return k ? k->fallback : NULL;
}

const char *
settings_file (const struct hv_options *s, const char *key)
{
    const struct setting *set = settings_find (s, key);

    return set ? set->file : s->file;
}

int
settings_line (const struct hv_options *s, const char *key)
{
    const struct setting *set = settings_find (s, key);

    return set ? set->line : s->line;
}

const char *
settings_where (struct arena *a, const struct hv_options *s, const char *key)
{
    return arena_format (a, "%s:%d", settings_file (s, key),
                         settings_line (s, key));
}

const char *
settings_section (struct arena *a, const struct hv_options *s)
{
    return s->name ? arena_format (a, "%s %s: ", s->kind, s->name) : "";
}

void
settings_problem (struct problems *p, const struct hv_options *s,
                  const char *key, const char *fmt, ...)
{
    const struct setting *set = settings_find (s, key);
    va_list args;
    const char *text;

    va_start (args, fmt);
    text = arena_vformat (p->arena, fmt, args);
    va_end (args);
    if (set && set->written && !set->unknown) {
        text = arena_format (p->arena, "%s (\"%s\" is \"%s\")", text,
                             set->written, set->value);
    }
    problem (p, settings_file (s, key), settings_line (s, key), "%s", text);
}
