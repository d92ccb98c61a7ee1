/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* show: a definition as it is written, as it would be without templates and
 * variables, and where its values come from; the host configuration. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static const char *
shown (struct cli *c, const struct setting *set)
{
    return textedit_quote (
        &c->h.arena, set->pending ? set->written : effective_value (set), true);
}

static void
print_origin (struct cli *c, const char *key, const struct setting *set)
{
    out ("%s = %s  %s:%d%s\n", key, shown (c, set), set->file, set->line,
         of_template (c, set));
    if (set->written && !set->pending) {
        out ("    from %s\n", textedit_quote (&c->h.arena, set->written, true));
    }
    for (const struct setting *h = set->hides; h; h = h->hides) {
        out ("    overrides %s  %s:%d%s\n", shown (c, h), h->file, h->line,
             of_template (c, h));
    }
}

static struct json_object *
origin_json (const struct setting *set)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "value",
                           set->pending ? NULL : effective_value (set));
    json_put_text_or_null (o, "written", set->written);
    json_put_text_or_null (o, "file", set->file);
    json_put_number (o, "line", set->line);
    json_put_text_or_null (o, "template", set->from);
    json_put_text_or_null (o, "fleet", set->fleet);
    return o;
}

static void
add_origin (struct json_object *all, const char *key, const struct setting *set)
{
    struct json_object *o = origin_json (set);
    struct json_object *over = json_object_new_array ();

    for (const struct setting *h = set->hides; h; h = h->hides) {
        json_object_array_add (over, origin_json (h));
    }
    json_put_text_or_null (o, "key", key);
    json_object_object_add (o, "overrides", over);
    json_object_array_add (all, o);
}

/* Prints the settings of a section, or adds them to 'all'; not those that
 * 'but', or null, has. */
static void
tell_origins (struct cli *c, const struct hv_options *s,
              const struct hv_options *but, struct json_object *all)
{
    for (size_t i = 0; s && i < s->n_settings; i++) {
        const struct setting *set = &s->settings[i];
        const char *key = full_key (c, but ? but : s, set->key);

        if (but && settings_is_set (but, set->key)) {
            continue;
        }
        if (all) {
            add_origin (all, key, set);
        } else {
            print_origin (c, key, set);
        }
    }
}

static int
show_origin (struct cli *c, const struct definition *def)
{
    struct json_object *all = c->json ? json_object_new_array () : NULL;

    tell_origins (c, def->root, NULL, all);
    tell_origins (c, c->h.host->defaults, def->root, all);
    for (size_t i = 0; i < def->root->sections.n; i++) {
        tell_origins (c, def->root->sections.p[i], NULL, all);
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", def->name);
        json_object_object_add (o, "values", all);
        document_print (c, o);
    }
    return EXIT_OK;
}

/* ------------------------------------------- the command */

static int
print_file (struct cli *c, const char *path)
{
    CLEANUP_FREE char *text = file_read (path);

    if (!text) {
        fail (&c->err, errno, "cannot read %s: %m", path);
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

    if (f && faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
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
