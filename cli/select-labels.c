/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/select-labels.h"

#include <errno.h>
#include <string.h>

#include "core/base/name.h"
#include "core/config/about.h"
#include "core/config/settings.h"

#define MOST_SEEN 1000 /* Labels that are remembered for a message, ... */
#define MOST_SHOWN 8   /* ...and that it lists. */

struct label_term {
    const char *text;        /* As given. */
    const char *key, *value; /* The value may be null. */
    bool differs;            /* KEY!=VALUE */
    bool met;                /* By a VM. */
};

static int
parse_term (struct arena *a, const char *text, struct label_term *out,
            struct error *err)
{
    const char *equal = strchr (text, '=');
    size_t len = equal ? (size_t)(equal - text) : strlen (text);
    struct error why = { 0 };

    out->text = text;
    out->differs = equal && len && text[len - 1] == '!';
    out->key = arena_dup_n (a, text, len - out->differs);
    out->value = equal ? equal + 1 : NULL;
    if (about_label_name (out->key, &why) < 0) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--label '%s': write KEY, KEY=VALUE or KEY!=VALUE "
                          "(%s)",
                          text, why.text);
    }
    return out->value && !*out->value
               ? fail_exit (err, EXIT_USAGE, EINVAL,
                            "--label '%s': the value is missing, and no label "
                            "has an empty one: --label %s selects all VMs that "
                            "have the label",
                            text, out->key)
               : 0;
}

int
labels_parse (struct arena *a, const struct vec *values,
              struct label_terms *out, struct error *err)
{
    out->arena = a;
    out->terms = arena_alloc (a, (values->n + 1) * sizeof *out->terms);
    for (; out->n < values->n; out->n++) {
        if (parse_term (a, values->p[out->n], &out->terms[out->n], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* As with kubectl, a VM without the label has another value, too.  A value that
 * is unknown, because the definition is invalid, meets nothing. */
static bool
is_met (const struct label_term *t, const struct definition *def)
{
    const struct setting *set = settings_find (def->labels, t->key);
    bool same = set && (!t->value || !strcmp (set->value, t->value));
    /* A template that is missing could have another value, or one at all. */
    bool own = set && !set->from;

    return (own || !def->incomplete) && !(set && set->unknown)
           && same != t->differs;
}

static void
remember (struct label_terms *t, const struct hv_options *labels)
{
    for (size_t i = 0; i < labels->n_settings && t->seen.n < MOST_SEEN; i++) {
        const char *key = labels->settings[i].key;
        const char *value = settings_get (labels, key);
        const char *text =
            value ? arena_format (t->arena, "%s=%s", key, value) : NULL;

        if (text && !vec_has (&t->seen, text)) {
            vec_add (t->arena, &t->seen, text);
        }
    }
}

bool
labels_match (struct label_terms *t, const struct definition *def)
{
    bool all = true;

    for (size_t i = 0; i < t->n; i++) {
        bool met = is_met (&t->terms[i], def);

        t->terms[i].met |= met;
        all = all && met;
    }
    if (def->labels && !all) {
        remember (t, def->labels);
    }
    return all;
}

/* The keys that there are, or the values of one. */
static void
list_seen (const struct label_terms *t, const char *key, struct vec *out)
{
    size_t len = key ? strlen (key) : 0;

    for (size_t i = 0; i < t->seen.n; i++) {
        const char *text = t->seen.p[i];

        if (!key) {
            vec_add (t->arena, out,
                     arena_dup_n (t->arena, text, strcspn (text, "=")));
        } else if (!strncmp (text, key, len) && text[len] == '=') {
            vec_add (t->arena, out, text + len + 1);
        }
    }
    vec_sort (out);
    vec_drop_doubles (t->arena, out);
}

/* ": did you mean 'role=web'?", or all that there are. */
static const char *
suggest (const struct label_terms *t, const struct label_term *term)
{
    struct vec keys = { 0 }, values = { 0 };
    struct arena *a = t->arena;
    const char *near;

    list_seen (t, NULL, &keys);
    list_seen (t, term->key, &values);
    if (!keys.n) {
        return ": they have no labels (hvctl.conf(5), section 'labels')";
    }
    if (values.n && term->value) {
        near = name_nearest (term->value, (const char *const *)values.p);
        return near ? arena_format (a, ": did you mean '%s=%s'?", term->key,
                                    near)
                    : arena_format (a, ": the values of '%s' are %s", term->key,
                                    name_list (a, &values, MOST_SHOWN));
    }
    near = name_nearest (term->key, (const char *const *)keys.p);
    return near ? arena_format (a, ": did you mean '%s'?", near)
                : arena_format (a, ": their labels are %s",
                                name_list (a, &keys, MOST_SHOWN));
}

int
labels_fail (const struct label_terms *t, bool named, struct error *err)
{
    const char *who = named ? "none of the VMs named" : "no VM";
    const char *all = "";

    for (size_t i = 0; i < t->n; i++) {
        const struct label_term *term = &t->terms[i];

        if (!term->met && !term->differs) {
            return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                              "%s has the label '%s'%s", who, term->text,
                              suggest (t, term));
        }
        if (!term->met) {
            return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                              "%s matches '%s': all of them have that value",
                              who, term->text);
        }
        all = arena_format (t->arena, "%s%s'%s'", all, *all ? ", " : "",
                            term->text);
    }
    return fail_exit (err, EXIT_NOT_FOUND, ENOENT,
                      "%s matches all of %s, although some match each of them",
                      who, all);
}
