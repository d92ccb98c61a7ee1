/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/schema-document.h"

#include <json-c/json.h>
#include <string.h>

#include "common/member.h"

static struct json_object *
of_type (const char *type)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "type", type);
    return o;
}

static void
add_words (struct json_object *o, const char *words, bool or_null)
{
    struct json_object *all = json_object_new_array ();

    while (*words) {
        size_t len = strcspn (words, "|");

        json_object_array_add (all,
                               json_object_new_string_len (words, (int)len));
        words += len + (words[len] != '\0');
    }
    if (or_null) {
        json_object_array_add (all, NULL);
    }
    json_object_object_add (o, "enum", all);
}

static void add_members (struct json_object *o, const struct member *members,
                         const struct member *more, bool all);

static struct json_object *
object_schema (const struct member *members)
{
    struct json_object *o = of_type ("object");

    add_members (o, members, NULL, true);
    return o;
}

static struct json_object *
member_schema (const struct member *m)
{
    static const char *const types[] = {
        [MEMBER_TEXT] = "string",   [MEMBER_NUMBER] = "integer",
        [MEMBER_FLAG] = "boolean",  [MEMBER_TEXTS] = "array",
        [MEMBER_OBJECT] = "object", [MEMBER_OBJECTS] = "array",
    };
    struct json_object *o = json_object_new_object ();
    struct json_object *both;

    if (m->flags & MEMBER_NULL) {
        both = json_object_new_array ();
        json_object_array_add (both, json_object_new_string (types[m->type]));
        json_object_array_add (both, json_object_new_string ("null"));
        json_object_object_add (o, "type", both);
    } else {
        json_put_text (o, "type", types[m->type]);
    }
    json_put_text (o, "description", m->summary);
    if (m->words) {
        add_words (o, m->words, m->flags & MEMBER_NULL);
    }
    if (m->type == MEMBER_OBJECT) {
        add_members (o, m->of, NULL, true);
    } else if (m->type == MEMBER_TEXTS || m->type == MEMBER_OBJECTS) {
        json_object_object_add (o, "items",
                                m->type == MEMBER_TEXTS
                                    ? of_type ("string")
                                    : object_schema (m->of));
    }
    return o;
}

static struct json_object *
names_of (const struct member *members)
{
    struct json_object *all = json_object_new_array ();

    for (const struct member *m = members; m->name; m++) {
        if (!(m->flags & MEMBER_MAYBE)) {
            json_object_array_add (all, json_object_new_string (m->name));
        }
    }
    return all;
}

/* The members of both tables, of which 'more' may be null.  'all': required are
 * those that may not be missing. */
static void
add_members (struct json_object *o, const struct member *members,
             const struct member *more, bool all)
{
    struct json_object *properties = json_object_new_object ();
    struct json_object *rest = json_object_new_boolean (false);

    for (const struct member *m = members; m->name; m++) {
        if (!strcmp (m->name, "*")) {
            json_object_put (rest);
            rest = member_schema (m);
        } else {
            json_object_object_add (properties, m->name, member_schema (m));
        }
    }
    for (const struct member *m = more; m && m->name; m++) {
        if (!document_member (members, m->name)) {
            json_object_object_add (properties, m->name, member_schema (m));
        }
    }
    json_object_object_add (o, "properties", properties);
    json_object_object_add (o, "required",
                            all ? names_of (members) : names_of (more));
    json_object_object_add (o, "additionalProperties", rest);
}

static struct json_object *
requires (struct json_object *names)
{
    struct json_object *o = json_object_new_object ();

    json_object_object_add (o, "required", names);
    return o;
}

/* Of one VM: all members, or an error, perhaps with some of them. */
static struct json_object *
vm_schema (const struct member *members)
{
    struct json_object *o = of_type ("object");
    struct json_object *ways = json_object_new_array ();
    struct json_object *names = json_object_new_array ();

    add_members (o, members, vm_members, false);
    json_object_array_add (names, json_object_new_string ("error"));
    json_object_array_add (ways, requires (names));
    json_object_array_add (ways, requires (names_of (members)));
    json_object_object_add (o, "anyOf", ways);
    return o;
}

/* Either of the two, or a third. */
static struct json_object *
either (struct json_object *a, struct json_object *b, struct json_object *third)
{
    struct json_object *o = json_object_new_object ();
    struct json_object *all = json_object_new_array ();

    json_object_array_add (all, a);
    json_object_array_add (all, b);
    if (third) {
        json_object_array_add (all, third);
    }
    json_object_object_add (o, "anyOf", all);
    return o;
}

static struct json_object *
rows_schema (const struct document *d)
{
    const struct member rows[] = {
        { "items", MEMBER_OBJECTS, 0, "the rows", NULL, d->members },
        { "errors", MEMBER_OBJECTS, 0, "what could not be listed, and why",
          NULL, error_members },
        { "notes", MEMBER_TEXTS, MEMBER_MAYBE,
          "rows that are missing without an error", NULL, NULL },
        END_OF_MEMBERS,
    };

    return object_schema (rows);
}

static struct json_object *
vm_or_finished (const struct member *members, bool changes)
{
    return changes ? either (vm_schema (members),
                             object_schema (finished_members), NULL)
                   : vm_schema (members);
}

static struct json_object *
vms_schema (const struct document *d, bool changes)
{
    struct json_object *o = of_type ("array");

    json_object_object_add (o, "items", vm_or_finished (d->members, changes));
    return o;
}

struct json_object *
schema_document_or_failure (struct json_object *schema,
                            const struct document *d)
{
    return either (schema, object_schema (failure_members),
                   d->members ? object_schema (d->members) : NULL);
}

struct json_object *
schema_document (const struct document *d, bool changes)
{
    struct json_object *failure = object_schema (failure_members);

    switch (d->shape) {
    case DOCUMENT_OBJECT:
        return either (object_schema (d->members), failure,
                       changes ? object_schema (finished_members) : NULL);
    case DOCUMENT_VMS:
        return either (vms_schema (d, changes), failure, NULL);
    case DOCUMENT_ONE_OR_MORE:
        return either (vm_or_finished (d->members, changes),
                       vms_schema (d, changes), failure);
    case DOCUMENT_ROWS:
        return either (rows_schema (d), failure, NULL);
    case DOCUMENT_DEFINITION:
    case DOCUMENT_HOST:
    case DOCUMENT_FAILURE:
        break;
    }
    return failure;
}
