/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The other half of config.h: what holds for settings wherever they came
 * from.  Pure. */
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/mac.h"
#include "common/size.h"

void
problem (struct problems *p, const char *file, int line, const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start (args, fmt);
    text = arena_vformat (p->arena, fmt, args);
    va_end (args);
    vec_add (p->arena, &p->lines,
             line ? arena_format (p->arena, "%s:%d: %s", file, line, text)
                  : arena_format (p->arena, "%s: %s", file, text));
}

/* The line of "FILE:LINE: …", and how long that is up to it; 0: none. */
static int
line_of (const char *text, size_t *prefix)
{
    for (const char *p = strchr (text, ':'); p; p = strchr (p + 1, ':')) {
        size_t digits = strspn (p + 1, "0123456789");

        if (digits && p[1 + digits] == ':' && p[2 + digits] == ' ') {
            *prefix = (size_t)(p - text);
            return atoi (p + 1);
        }
    }
    *prefix = 0;
    return 0;
}

/* Those of a file in the order of its lines, whoever found them; stable. */
void
problems_sort (struct problems *p)
{
    for (size_t i = 1; i < p->lines.n; i++) {
        char *text = p->lines.p[i];
        size_t prefix, other, k = i;
        int line = line_of (text, &prefix);

        for (; line && k > 0; k--) {
            const char *before = p->lines.p[k - 1];
            int its = line_of (before, &other);

            if (other != prefix || its <= line
                || strncmp (before, text, prefix) != 0) {
                break;
            }
            p->lines.p[k] = p->lines.p[k - 1];
        }
        p->lines.p[k] = text;
    }
}

int
problems_fail (struct problems *p, struct error *err)
{
    /* What does not fit is counted: it must not vanish without a word. */
    const size_t room = sizeof err->text - sizeof "\n... and 1000000 more";
    size_t used = 0, i = 0;

    if (!p->lines.n) {
        return 0;
    }
    problems_sort (p);
    fail (err, EINVAL, "%s", "");
    for (; i < p->lines.n; i++) {
        const char *line = p->lines.p[i];
        size_t len = strlen (line) + (i > 0);

        if (used + len >= room && i > 0) {
            break;
        }
        used += (size_t)snprintf (err->text + used, room - used, "%s%s",
                                  i ? "\n" : "", line);
        used = used < room ? used : room - 1;
    }
    if (i < p->lines.n) {
        snprintf (err->text + used, sizeof err->text - used,
                  "\n... and %zu more", p->lines.n - i);
    }
    return -err->code;
}

/* No path begins with a tilde: a person means the home directory, which is
 * another one for each who reads the file. */
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
config_path (struct arena *a, const char *file, const char *path)
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
        return config_path (a, file, value);
    }
    while (*value) {
        size_t len = strcspn (value, ":");

        if (len) {
            paths = arena_format (
                a, "%s%s%s", paths ? paths : "", paths ? ":" : "",
                config_path (a, file, arena_dup_n (a, value, len)));
        }
        value += len + (value[len] == ':');
    }
    return paths ? paths : "";
}

bool
value_is (enum hv_type type, const char *value, const char **expected)
{
    uint64_t u;
    int64_t i;
    bool b;
    uint8_t mac[6];

    switch (type) {
    case HV_STRING:
        *expected = "some text";
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
                             "\"${HOME}/…\" is, and \"./~\" stands for itself"
                           : "some text";
        return are_paths (value, type == HV_PATHS);
    }
    *expected = "something else";
    return false;
}

static const struct hv_key *
find_key (const struct hv_key *keys, const char *name)
{
    for (; keys && keys->name; keys++) {
        if (!strcmp (keys->name, name) || !strcmp (keys->name, "*")) {
            return keys;
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
    problem (p, s->file, set->line, "unknown key '%s'%s%s%s%s%s%s", set->key,
             s->kind ? " in " : "", s->kind ? s->kind : "", s->name ? " " : "",
             s->name ? s->name : "", near ? ": did you mean " : "",
             near ? near : "");
}

void
config_check (struct hv_options *s, const struct hv_key *keys,
              struct problems *p)
{
    const char *expected;

    s->keys = keys;
    for (size_t i = 0; i < s->n_settings; i++) {
        struct setting *set = &s->settings[i];
        const struct hv_key *key = find_key (keys, set->key);

        if (!key) {
            unknown_key (s, set, keys, p);
        } else if (!value_is (key->type, set->value, &expected)) {
            problem (p, s->file, set->line, "%s = \"%s\" is not %s", set->key,
                     set->value, expected);
        } else if (key->type == HV_PATH || key->type == HV_PATHS) {
            set->path =
                absolute_paths (p->arena, s->file, set->value, key->type);
        }
    }
    for (; keys && keys->name; keys++) {
        if (keys->required && !config_get (s, keys->name)) {
            problem (p, s->file, section_line (s),
                     "%s%s%s%s'%s' is missing (%s)", s->kind ? s->kind : "",
                     s->name ? " " : "", s->name ? s->name : "",
                     s->kind ? ": " : "", keys->name, keys->summary);
        }
    }
}

static const struct setting *
find_setting (const struct hv_options *s, const char *key)
{
    for (size_t i = 0; s && i < s->n_settings; i++) {
        if (!strcmp (s->settings[i].key, key)) {
            return &s->settings[i];
        }
    }
    return NULL;
}

bool
config_is_set (const struct hv_options *s, const char *key)
{
    return find_setting (s, key) != NULL;
}

const char *
config_get (const struct hv_options *s, const char *key)
{
    const struct setting *set = find_setting (s, key);
    const struct hv_key *k = s && !set ? find_key (s->keys, key) : NULL;

    if (set) {
        return set->path ? set->path : set->value;
    }
    return k ? k->fallback : NULL;
}

int
config_line (const struct hv_options *s, const char *key)
{
    const struct setting *set = find_setting (s, key);

    return set ? set->line : section_line (s);
}
