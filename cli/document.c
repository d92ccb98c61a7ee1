/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/document.h"

#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/output.h"

const struct member error_members[] = {
    TEXT ("message", 0, "what failed, why, and what to do"),
    NUMBER ("exit_code", 0, "the exit code that it leads to"),
    TEXT ("errno", MEMBER_NULL, "the name of the system's error"),
    END_OF_MEMBERS,
};

const struct member failure_members[] = {
    OBJECT ("error", 0, error_members, "why the command failed"),
    END_OF_MEMBERS,
};

const struct member finished_members[] = {
    TEXT ("name", 0, "the argument of the command"),
    WORD ("done", 0, "finished", "it was interrupted, and is now completed"),
    END_OF_MEMBERS,
};

const struct member vm_members[] = {
    TEXT ("name", 0, "the VM"),
    OBJECT ("error", MEMBER_MAYBE, error_members, "why it failed"),
    END_OF_MEMBERS,
};

static const struct document *const tables[] = { vm_documents, plan_documents,
                                                 host_documents };

const struct document *
document_nth (size_t n)
{
    for (size_t i = 0; i < ARRAY_SIZE (tables); i++) {
        for (const struct document *d = tables[i]; d->name; d++) {
            if (n-- == 0) {
                return d;
            }
        }
    }
    return NULL;
}

const struct document *
document_find (const char *name)
{
    const struct document *d;

    for (size_t i = 0; (d = document_nth (i)); i++) {
        if (!strcmp (d->name, name)) {
            return d;
        }
    }
    return NULL;
}

/* The document that the command prints with the options given. */
static const struct document *
find_printed (const struct cli *c)
{
    const struct document *d, *found = NULL;
    size_t len = strlen (c->command->name);

    for (size_t i = 0; (d = document_nth (i)); i++) {
        const char *rest;

        if (strncmp (d->name, c->command->name, len) != 0) {
            continue;
        }
        rest = d->name + len;
        if (!*rest || (!strncmp (rest, " --", 3) && has_option (c, rest + 3))) {
            found = *rest || !found ? d : found;
        }
    }
    return found;
}

/* ----------------------------------------------------- Compared with tables */

static bool
has_word (const char *words, const char *word)
{
    size_t len = strlen (word);

    for (const char *at = words; len && (at = strstr (at, word)); at += len) {
        if ((at == words || at[-1] == '|')
            && (at[len] == '|' || at[len] == '\0')) {
            return true;
        }
    }
    return false;
}

static bool members_fit (const struct member *members, struct json_object *o,
                         bool all, const char **wrong);

static bool
each_fits (const struct member *m, struct json_object *o, const char **wrong)
{
    bool is_text = m->type == MEMBER_TEXTS;

    for (size_t i = 0; i < json_array_size (o); i++) {
        struct json_object *one = json_object_array_get_idx (o, i);

        if (is_text ? !json_object_is_type (one, json_type_string)
                    : !members_fit (m->of, one, true, wrong)) {
            return false;
        }
    }
    return json_object_is_type (o, json_type_array);
}

static bool
member_fits (const struct member *m, struct json_object *o, const char **wrong)
{
    *wrong = m->name;
    if (!o) {
        return m->flags & MEMBER_NULL;
    }
    switch (m->type) {
    case MEMBER_TEXT:
        return json_object_is_type (o, json_type_string)
               && (!m->words
                   || has_word (m->words, json_object_get_string (o)));
    case MEMBER_NUMBER:
        return json_object_is_type (o, json_type_int);
    case MEMBER_FLAG:
        return json_object_is_type (o, json_type_boolean);
    case MEMBER_OBJECT:
        return members_fit (m->of, o, true, wrong);
    case MEMBER_TEXTS:
    case MEMBER_OBJECTS:
        return each_fits (m, o, wrong);
    }
    return false;
}

const struct member *
document_member (const struct member *m, const char *name)
{
    while (m->name && strcmp (m->name, name) != 0 && strcmp (m->name, "*")) {
        m++;
    }
    return m->name ? m : NULL;
}

