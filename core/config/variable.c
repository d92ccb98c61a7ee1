/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/config/variable.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/expand.h"
#include "core/config/identity.h"
#include "core/config/settings.h"

#define MAX_NESTED 64

static const char *const builtin[] = { "name", "index", "uuid", NULL };

/* One definition, or one section of the host configuration. */
struct variables {
    struct problems *p;
    struct hv_options *root; /* Of the definition, or null. */
    const struct hv_options *vars;
    const char *vm;
    bool partial;    /* Nothing is known of the VM, nor what it adds. */
    struct vec open; /* struct setting *, in whose values we are... */
    const struct hv_options *section; /* ...of which the first one is in it. */
};

static bool
begins (const char *name, const char *with)
{
    return !strncmp (name, with, strlen (with));
}

static const char *value_of (struct variables *v, struct setting *set,
                             const char **why);

/* As variables of the environment are written. */
static bool
is_upper (const char *name)
{
    return !name[strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789")];
}

static const char *
no_such_variable (const struct variables *v, const char *name)
{
    struct arena *a = v->p->arena;
    const char *hyphen = strchr (name, '-'), *near;
    struct vec names = { 0 };

    for (const char *const *b = builtin; v->vm && *b; b++) {
        vec_add (a, &names, *b);
    }
    for (size_t i = 0; v->vars && i < v->vars->n_settings; i++) {
        vec_add (a, &names, v->vars->settings[i].key);
    }
    near = names.n ? name_nearest (name, (const char *const *)names.p) : NULL;
    return near ? arena_format (a,
                                "there is no variable '%s': did you mean "
                                "'%s'?",
                                name, near)
           : getenv (name) || is_upper (name)
               ? arena_format (a,
                               "there is no variable '%s': for that of the "
                               "environment, write ${env.%s}",
                               name, name)
           : hyphen
               ? arena_format (a,
                               "there is no variable '%s': a difference has "
                               "blanks around '-'",
                               name)
               : arena_format (a,
                               "there is no variable '%s': set it in a section "
                               "'vars'",
                               name);
}

static const char *
from_environment (struct variables *v, const char *name, const char **why)
{
    const char *value = getenv (name);

    if (!value) {
        *why = arena_format (v->p->arena,
                             "the environment variable %s is not set (sudo, su "
                             "and systemd pass on few)",
                             name);
    } else if (expand_has (value) || expand_has_control (value)) {
        *why = arena_format (v->p->arena,
                             "the environment variable %s contains a control "
                             "character",
                             name);
        value = NULL;
    }
    return value;
}

static const char *
find_index (struct variables *v, const char **why)
{
    const char *index = name_index (v->vm);

    if (!index) {
        *why = arena_format (v->p->arena,
                             "%s has no index: its name does not end with '-' "
                             "and a number",
                             v->vm);
    }
    return index;
}

static const char *
find_uuid (struct variables *v, const char **why)
{
    struct setting *set = settings_find (v->root, "uuid");
    char *uuid;

    if (!set) {
        return name_uuid (v->p->arena, v->vm);
    }
    uuid = arena_dup (v->p->arena, value_of (v, set, why));
    for (char *c = uuid; c && *c; c++) {
        *c = (char)tolower ((unsigned char)*c);
    }
    return uuid;
}

/* The value of a setting, or null if it is not set or unknown. */
static const char *
find_value (struct variables *v, const struct hv_options *s, const char *key,
            const char **why)
{
    struct setting *set = settings_find (s, key);

    return set ? value_of (v, set, why) : NULL;
}

static bool
derive_mac (struct variables *v, const struct hv_options *nic, uint8_t mac[6],
            const char **why)
{
    const char *bad = NULL;
    const char *scheme = find_value (v, v->root, "identity", &bad);
    const char *base = find_value (v, v->root, "identity_base", &bad);
    const char *address = find_value (v, nic, "address", &bad);
    const char *uuid = find_uuid (v, &bad);
    const struct identity id = { scheme ? scheme : IDENTITY_OLD, v->vm, uuid,
                                 base };

    if (!bad && uuid) {
        bad = identity_mac (v->p->arena, &id, nic->name, address, mac);
    }
    *why = bad;
    return uuid && !bad;
}

static const char *
mac_of (struct variables *v, const struct hv_options *nic, const char **why)
{
    struct setting *set = settings_find (nic, "mac");
    const char *value = set ? value_of (v, set, why) : NULL;
    char text[MAC_TEXT];
    uint8_t mac[6];

    if (set ? !value || !parse_mac (value, mac)
            : !derive_mac (v, nic, mac, why)) {
        return value; /* The check of the definition reports it. */
    }
    return arena_dup (v->p->arena, format_mac (mac, text));
}

static const char *
find_mac (struct variables *v, const char *name, const char **why)
{
    struct vec names = { 0 };

    for (size_t i = 0; i < v->root->sections.n; i++) {
        const struct hv_options *s = v->root->sections.p[i];

        if (!strcmp (s->kind, "nic") && !strcmp (s->name, name)) {
            return mac_of (v, s, why);
        }
        if (!strcmp (s->kind, "nic")) {
            vec_add (v->p->arena, &names, s->name);
        }
    }
    *why = arena_format (v->p->arena, "%s has no nic '%s'%s", v->vm, name,
                         name_suggest_of (v->p->arena, name, &names));
    return NULL;
}

static bool
is_builtin (const char *name)
{
    for (const char *const *b = builtin; *b; b++) {
        if (!strcmp (*b, name)) {
            return true;
        }
    }
    return begins (name, "mac.") || begins (name, "env.");
}

static const char *
lookup (void *data, const char *name, const char **why)
{
    struct variables *v = data;
    struct setting *set;

    if (v->partial) {
        return NULL;
    }
    if (begins (name, "env.")) {
        return from_environment (v, name + 4, why);
    }
    if (is_builtin (name) && !v->vm) {
        *why = arena_format (v->p->arena,
                             "'%s' is known only in definitions and templates",
                             name);
        return NULL;
    }
    if (is_builtin (name)) {
        return !strcmp (name, "name")    ? v->vm
               : !strcmp (name, "index") ? find_index (v, why)
               : !strcmp (name, "uuid")  ? find_uuid (v, why)
                                         : find_mac (v, name + 4, why);
    }
    set = settings_find (v->vars, name);
    if (!set) {
        *why = no_such_variable (v, name);
        return NULL;
    }
    return value_of (v, set, why);
}

/* As a reference names it: the MAC address of each NIC is a variable. */
static const char *
variable_name (const struct variables *v, const struct setting *set)
{
    for (size_t i = 0; v->root && i < v->root->sections.n; i++) {
        const struct hv_options *s = v->root->sections.p[i];

        if (!strcmp (s->kind, "nic") && settings_find (s, "mac") == set) {
            return arena_format (v->p->arena, "mac.%s", s->name);
        }
    }
    return set->key;
}

/* "a -> b -> a" */
static const char *
describe_cycle (const struct variables *v, const struct setting *set)
{
    const char *chain = "", *name = variable_name (v, set);
    bool inside = false;

    for (size_t i = 0; i < v->open.n; i++) {
        const struct setting *o = v->open.p[i];

        inside = inside || o == set;
        chain = inside ? arena_format (v->p->arena, "%s%s -> ", chain,
                                       variable_name (v, o))
                       : chain;
    }
    return arena_format (v->p->arena, "'%s' refers to itself: %s%s", name,
                         chain, name);
}

/* The place is the innermost value; the outermost one tells what it is for. */
static void
report (struct variables *v, const struct setting *set, const struct expand *e)
{
    const struct setting *first = v->open.p[0];
    struct arena *a = v->p->arena;

    const char *section = settings_section (a, v->section);

    problem (v->p, set->file, set->line, "%s%s = \"%s\", character %zu: %s%s%s",
             first == set ? section : "", set->key, set->written, e->at, e->why,
             first == set
                 ? ""
                 : arena_format (a, "; %s'%s' needs it (%s:%d)", section,
                                 first->key, first->file, first->line),
             set->from && v->vm ? arena_format (a, "; for VM %s", v->vm) : "");
}

/* Replaces the variables in one value. */
static void
expand (struct variables *v, struct setting *set)
{
    struct expand e = {
        .arena = v->p->arena, .lookup = lookup, .data = v, .partial = v->partial
    };
    const char *value;

    set->busy = true;
    vec_add (v->p->arena, &v->open, set);
    value = expand_text (&e, set->value);
    if (!value && e.why) {
        report (v, set, &e);
    }
    v->open.p[--v->open.n] = NULL;
    set->busy = set->pending = false;
    set->unknown = !value;
    set->value = value ? value : set->written;
}

/* Returns null without a reason if the value is unknown: that has been
 * reported. */
static const char *
value_of (struct variables *v, struct setting *set, const char **why)
{
    if (set->busy) {
        *why = describe_cycle (v, set);
        return NULL;
    }
    if (set->pending && v->open.n >= MAX_NESTED) {
        *why = arena_format (v->p->arena,
                             "more than %d variables refer to each other",
                             MAX_NESTED);
        return NULL;
    }
    if (set->pending) {
        expand (v, set);
    }
    return set->unknown ? NULL : set->value;
}

static void
expand_section (struct variables *v, struct hv_options *s)
{
    v->section = s;
    for (size_t i = 0; i < s->n_settings; i++) {
        if (s->settings[i].pending) {
            expand (v, &s->settings[i]);
        }
    }
}

void
variable_expand (struct hv_options *root, const char *vm, struct problems *p)
{
    struct variables v = { .p = p, .root = root, .vm = vm };

    for (size_t i = 0; i < root->sections.n; i++) {
        const struct hv_options *s = root->sections.p[i];

        if (!strcmp (s->kind, "vars")) {
            v.vars = s;
            variable_check_names (s, p);
        }
    }
    expand_section (&v, root);
    for (size_t i = 0; i < root->sections.n; i++) {
        if (root->sections.p[i] != v.vars) {
            expand_section (&v, root->sections.p[i]);
        }
    }
}

void
variable_try (struct hv_options *template, struct problems *p)
{
    struct variables v = { .p = p, .partial = true };

    expand_section (&v, template);
    for (size_t i = 0; i < template->sections.n; i++) {
        struct hv_options *s = template->sections.p[i];

        expand_section (&v, s);
        if (!strcmp (s->kind, "vars")) {
            variable_check_names (s, p);
        }
    }
}

void
variable_expand_host (struct hv_options *s, const struct hv_options *vars,
                      struct problems *p)
{
    struct variables v = { .p = p };
    struct hv_options *copy;

    /* For another section, or in a definition, they may have other values. */
    if (vars) {
        copy = arena_alloc (p->arena, sizeof *copy);
        *copy = *vars;
        copy->settings = arena_alloc (p->arena, (vars->n_settings + 1)
                                                    * sizeof *copy->settings);
        if (vars->n_settings) {
            memcpy (copy->settings, vars->settings,
                    vars->n_settings * sizeof *copy->settings);
        }
        v.vars = copy;
    }
    expand_section (&v, s);
}

void
variable_check_names (const struct hv_options *vars, struct problems *p)
{
    for (size_t i = 0; vars && i < vars->n_settings; i++) {
        const struct setting *set = &vars->settings[i];

        if (is_builtin (set->key)) {
            problem (p, set->file, set->line,
                     "'%s' cannot be set: hvctl has a variable of this name",
                     set->key);
        } else if (!expand_is_name (set->key)) {
            problem (p, set->file, set->line,
                     "'%s' is not a valid name of a variable: it consists of "
                     "letters, digits, '_' and, within it, '.' and '-', and "
                     "begins with a letter or '_'",
                     set->key);
        }
    }
}
