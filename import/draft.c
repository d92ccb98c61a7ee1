/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/draft.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "common/size.h"
#include "core/base/name.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "import/draft-note.h"

#define MIB ((uint64_t)1 << 20)

static struct draft *
new_draft (struct import *im, struct vec *to, const char *kind,
           const char *name, const struct tree *from)
{
    struct draft *d = arena_alloc (im->a, sizeof *d);

    d->kind = kind;
    d->name = name;
    d->from = im->at = from;
    vec_add (im->a, &d->sections,
             arena_alloc (im->a, sizeof (struct draft_section)));
    vec_add (im->a, to, d);
    return d;
}

/* Is there one of that name already, in another case even?  vm.d may be on a
 * file system that does not tell them apart, and hvctl does. */
static void
check_twice (struct import *im, const struct vec *among, const char *what,
             const char *name, const struct tree *from)
{
    for (size_t i = 0; i < among->n; i++) {
        const struct draft *d = among->p[i];

        if (!strcmp (d->name, name) && (!d->kind || !strcmp (d->kind, what))) {
            draft_problem (im, from,
                           "there is already a %s %s, in %s:%d: give one of "
                           "them another name",
                           what, name, d->from->file, d->from->line);
            return;
        }
    }
}

struct draft *
draft_vm (struct import *im, const char *name, const struct tree *from)
{
    check_twice (im, &im->vms, "VM", name, from);
    return new_draft (im, &im->vms, NULL, name, from);
}

struct draft *
draft_host (struct import *im, const char *kind, const char *name,
            const struct tree *from)
{
    check_twice (im, &im->host, kind, name, from);
    return new_draft (im, &im->host, kind, name, from);
}

static struct draft_section *
find_section (const struct draft *d, const char *kind, const char *name)
{
    for (size_t i = 0; i < d->sections.n; i++) {
        struct draft_section *s = d->sections.p[i];

        if (kind ? s->kind && !strcmp (s->kind, kind)
                       && (!name || !strcmp (s->name, name))
                 : !s->kind) {
            return s;
        }
    }
    return NULL;
}

bool
draft_has (const struct draft *d, const char *kind, const char *name)
{
    return find_section (d, kind, name);
}

void
draft_set (struct import *im, struct draft *d, const char *kind,
           const char *name, const char *key, const char *value)
{
    struct draft_section *s = find_section (d, kind, name);
    struct draft_setting *set;

    if (!value) {
        return;
    }
    if (!s) {
        s = arena_alloc (im->a, sizeof *s);
        s->kind = kind;
        s->name = name;
        s->from = im->at;
        vec_add (im->a, &d->sections, s);
    }
    set = arena_alloc (im->a, sizeof *set);
    set->from = im->at;
    set->key = key;
    set->value = value;
    vec_add (im->a, &s->settings, set);
}

static const char *
setting_of (const struct draft *d, const char *key)
{
    const struct draft_section *s = d->sections.p[0];

    for (size_t i = 0; i < s->settings.n; i++) {
        const struct draft_setting *set = s->settings.p[i];

        if (!strcmp (set->key, key)) {
            return set->value;
        }
    }
    return "";
}

/* Has the host, or another draft, a section of that kind and name? */
static bool
is_taken (const struct import *im, const struct draft *but, const char *kind,
          const char *name)
{
    bool network = !strcmp (kind, "network");

    if (network ? host_network (im->h, name) : host_template (im->h, name)) {
        return true;
    }
    for (size_t i = 0; i < im->host.n; i++) {
        const struct draft *d = im->host.p[i];

        if (d != but && !strcmp (d->kind, kind) && !strcmp (d->name, name)) {
            return true;
        }
    }
    return false;
}

const char *
draft_network (struct import *im, const char *name, const char *type,
               const char *key, const char *value, const struct tree *from)
{
    const struct vec *networks = &im->h->host->networks;
    const struct tree *at = im->at;
    const char *valid, *unused;
    struct draft *d;

    for (size_t i = 0; i < networks->n; i++) {
        const struct hv_options *s = networks->p[i];
        const char *has = settings_get (s, key);

        if (!strcmp (settings_get (s, "type"), type) && has
            && !strcmp (has, value)) {
            return s->name;
        }
    }
    for (size_t i = 0; i < im->host.n; i++) {
        d = im->host.p[i];
        if (!strcmp (d->kind, "network")
            && !strcmp (setting_of (d, "type"), type)
            && !strcmp (setting_of (d, key), value)) {
            return d->name;
        }
    }
    valid = draft_name (im, NULL, "network", name);
    unused = valid;
    for (int i = 2; is_taken (im, NULL, "network", unused); i++) {
        unused = arena_format (im->a, "%s-%d", valid, i);
    }
    if (strcmp (unused, name) != 0) {
        draft_change (im, from, "network", "network %s is named %s: %s", name,
                      unused,
                      strcmp (valid, name) ? "hvctl does not take its name"
                                           : "the host has another one of its "
                                             "name");
    }
    d = draft_host (im, "network", unused, from);
    draft_set (im, d, NULL, NULL, "type", type);
    draft_set (im, d, NULL, NULL, key, value);
    im->at = at;
    return d->name;
}

