/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "import/tree.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "core/base/output.h"

size_t
tree_plain_length (const char *text, size_t len, bool lines)
{
    for (size_t i = 0, n; i < len; i += n) {
        unsigned char c = (unsigned char)text[i];
        bool space = lines && (c == '\t' || c == '\n' || c == '\r'), partial;

        n = output_utf8_length (text + i, len - i, &partial);
        /* U+0080 to U+009F are control characters, too. */
        if (!n || c == 0x7f || (c < ' ' && !space)
            || (c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)) {
            return i;
        }
    }
    return len;
}

/* An escape sequence gives any character, also those that have a meaning in
 * what hvctl makes of the value (DRAFT_VAR), and the tree comes from a process
 * that may have been compromised: so the reader checks this, and hvctl does. */
static int
check_plain (const struct tree_budget *b, int line, const char *what,
             const char *text, size_t len, bool lines, struct error *err)
{
    size_t good = tree_plain_length (text, len, lines);

    return good == len ? 0
                       : fail (err, EINVAL,
                               "%s:%d: %s contains a control character, or is "
                               "not UTF-8 (byte 0x%02x)",
                               b->file, line, what, (unsigned char)text[good]);
}

struct tree *
tree_add (struct tree_budget *b, struct tree *parent, const char *key, int line,
          enum tree_kind kind, const char *value, size_t len, struct error *err)
{
    struct tree *t;

    b->bytes += len + (key ? strlen (key) : 0);
    if (++b->nodes > TREE_NODES || b->bytes > TREE_BYTES) {
        fail (err, E2BIG,
              "%s:%d: the file has too many values (at most %d, and 1 MiB of "
              "text, with aliases counted where they are used)",
              b->file, line, TREE_NODES);
        return NULL;
    }
    if ((key
         && check_plain (b, line, "a key", key, strlen (key), false, err) < 0)
        || (value
            && check_plain (b, line, "a value", value, len, true, err) < 0)) {
        return NULL;
    }
    t = arena_alloc (b->arena, sizeof *t);
    t->key = arena_dup (b->arena, key);
    t->file = b->file;
    t->line = line;
    t->kind = kind;
    t->value = value ? arena_dup_n (b->arena, value, len) : NULL;
    if (parent) {
        vec_add (b->arena, &parent->kids, t);
    }
    return t;
}

/* [KEY, LINE, "text" or null] or [KEY, LINE, "map" or "list", [CHILD, …]] */
struct json_object *
tree_to_json (const struct tree *t)
{
    struct json_object *o = json_object_new_array (), *kids;

    json_object_array_add (o, t->key ? json_object_new_string (t->key) : NULL);
    json_object_array_add (o, json_object_new_int (t->line));
    if (t->kind == TREE_TEXT) {
        json_object_array_add (o, t->value ? json_object_new_string (t->value)
                                           : NULL);
        return o;
    }
    json_object_array_add (
        o, json_object_new_string (t->kind == TREE_MAP ? "map" : "list"));
    kids = json_object_new_array ();
    for (size_t i = 0; i < t->kids.n; i++) {
        json_object_array_add (kids, tree_to_json (t->kids.p[i]));
    }
    json_object_array_add (o, kids);
    return o;
}

static struct tree *
from_json (struct tree_budget *b, struct tree *parent, struct json_object *o,
           int depth, struct error *err)
{
    bool ok = json_object_is_type (o, json_type_array)
              && json_object_array_length (o) >= 3 && depth <= TREE_DEPTH;
    size_t n = ok ? json_object_array_length (o) : 0;
    struct json_object *key = ok ? json_object_array_get_idx (o, 0) : NULL;
    struct json_object *value = ok ? json_object_array_get_idx (o, 2) : NULL;
    struct json_object *kids = n > 3 ? json_object_array_get_idx (o, 3) : NULL;
    struct tree *t;

    if (!ok || (n > 3 && !json_object_is_type (kids, json_type_array))) {
        fail (err, EPROTO, "%s: its reader has printed nonsense", b->file);
        return NULL;
    }
    t = tree_add (
        b, parent, key ? json_object_get_string (key) : NULL,
        json_object_get_int (json_object_array_get_idx (o, 1)),
        !kids ? TREE_TEXT
        : strcmp (value ? json_object_get_string (value) : "", "map")
            ? TREE_LIST
            : TREE_MAP,
        kids || !value ? NULL : json_object_get_string (value),
        kids || !value ? 0 : (size_t)json_object_get_string_len (value), err);
    for (size_t i = 0; t && kids && i < json_object_array_length (kids); i++) {
        if (!from_json (b, t, json_object_array_get_idx (kids, i), depth + 1,
                        err)) {
            return NULL;
        }
    }
    return t;
}

struct tree *
tree_from_json (struct tree_budget *b, struct json_object *o, struct error *err)
{
    return from_json (b, NULL, o, 0, err);
}

struct tree *
tree_peek (const struct tree *t, const char *key)
{
    for (size_t i = 0; t && i < t->kids.n; i++) {
        struct tree *kid = t->kids.p[i];

        if (kid->key && !strcmp (kid->key, key)) {
            return kid;
        }
    }
    return NULL;
}

struct tree *
tree_take (struct tree *t, const char *key)
{
    struct tree *kid = tree_peek (t, key);

    if (kid) {
        kid->used = true;
    }
    return kid;
}

const char *
tree_text (struct tree *t, const char *key)
{
    struct tree *kid = tree_peek (t, key);

    if (!kid || kid->kind != TREE_TEXT || !kid->value) {
        return NULL;
    }
    kid->used = true;
    return kid->value;
}

void
tree_use_all (struct tree *t)
{
    t->used = true;
    for (size_t i = 0; i < t->kids.n; i++) {
        tree_use_all (t->kids.p[i]);
    }
}

static bool
is_used (const struct tree *t)
{
    for (size_t i = 0; i < t->kids.n; i++) {
        if (is_used (t->kids.p[i])) {
            return true;
        }
    }
    return t->used;
}

void
tree_unused (struct arena *a, const struct tree *t, const char *path,
             tree_told_fn *told, void *data)
{
    if (!is_used (t)) {
        told (data, path, t);
        return;
    }
    for (size_t i = 0; i < t->kids.n; i++) {
        const struct tree *kid = t->kids.p[i];

        tree_unused (a, kid,
                     !kid->key ? path
                     : *path   ? arena_format (a, "%s.%s", path, kid->key)
                               : kid->key,
                     told, data);
    }
}
