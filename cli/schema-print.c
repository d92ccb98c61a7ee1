/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* schema: what programs and editors can rely on in the JSON that hvctl prints,
 * and in the files that it reads. */
#include "cli/schema-print.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/schema-config.h"
#include "cli/schema-document.h"
#include "cli/schema-vim.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/hvctl.h"

static const struct {
    const char *name, *about;
    struct json_object *(*schema) (struct cli *);
} files[] = {
    { "definition", "a VM's definition, as hvctl show -o json prints it",
      schema_config_definition },
    { "host", "the host configuration, as hvctl show --host -o json prints it",
      schema_config_host },
};

const char *
schema_nth (size_t n)
{
    const struct document *d;

    if (n < ARRAY_SIZE (files)) {
        return files[n].name;
    }
    d = document_nth (n - ARRAY_SIZE (files));
    return d ? d->name : NULL;
}

static const char *
about (struct cli *c, const struct document *d)
{
    return arena_format (&c->h.arena, "the result of hvctl %s -o json",
                         d->name);
}

static int
list_documents (struct cli *c)
{
    static const char *const keys[] = { "document", "about", NULL };
    struct table *t = table_new (c, keys);
    const struct document *d;

    for (size_t i = 0; i < ARRAY_SIZE (files); i++) {
        table_row (t, (const char *[]){ files[i].name, files[i].about });
    }
    for (size_t i = 0; (d = document_nth (i)); i++) {
        table_row (t, (const char *[]){ d->name, about (c, d) });
    }
    table_print (t);
    return EXIT_OK;
}

/* "volume list" may be one word or two. */
static const char *
wanted (struct cli *c)
{
    const char *name = c->args.p[0];

    for (size_t i = 1; i < c->args.n; i++) {
        name = arena_format (&c->h.arena, "%s %s", name,
                             (const char *)c->args.p[i]);
    }
    return name;
}

static int
no_such (struct cli *c, const char *name)
{
    struct vec names = { 0 };
    const char *near;

    for (size_t i = 0; (near = schema_nth (i)); i++) {
        vec_add (&c->h.arena, &names, near);
    }
    fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
               "there is no document '%s' (hvctl schema lists all)%s", name,
               name_suggest_of (&c->h.arena, name, &names));
    return report (c);
}

/* Of a document that has a table: the host makes no difference. */
static struct json_object *
document_schema (struct cli *c, const struct document *d)
{
    const struct command *command;
    const char *words[2] = { 0 };
    const char *space = strchr (d->name, ' ');
    size_t used;

    words[0] =
        space ? arena_dup_n (&c->h.arena, d->name, (size_t)(space - d->name))
              : d->name;
    words[1] = space ? space + 1 : NULL;
    command = find_command (words, space ? 2 : 1, &used);
    return schema_document (d, command && command->flags & CMD_CHANGES);
}

static int
print_schema (struct cli *c, const char *title, const char *what,
              struct json_object *schema)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "$schema",
                   "https://json-schema.org/draft/2020-12/schema");
    json_put_text (o, "title", arena_format (&c->h.arena, "hvctl: %s", title));
    json_put_text (o, "description", what);
    json_object_object_foreach (schema, key, value) {
        json_object_object_add (o, key, json_object_get (value));
    }
    json_object_put (schema);
    out_json (o);
    return EXIT_OK;
}

/* The schemas of these depend on the host's plugins. */
static int
file_schema (struct cli *c, const char *title, const char *what,
             struct json_object *(*schema) (struct cli *),
             const struct document *d)
{
    struct json_object *o;

    if (hvctl_open_despite (&c->h, c->conf, &c->err) < 0) {
        return report (c);
    }
    o = schema (c);
    return print_schema (c, title, what,
                         d ? schema_document_or_failure (o, d) : o);
}

int
cmd_schema (struct cli *c)
{
    const struct document *d;
    const char *name;

    if (has_option (c, "vim") && (c->args.n || c->json)) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--vim prints one syntax file: use it without a DOCUMENT, "
                   "and without -o json");
        return report (c);
    }
    if (has_option (c, "vim")) {
        schema_vim_print ();
        return EXIT_OK;
    }
    if (!c->args.n) {
        return list_documents (c);
    }
    name = wanted (c);
    for (size_t i = 0; i < ARRAY_SIZE (files); i++) {
        if (!strcmp (files[i].name, name)) {
            return file_schema (c, name, files[i].about, files[i].schema, NULL);
        }
    }
    d = document_find (name);
    if (!d) {
        return no_such (c, name);
    }
    return d->shape == DOCUMENT_DEFINITION ? file_schema (
               c, name, about (c, d), schema_config_definition, d)
           : d->shape == DOCUMENT_HOST
               ? file_schema (c, name, about (c, d), schema_config_host, d)
               : print_schema (c, name, about (c, d), document_schema (c, d));
}