/* As it is written in a configuration. */
static const char *
as_written (struct import *im, const char *value)
{
    const char *text = "", *at;

    while ((at = strpbrk (value, DRAFT_VAR DRAFT_END))) {
        text = arena_format (im->a, "%s%.*s%s", text, (int)(at - value), value,
                             *at == *DRAFT_VAR ? "${" : "}");
        value = at + 1;
    }
    return arena_format (im->a, "%s%s", text, value);
}

static bool
has_same (struct import *im, const struct hv_options *has,
          const struct draft_section *s)
{
    if (has->n_settings != s->settings.n) {
        return false;
    }
    for (size_t i = 0; i < s->settings.n; i++) {
        const struct draft_setting *set = s->settings.p[i];
        const struct setting *other = settings_find (has, set->key);

        if (!other
            || strcmp (other->written ? other->written : other->value,
                       as_written (im, set->value))
                   != 0) {
            return false;
        }
    }
    return true;
}

/* Has the host's section the same keys and values, and no more? */
static bool
is_equal (struct import *im, const struct hv_options *has,
          const struct draft *d)
{
    if (has->sections.n != d->sections.n - 1
        || !has_same (im, has, d->sections.p[0])) {
        return false;
    }
    for (size_t i = 0; i < has->sections.n; i++) {
        const struct hv_options *o = has->sections.p[i];
        const struct draft_section *s = find_section (d, o->kind, o->name);

        if (!s || !has_same (im, o, s)) {
            return false;
        }
    }
    return true;
}

void
draft_settle (struct import *im, struct draft *d)
{
    const char *name = d->name;
    const struct hv_options *first = host_template (im->h, name);

    for (int i = 2; is_taken (im, d, d->kind, d->name); i++) {
        const struct hv_options *has = host_template (im->h, d->name);

        if (has && is_equal (im, has, d)) {
            d->exists = true;
            return;
        }
        d->name = arena_format (im->a, "%s-%d", name, i);
    }
    if (first && d->name != name) {
        draft_change (im, d->from, "template",
                      "template %s is named %s: the host has another one of "
                      "its name (%s:%d)",
                      name, d->name, first->file, first->line);
    }
}

const char *
draft_named (const struct import *im, const char *kind, const struct tree *from)
{
    for (size_t i = 0; i < im->host.n; i++) {
        const struct draft *d = im->host.p[i];

        if (!strcmp (d->kind, kind) && d->from == from) {
            return d->name;
        }
    }
    return NULL;
}

void
draft_problem (struct import *im, const struct tree *node, const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    problem (&im->p, node->file, node->line, "%s",
             arena_vformat (im->a, fmt, args));
    va_end (args);
}

const char *
draft_name (struct import *im, struct tree *node, const char *what,
            const char *name)
{
    struct error err = { 0 };
    char *fixed;

    if (name_validate (what, name, &err) == 0) {
        return name;
    }
    fixed = arena_dup_n (im->a, name, strnlen (name, 63));
    for (char *c = fixed; *c; c++) {
        if (!isalnum ((unsigned char)*c) && !strchr ("_.-", *c)) {
            *c = '-';
        }
    }
    while (*fixed && !isalnum ((unsigned char)*fixed)) {
        fixed++;
    }
    fixed = *fixed ? fixed : arena_format (im->a, "%c", tolower (*what));
    if (node) {
        draft_change (im, node, what, "it is named %s: %s", fixed, err.text);
    }
    return fixed;
}

const char *
draft_path (struct import *im, const char *path)
{
    return *path == '/' ? path : arena_format (im->a, "%s/%s", im->dir, path);
}

void
draft_memory (struct import *im, struct draft *d, struct tree *node,
              uint64_t bytes)
{
    uint64_t whole = (bytes + MIB - 1) / MIB * MIB;
    char text[32];

    format_size (whole, text, sizeof text);
    draft_set (im, d, NULL, NULL, "memory", arena_dup (im->a, text));
    if (whole != bytes) {
        draft_change (im, node, "memory",
                      "%" PRIu64 " bytes are rounded up to %s: the memory of "
                      "a VM is a whole number of MiB",
                      bytes, text);
    }
}