/* 'all': those that may not be missing are there.  Members are nearly always in
 * the order of the table, which makes this fast for ten thousand rows. */
static bool
members_fit (const struct member *members, struct json_object *o, bool all,
             const char **wrong)
{
    const struct member *next = members;
    size_t missing = 0;

    if (!json_object_is_type (o, json_type_object)) {
        return false;
    }
    for (const struct member *m = members; all && m->name; m++) {
        missing += !(m->flags & MEMBER_MAYBE);
    }
    json_object_object_foreach (o, key, value) {
        const struct member *m = next->name && !strcmp (next->name, key)
                                     ? next
                                     : document_member (members, key);

        if (!m || !member_fits (m, value, wrong)) {
            *wrong = m ? *wrong : key;
            return false;
        }
        missing -= all && !(m->flags & MEMBER_MAYBE);
        next = m + 1;
    }
    for (const struct member *m = members; missing && m->name; m++) {
        if (!(m->flags & MEMBER_MAYBE)
            && !json_object_object_get_ex (o, m->name, NULL)) {
            *wrong = m->name;
            return false;
        }
    }
    return true;
}

/* One VM of several: an error may come with some of the members. */
static bool
vm_fits (const struct member *members, struct json_object *o,
         const char **wrong)
{
    bool failed = json_member (o, "error", json_type_object) != NULL;
    const char *ignored;

    if (members_fit (finished_members, o, true, &ignored)) {
        return true;
    }
    if (!json_object_is_type (o, json_type_object)) {
        return false;
    }
    json_object_object_foreach (o, key, value) {
        const struct member *m = document_member (members, key);

        m = m ? m : document_member (vm_members, key);
        if (!m || !member_fits (m, value, wrong)) {
            *wrong = m ? *wrong : key;
            return false;
        }
    }
    for (const struct member *m = members; m->name && !failed; m++) {
        if (!(m->flags & MEMBER_MAYBE)
            && !json_object_object_get_ex (o, m->name, NULL)) {
            *wrong = m->name;
            return false;
        }
    }
    return true;
}

static bool
rows_fit (const struct document *d, struct json_object *o, const char **wrong)
{
    const struct member rows[] = {
        { "items", MEMBER_OBJECTS, 0, NULL, NULL, d->members },
        { "errors", MEMBER_OBJECTS, 0, NULL, NULL, error_members },
        { "notes", MEMBER_TEXTS, MEMBER_MAYBE, NULL, NULL, NULL },
        END_OF_MEMBERS,
    };

    return members_fit (rows, o, true, wrong);
}

static bool
document_fits (const struct document *d, struct json_object *o,
               const char **wrong)
{
    const char *ignored;

    if (d->shape == DOCUMENT_HOST
        || members_fit (failure_members, o, true, &ignored)) {
        return true;
    }
    if (d->shape == DOCUMENT_DEFINITION) {
        return !json_member (o, "members", json_type_array)
               || members_fit (d->members, o, true, wrong);
    }
    if (d->shape == DOCUMENT_ROWS) {
        return rows_fit (d, o, wrong);
    }
    if (json_object_is_type (o, json_type_array)
        && d->shape != DOCUMENT_OBJECT) {
        for (size_t i = 0; i < json_array_size (o); i++) {
            if (!vm_fits (d->members, json_object_array_get_idx (o, i),
                          wrong)) {
                return false;
            }
        }
        return true;
    }
    if (d->shape == DOCUMENT_ONE_OR_MORE) {
        return vm_fits (d->members, o, wrong);
    }
    return d->shape == DOCUMENT_OBJECT
           && (members_fit (finished_members, o, true, &ignored)
               || members_fit (d->members, o, true, wrong));
}

void
document_print (struct cli *c, struct json_object *o)
{
    const struct document *d = c->command ? find_printed (c) : NULL;
    const char *wrong = "";

    if (d && !document_fits (d, o, &wrong)) {
        hvctl_warn ("internal error: the JSON that follows differs from 'hvctl "
                    "schema %s', at '%s': please report it",
                    d->name, wrong);
    }
    out_json (o);
}
