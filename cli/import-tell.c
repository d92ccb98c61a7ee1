/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/import-tell.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/spec.h"
#include "common/member.h"
#include "core/base/output.h"
#include "import/draft-note.h"

static int
by_place (const void *a, const void *b)
{
    const struct draft_note *const *x = a, *const *y = b;
    const struct tree *m = (*x)->node, *n = (*y)->node;
    int file = strcmp (m->file, n->file), key = strcmp ((*x)->key, (*y)->key);

    return file                 ? file
           : m->line != n->line ? m->line - n->line
           : key                ? key
                                : strcmp ((*x)->reason, (*y)->reason);
}

static bool
is_same (const struct draft_note *a, const struct draft_note *b)
{
    return !strcmp (a->node->file, b->node->file) && !strcmp (a->key, b->key)
           && !strcmp (a->reason, b->reason);
}

/* Prints a note; those that differ in their line alone share one. */
static size_t
tell_note (const struct import *im, size_t i)
{
    const struct draft_note *n = im->notes.p[i], *last = n;
    const struct tree *t = n->node;
    size_t same = 1;

    while (i + same < im->notes.n && is_same (n, im->notes.p[i + same])) {
        last = im->notes.p[i + same++];
    }
    err_out ("%s:%d%s: %s%s is %s: %s\n", t->file, t->line,
             last->node->line > t->line
                 ? arena_format (im->a, "-%d", last->node->line)
                 : "",
             n->key, same > 1 ? arena_format (im->a, " (%zu times)", same) : "",
             n->changed ? "changed" : "not carried over", n->reason);
    return same;
}

static void
add_note (struct json_object *list, const struct draft_note *n)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "file", n->node->file);
    json_put_number_or_null (o, "line", true, n->node->line);
    json_put_text_or_null (o, "key", n->key);
    json_put_text_or_null (o, "reason", n->reason);
    json_object_array_add (list, o);
}

void
import_tell_notes (const struct import *im, struct json_object *result)
{
    struct json_object *lost = json_object_new_array ();
    struct json_object *changed = json_object_new_array ();

    if (im->notes.n) {
        qsort (im->notes.p, im->notes.n, sizeof *im->notes.p, by_place);
    }
    for (size_t i = 0; i < im->notes.n;) {
        i += tell_note (im, i);
    }
    for (size_t i = 0; i < im->notes.n; i++) {
        const struct draft_note *n = im->notes.p[i];

        add_note (n->changed ? changed : lost, n);
    }
    json_object_object_add (result, "not_carried_over", lost);
    json_object_object_add (result, "changed", changed);
}

void
import_tell_files (struct cli *c, const struct define_file *files, size_t n,
                   struct json_object *result)
{
    bool print = has_option (c, "print");
    bool dry = print || has_option (c, "dry-run");
    struct json_object *list = json_object_new_array ();

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", files[i].name);
        json_put_text_or_null (o, "path", files[i].path);
        json_put_text_or_null (o, "text", print ? files[i].text : NULL);
        json_object_array_add (list, o);
        if (c->json) {
            continue;
        }
        if (print) {
            out ("%s# %s\n%s", i ? "\n" : "", files[i].path, files[i].text);
        } else {
            out ("%s %s\n", files[i].path,
                 dry ? "would be written" : "is written");
        }
    }
    if (!n && !c->json) {
        out ("Nothing is to be written: this host has all of it\n");
    }
    json_put_flag (result, "written", !dry && n);
    json_object_object_add (result, "files", list);
}
