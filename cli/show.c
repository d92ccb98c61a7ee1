/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* show: a definition as it is written, as it would be without templates and
 * variables, and where its values come from; the host configuration. */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "cli/section-json.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/base/output.h"
#include "core/config/config.h"
#include "core/config/definition-find.h"
#include "core/config/effective.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"

static struct json_object *
definition_json (const struct definition *def)
{
    struct json_object *o = json_object_new_object ();

    section_json_settings (o, def->root, true);
    json_put_text_or_null (o, "name", def->name);
    json_put_text_or_null (o, "uuid", def->uuid);
    section_json_inner (o, def->root, true);
    return o;
}

/* ------------------------------------------- --origin */

struct origins {
    struct cli *c;
    struct json_object *all; /* Or null: it is printed. */
    struct vec files;        /* Their paths, and their texts. */
};

/* "disk.root.size" */
static const char *
full_key (struct cli *c, const struct hv_options *s, const char *key)
{
    return arena_format (&c->h.arena, "%s%s%s%s%s", s->kind ? s->kind : "",
                         s->name ? "." : "", s->name ? s->name : "",
                         s->kind ? "." : "", key);
}

/* " (template xs)" */
static const char *
of_template (struct cli *c, const struct setting *set)
{
    return set->from ? arena_format (&c->h.arena, " (template %s)", set->from)
           : set->fleet ? arena_format (&c->h.arena, " (fleet %s)", set->fleet)
                        : "";
}

static const char *
effective_value (const struct setting *set)
{
    return set->path ? set->path : set->value;
}

/* The text of a file, which is read once. */
static const char *
text_of (struct origins *o, const char *file)
{
    CLEANUP_FREE char *text = NULL;

    for (size_t i = 0; i + 1 < o->files.n; i += 2) {
        if (!strcmp (o->files.p[i], file)) {
            return o->files.p[i + 1];
        }
    }
    text = file_read (file);
    vec_add (&o->c->h.arena, &o->files, file);
    vec_add (&o->c->h.arena, &o->files,
             arena_dup (&o->c->h.arena, text ? text : ""));
    return o->files.p[o->files.n - 1];
}

/* The value as the file has it, if it is found there. */
static const char *
written (struct origins *o, const struct hv_options *s,
         const struct setting *set)
{
    struct arena *a = &o->c->h.arena;
    const char *text =
        set->file ? textedit_written (a, text_of (o, set->file), set->from,
                                      s->kind, s->name, set->key)
                  : NULL;

    return text ? text
                : textedit_quote (a, set->written ? set->written : set->value,
                                  set->written);
}

static const char *
shown (struct origins *o, const struct hv_options *s, const struct setting *set)
{
    return set->pending || (set->list && !set->written)
               ? written (o, s, set)
               : textedit_quote (&o->c->h.arena, effective_value (set), false);
}

static void
print_origin (struct origins *o, const struct hv_options *s, const char *key,
              const struct setting *set)
{
    out ("%s = %s  %s:%d%s\n", key, shown (o, s, set), set->file, set->line,
         of_template (o->c, set));
    if (set->written && !set->pending) {
        out ("    from %s\n", written (o, s, set));
    }
    for (const struct setting *h = set->hides; h; h = h->hides) {
        out ("    overrides %s  %s:%d%s\n", shown (o, s, h), h->file, h->line,
             of_template (o->c, h));
    }
}

/* Text in double quotes without them. */
static const char *
without_quotes (struct arena *a, const char *text)
{
    size_t len = strlen (text);

    return len > 1 && *text == '"' ? arena_dup_n (a, text + 1, len - 2) : text;
}

static struct json_object *
origin_json (struct origins *o, const struct hv_options *s,
             const struct setting *set)
{
    struct json_object *one = json_object_new_object ();

    json_put_text_or_null (one, "value",
                           set->pending ? NULL : effective_value (set));
    json_put_text_or_null (
        one, "written",
        set->written ? without_quotes (&o->c->h.arena, written (o, s, set))
                     : NULL);
    json_put_text_or_null (one, "file", set->file);
    json_put_number (one, "line", set->line);
    json_put_text_or_null (one, "template", set->from);
    json_put_text_or_null (one, "fleet", set->fleet);
    return one;
}

static void
add_origin (struct origins *o, const struct hv_options *s, const char *key,
            const struct setting *set)
{
    struct json_object *one = origin_json (o, s, set);
    struct json_object *over = json_object_new_array ();

    for (const struct setting *h = set->hides; h; h = h->hides) {
        json_object_array_add (over, origin_json (o, s, h));
    }
    json_put_text_or_null (one, "key", key);
    json_object_object_add (one, "overrides", over);
    json_object_array_add (o->all, one);
}

