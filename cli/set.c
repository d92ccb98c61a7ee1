/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Options --template NAME and --set KEY=VALUE, as text of a definition. */
#include <errno.h>
#include <string.h>

#include "cli/spec.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/config/keys.h"
#include "core/config/scan-list.h"
#include "core/config/textedit.h"

/* Reads a value in double quotes, with those within it escaped, or one without
 * up to a comma if it is 'in_list'. */
static const char *
read_value (struct arena *a, const char **at, bool in_list, struct error *err)
{
    const char *p = *at;
    char *value = arena_alloc (a, strlen (p) + 1), *to = value;
    size_t len = in_list ? strcspn (p, ",") : strlen (p);

    if (*p != '"') {
        *at = p + len;
        while (in_list && len && p[len - 1] == ' ') {
            len--;
        }
        return arena_dup_n (a, p, len);
    }
    for (p++; *p && *p != '"'; p++) {
        p += *p == '\\' && (p[1] == '"' || p[1] == '\\');
        *to++ = *p;
    }
    *to = '\0';
    *at = p + 1 + (*p ? strspn (p + 1, in_list ? " " : "") : 0);
    if (!*p || (**at && (!in_list || **at != ','))) {
        fail_exit (err, EXIT_USAGE, EINVAL,
                   *p ? "the value does not end with its second '\"': write "
                        "\\\" for one within it"
                      : "a '\"' is missing at the end");
        return NULL;
    }
    return value;
}

/* Adds the items of "{a, b}" or "a,b". */
static int
read_list (struct arena *a, const char *value, struct vec *items,
           struct error *err)
{
    size_t len = strlen (value);
    bool braces = len >= 2 && *value == '{' && value[len - 1] == '}';
    const char *at = braces ? arena_dup_n (a, value + 1, len - 2) : value;

    at += strspn (at, " ");
    while (*at || (!braces && !items->n)) {
        const char *item = read_value (a, &at, true, err);

        if (item && !*item) {
            fail_exit (err, EXIT_USAGE, EINVAL,
                       "an entry of the list is empty (an empty list is {})");
        }
        if (!item || !*item) {
            return -err->code;
        }
        vec_add (a, items, item);
        at += *at == ',';
        at += strspn (at, " ");
    }
    return 0;
}

/* As a file has it: "{ a, b }". */
static const char *
list_text (struct arena *a, const struct vec *items)
{
    const char *text = "";

    for (size_t i = 0; i < items->n; i++) {
        text = arena_format (a, "%s%s%s", text, i ? ", " : " ",
                             textedit_quote (a, items->p[i], true));
    }
    return arena_format (a, "{%s }", text);
}

int
text_add_templates (struct text *t, const struct vec *names, struct error *err)
{
    struct arena *a = &t->c->h.arena;
    struct vec all = { 0 };

    for (size_t i = 0; i < names->n; i++) {
        if (check_printable ("template", names->p[i], err) < 0
            || read_list (a, names->p[i], &all, err) < 0) {
            return -err->code;
        }
    }
    if (names->n) {
        text_add (t, "templates = %s\n", list_text (a, &all));
    }
    return 0;
}

/* The parts of "nic.lan.network=dmz". */
struct set_spec {
    const char *kind, *name, *key; /* The first two may be null. */
    const char *value;
};

/* Names of VMs' parts may have dots, and so may variables; keys have none. */
static int
split_key (struct arena *a, const char *path, struct set_spec *out,
           struct error *err)
{
    const char *dot = strchr (path, '.'), *last = strrchr (path, '.');

    *out = (struct set_spec){ .key = path, .value = out->value };
    if (!dot) {
        return 0;
    }
    out->kind = arena_dup_n (a, path, (size_t)(dot - path));
    out->key = dot + 1;
    for (const struct section_kind *k = definition_kinds; k->kind; k++) {
        if (strcmp (k->kind, out->kind) != 0) {
            continue;
        }
        if (!k->titled) {
            return 0;
        }
        if (last > dot + 1) {
            out->name = arena_dup_n (a, dot + 1, (size_t)(last - dot - 1));
            out->key = last + 1;
            return name_validate (out->kind, out->name, err);
        }
    }
    return fail_exit (
        err, EXIT_USAGE, EINVAL,
        "'%s': write KEY, disk.NAME.KEY, nic.NAME.KEY, "
        "plugin.NAME.KEY, cloud_init.KEY, labels.NAME or vars.NAME",
        path);
}

/* The table's line of the key; plugins have tables of their own. */
static int
find_key (struct arena *a, const struct set_spec *s, const struct hv_key **out,
          struct error *err)
{
    struct vec names = { 0 };

    *out = NULL;
    for (const struct hv_key *k = keys_of (s->kind); k && k->name; k++) {
        if (!strcmp (k->name, s->key)) {
            *out = k;
        }
        vec_add (a, &names, k->name);
    }
    if (*out || !names.n || !strcmp (names.p[0], "*")) {
        return *s->key ? 0
                       : fail_exit (err, EXIT_USAGE, EINVAL,
                                    "the key is missing before '='");
    }
    return fail_exit (err, EXIT_USAGE, EINVAL, "unknown key '%s'%s", s->key,
                      name_suggest_of (a, s->key, &names));
}

static int
apply (struct text *t, struct set_spec *s, struct error *err)
{
    struct arena *a = &t->c->h.arena;
    const struct hv_key *key;
    const char *value = s->value, *text;
    struct section_place at;
    struct vec items = { 0 };
    bool named = false;

    if (find_key (a, s, &key, err) < 0) {
        return -err->code;
    }
    if (textedit_setting (t->s, s->kind, s->name, s->key, &at)) {
        return fail_exit (err, EXIT_USAGE, EINVAL, "'%s' is given twice",
                          s->key);
    }
    if (scan_list_has (definition_kinds, s->kind, s->key)) {
        if (read_list (a, value, &items, err) < 0) {
            return -err->code;
        }
        value = list_text (a, &items);
    } else {
        value = read_value (a, &value, false, err);
        if (!value) {
            return -err->code;
        }
        if (s->kind && !strcmp (s->kind, "disk") && !strcmp (s->key, "image")
            && is_image_name (t->c, value, false, &named, err) < 0) {
            return -err->code;
        }
        if (key && key->type == HV_PATH && *value && !named) {
            value = absolute_path (t->c, value);
        }
        value = textedit_quote (a, value, true);
    }
    text = textedit_set (a, t->s, s->kind, s->name, s->key, value);
    if (!text) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "'%s' cannot be set in a definition", s->key);
    }
    t->s = text;
    return 0;
}

int
text_set (struct text *t, const char *spec, struct error *err)
{
    const char *equal = strchr (spec, '=');
    struct arena *a = &t->c->h.arena;
    struct set_spec s = { .value = equal ? equal + 1 : NULL };

    if (check_printable ("set", spec, err) < 0) {
        return -err->code;
    }
    if (!equal) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--set %s: write --set KEY=VALUE", spec);
    }
    if (!strncmp (spec, "count=", 6) || !strncmp (spec, "first=", 6)) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--set %s: use --count N, and --first N", spec);
    }
    return split_key (a, arena_dup_n (a, spec, (size_t)(equal - spec)), &s, err)
                       < 0
                   || apply (t, &s, err) < 0
               ? fail_prefix (err, "--set %s", spec)
               : 0;
}
