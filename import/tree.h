/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The contents of a file of another tool: keys and values with their lines,
 * whatever its syntax.  A confined program reads the file (read.h) and prints
 * the tree; hvctl gives it a meaning, and knows what it has not used. */
#ifndef IMPORT_TREE_H
#define IMPORT_TREE_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"

/* Far above what any tool needs; an alias of an alias of an alias reaches it.
 */
#define TREE_NODES 20000
#define TREE_DEPTH 40
#define TREE_BYTES (1 << 20)

enum tree_kind { TREE_TEXT, TREE_LIST, TREE_MAP };

struct tree {
    const char *key;  /* Null: an item of a list, or the file itself. */
    const char *file; /* As the user named it. */
    int line;
    enum tree_kind kind;
    const char *value; /* Of a text; null: none. */
    struct vec kids;   /* struct tree *; keys of a map may be repeated. */
    bool used;         /* Its meaning is known. */
};

/* What limits a tree while it is built. */
struct tree_budget {
    struct arena *arena;
    const char *file;
    size_t nodes, bytes;
};

/* Returns how many bytes of a text are UTF-8 without control characters, except
 * tabs and ends of lines if it may have 'lines'. */
size_t tree_plain_length (const char *text, size_t len, bool lines);

/* Adds a node to 'parent', if not null.  Returns null if the tree becomes too
 * large, or the key or the value contains a control character. */
struct tree *tree_add (struct tree_budget *b, struct tree *parent,
                       const char *key, int line, enum tree_kind kind,
                       const char *value, size_t len, struct error *err);

/* Returns the tree as JSON; the tree in such JSON, which nobody vouches for, or
 * null. */
struct json_object *tree_to_json (const struct tree *t);
struct tree *tree_from_json (struct tree_budget *b, struct json_object *o,
                             struct error *err);

/* Return the first member of that key, or null; the same, used; its text, or
 * null: there is none, or it is no text. */
struct tree *tree_peek (const struct tree *t, const char *key);
struct tree *tree_take (struct tree *t, const char *key);
const char *tree_text (struct tree *t, const char *key);

/* Marks it and everything in it as used. */
void tree_use_all (struct tree *t);

/* Calls 'told' for each topmost node of which nothing is used. */
typedef void tree_told_fn (void *data, const char *path,
                           const struct tree *node);
void tree_unused (struct arena *a, const struct tree *t, const char *path,
                  tree_told_fn *told, void *data);

#endif /* IMPORT_TREE_H */