/* Prints the settings of a section, or adds them to 'all'; not those that
 * 'but', or null, has. */
static void
tell_origins (struct origins *o, const struct hv_options *s,
              const struct hv_options *but)
{
    for (size_t i = 0; s && i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];
        const char *key = full_key (o->c, but ? but : s, set->key);

        if (but && settings_is_set (but, set->key)) {
            continue;
        }
        if (o->all) {
            add_origin (o, s, key, set);
        } else {
            print_origin (o, s, key, set);
        }
    }
}

static int
show_origin (struct cli *c, const struct definition *def)
{
    struct origins o = { c, c->json ? json_object_new_array () : NULL, { 0 } };

    tell_origins (&o, def->root, NULL);
    tell_origins (&o, c->h.host->defaults, def->root);
    for (size_t i = 0; i < def->root->sections.n; i++) {
        tell_origins (&o, def->root->sections.p[i], NULL);
    }
    if (c->json) {
        struct json_object *json = json_object_new_object ();

        json_put_text_or_null (json, "name", def->name);
        json_object_object_add (json, "values", o.all);
        document_print (c, json);
    }
    return EXIT_OK;
}

/* ------------------------------------------- the command */

static int
print_file (struct cli *c, const char *path)
{
    CLEANUP_FREE char *text = file_read_named (path, &c->err);

    if (!text) {
        return report (c);
    }
    out ("%s", text);
    return EXIT_OK;
}

/* The text of a member is that of its own file, if it has one. */
static int
show_file (struct cli *c)
{
    const char *name = c->args.p[0], *path = definition_path (&c->h, name);
    const struct fleet *f = fleet_of (&c->h, name);

    if (f && !file_is_there (path)) {
        hvctl_warn ("%s has no file of its own: this is that of fleet %s "
                    "(hvctl show --effective %s has all values of %s)",
                    name, f->name, name, name);
        path = f->file;
    }
    return print_file (c, path);
}

static int
show_fleet (struct cli *c, const struct fleet *f)
{
    struct vec names = { 0 };
    struct json_object *o;

    if (has_option (c, "origin") || has_option (c, "effective")) {
        fleet_refuse (&c->h, f, &c->err);
        return report (c);
    }
    if (!c->json) {
        return print_file (c, f->file);
    }
    if (!f->valid) {
        fleet_refuse (&c->h, f, &c->err);
        return report (c);
    }
    o = json_object_new_object ();
    fleet_members (&c->h.arena, f, &names);
    json_put_text_or_null (o, "name", f->name);
    json_put_text_or_null (o, "definition", f->file);
    json_put_number (o, "count", (int64_t)f->count);
    json_put_number (o, "first", (int64_t)f->first);
    json_object_object_add (o, "members", json_texts (&names));
    document_print (c, o);
    return EXIT_OK;
}

/* hvctl.conf and conf.d as one. */
static int
show_host (struct cli *c)
{
    const struct hv_options *root = c->h.host->tree;
    struct json_object *o;

    if (c->args.n || has_option (c, "origin") || has_option (c, "effective")) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--host is not combined with a VM, --origin or "
                   "--effective");
        return report (c);
    }
    if (!c->json) {
        out ("%s", effective_host_text (&c->h.arena, root));
        return EXIT_OK;
    }
    o = json_object_new_object ();
    section_json_settings (o, root, false);
    section_json_inner (o, root, false);
    document_print (c, o);
    return EXIT_OK;
}

int
cmd_show (struct cli *c)
{
    bool origin = has_option (c, "origin");
    bool effective = has_option (c, "effective");
    const struct fleet *fleet;
    struct definition *def;

    if (has_option (c, "host")) {
        return show_host (c);
    }
    if (c->args.n != 1) {
        usage_error (c);
        return report (c);
    }
    if (origin && effective) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--origin and --effective exclude each other");
        return report (c);
    }
    fleet = fleet_find (&c->h, c->args.p[0]);
    if (fleet) {
        return show_fleet (c, fleet);
    }
    if (definition_load (&c->h, c->args.p[0], &def, &c->err) < 0
        && (c->json || origin || effective
            || c->err.exit_code != EXIT_CONFIG)) {
        return report (c);
    }
    if (origin) {
        return show_origin (c, def);
    }
    if (c->json) {
        document_print (c, definition_json (def));
        return EXIT_OK;
    }
    if (effective) {
        out ("%s", effective_text (&c->h.arena, def));
        return EXIT_OK;
    }
    return show_file (c);
}
