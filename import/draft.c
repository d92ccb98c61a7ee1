/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/draft.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/size.h"
#include "core/base/name.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

struct draft_setting {
    const char *key, *value;
};

struct draft_section {
    const char *kind, *name; /* Null: untitled. */
    struct vec settings;     /* struct draft_setting * */
};

static struct draft *
new_draft (struct import *im, struct vec *to, const char *kind,
           const char *name, const struct tree *from)
{
    struct draft *d = arena_alloc (im->a, sizeof *d);

    d->kind = kind;
    d->name = name;
    d->from = from;
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
            draft_problem (im, from, "there is already a %s %s, in %s:%d", what,
                           name, d->from->file, d->from->line);
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
        vec_add (im->a, &d->sections, s);
    }
    set = arena_alloc (im->a, sizeof *set);
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

/* Returns a free name for a network: "br0", or "br0-2". */
static const char *
free_network (struct import *im, const char *name)
{
    const char *tried = name;

    for (int i = 2;; i++) {
        bool taken = host_network (im->h, tried);

        for (size_t k = 0; k < im->host.n; k++) {
            const struct draft *d = im->host.p[k];

            taken |= !strcmp (d->kind, "network") && !strcmp (d->name, tried);
        }
        if (!taken) {
            return tried;
        }
        tried = arena_format (im->a, "%s-%d", name, i);
    }
}

const char *
draft_network (struct import *im, const char *name, const char *type,
               const char *key, const char *value, const struct tree *from)
{
    const struct vec *networks = &im->h->host->networks;
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
    d = draft_host (im, "network",
                    free_network (im, draft_name (im, NULL, "network", name)),
                    from);
    draft_set (im, d, NULL, NULL, "type", type);
    draft_set (im, d, NULL, NULL, key, value);
    return d->name;
}

static void
add_note (struct import *im, const struct tree *node, const char *key,
          const char *reason)
{
    struct draft_note *note = arena_alloc (im->a, sizeof *note);

    note->file = node->file;
    note->line = node->line;
    note->key = key;
    note->reason = reason;
    vec_add (im->a, &im->notes, note);
}

void
draft_note (struct import *im, struct tree *node, const char *key,
            const char *fmt, ...)
{
    va_list args;

    va_start (args, fmt);
    add_note (im, node, key, arena_vformat (im->a, fmt, args));
    va_end (args);
    tree_use_all (node);
}

struct unused {
    struct import *im;
    const char *const *reasons;
};

/* Is 'part' in the path, from one dot to another? */
static bool
has_part (const char *path, const char *part)
{
    size_t len = strlen (part);

    for (const char *p = path; (p = strstr (p, part)); p++) {
        if ((p == path || p[-1] == '.') && (!p[len] || p[len] == '.')) {
            return true;
        }
    }
    return false;
}

static void
tell_unused (void *data, const char *path, const struct tree *node)
{
    const struct unused *u = data;
    const char *reason = "hvctl has no such setting";

    for (const char *const *r = u->reasons; r[0]; r += 2) {
        if (has_part (path, r[0])) {
            reason = r[1];
            break;
        }
    }
    add_note (u->im, node, path, reason);
}

void
draft_note_unused (struct import *im, const struct tree *file,
                   const char *const *reasons)
{
    struct unused u = { im, reasons };

    tree_unused (im->a, file, "", tell_unused, &u);
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
        add_note (im, node, what,
                  arena_format (im->a, "%s: it is named %s", err.text, fixed));
    }
    return fixed;
}

const char *
draft_path (struct import *im, const char *path)
{
    return *path == '/' ? path : arena_format (im->a, "%s/%s", im->dir, path);
}

const char *
draft_size (struct import *im, uint64_t bytes)
{
    char text[32];

    return arena_dup (im->a, format_size (bytes, text, sizeof text));
}

/* Quotes a value, in which only DRAFT_VAR is a variable. */
static const char *
quote (struct import *im, const char *value)
{
    const char *text = textedit_quote (im->a, value, false);
    char *out, *to;

    if (!strpbrk (text, DRAFT_VAR DRAFT_END)) {
        return text;
    }
    to = out = arena_alloc (im->a, 2 * strlen (text) + 1);
    for (; *text; text++) {
        if (*text == *DRAFT_VAR) {
            *to++ = '$';
            *to++ = '{';
        } else {
            *to++ = *text == *DRAFT_END ? '}' : *text;
        }
    }
    return out;
}

/* Keys whose values are lists as they are to be written. */
static bool
is_list (const char *key)
{
    return !strcmp (key, "templates");
}

static void
write_section (struct import *im, FILE *to, const struct draft_section *s,
               const char *indent)
{
    if (s->kind) {
        fprintf (to, "\n%s%s %s%s{\n", indent, s->kind,
                 s->name ? quote (im, s->name) : "", s->name ? " " : "");
    }
    for (size_t i = 0; i < s->settings.n; i++) {
        const struct draft_setting *set = s->settings.p[i];

        fprintf (to, "%s%s%s = %s\n", indent, s->kind ? "    " : "", set->key,
                 is_list (set->key) ? set->value : quote (im, set->value));
    }
    if (s->kind) {
        fprintf (to, "%s}\n", indent);
    }
}

static void
write_sections (struct import *im, FILE *to, const struct draft *d,
                const char *indent)
{
    for (size_t i = 0; i < d->sections.n; i++) {
        write_section (im, to, d->sections.p[i], indent);
    }
}

/* Returns what was written to a memory stream. */
static const char *
written (struct import *im, FILE *to, char **text)
{
    const char *copy;

    fclose (to);
    copy = arena_dup (im->a, *text);
    free (*text);
    return copy;
}

const char *
draft_text (struct import *im, const struct draft *d, const char *tool)
{
    char *text = NULL;
    size_t len;
    FILE *to = or_exit (open_memstream (&text, &len));

    fprintf (to, "# %s, imported from %s; see hvctl.conf(5)\n", d->name, tool);
    if (d->count) {
        fprintf (to, "count = %" PRIu64 "\n", d->count);
    }
    write_sections (im, to, d, "");
    return written (im, to, &text);
}

const char *
draft_host_text (struct import *im, const char *tool)
{
    char *text = NULL;
    size_t len;
    FILE *to;

    if (!im->host.n) {
        return NULL;
    }
    to = or_exit (open_memstream (&text, &len));
    fprintf (to, "# Imported from %s; see hvctl.conf(5)\n", tool);
    for (size_t i = 0; i < im->host.n; i++) {
        const struct draft *d = im->host.p[i];

        fprintf (to, "\n%s %s {\n", d->kind, quote (im, d->name));
        write_sections (im, to, d, "    ");
        fprintf (to, "}\n");
    }
    return written (im, to, &text);
}
