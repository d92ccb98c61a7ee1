/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* JSON (RFC 8259) with lines, which json-c does not tell. */
#include "import/read.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

struct scanner {
    struct reading *r;
    const char *p;
    int line;
    struct error *err;
};

static struct tree *read_value (struct scanner *s, struct tree *parent,
                                const char *key, int depth);

static void *
wrong (struct scanner *s, const char *what)
{
    fail (s->err, EINVAL, "%s:%d: this is not JSON: %s", s->r->budget.file,
          s->line, what);
    return NULL;
}

static char
next (struct scanner *s)
{
    while (*s->p && strchr (" \t\r\n", *s->p)) {
        s->line += *s->p++ == '\n';
    }
    return *s->p;
}

/* Returns the text of a string; json-c knows the escapes. */
static struct json_object *
read_string (struct scanner *s)
{
    const char *from = s->p++;
    struct json_tokener *tok;
    struct json_object *o;

    while (*s->p && *s->p != '"' && *s->p != '\n') {
        s->p += *s->p == '\\' && s->p[1] ? 2 : 1;
    }
    if (*s->p != '"') {
        return wrong (s, "a string has no end in its line");
    }
    s->p++;
    tok = json_tokener_new ();
    json_tokener_set_flags (tok, JSON_TOKENER_STRICT);
    o = json_tokener_parse_ex (tok, from, (int)(s->p - from));
    if (json_tokener_get_error (tok) != json_tokener_success
        || !json_object_is_type (o, json_type_string)) {
        json_object_put (o);
        o = wrong (s, "a string has an escape that does not exist");
    }
    json_tokener_free (tok);
    return o;
}

static struct tree *
add_string (struct scanner *s, struct tree *parent, const char *key)
{
    struct json_object *o = read_string (s);
    struct tree *t =
        o ? tree_add (&s->r->budget, parent, key, s->line, TREE_TEXT,
                      json_object_get_string (o),
                      (size_t)json_object_get_string_len (o), s->err)
          : NULL;

    json_object_put (o);
    return t;
}

/* A number, true, false or null. */
static struct tree *
add_word (struct scanner *s, struct tree *parent, const char *key)
{
    size_t len = strspn (s->p, "+-.0123456789abcdefghijklmnopqrstuvwxyzE");
    const char *word = s->p;
    bool is_null = len == 4 && !strncmp (word, "null", 4);
    bool good = is_null || (len == 4 && !strncmp (word, "true", 4))
                || (len == 5 && !strncmp (word, "false", 5))
                || (len && strspn (word, "+-.0123456789eE") == len
                    && strchr ("-0123456789", *word));

    s->p += len;
    return good ? tree_add (&s->r->budget, parent, key, s->line, TREE_TEXT,
                            is_null ? NULL : word, is_null ? 0 : len, s->err)
                : wrong (s, "a value is missing, or is none");
}

/* Reads "KEY:", which a map may have once. */
static const char *
read_key (struct scanner *s, struct tree *map)
{
    struct json_object *o =
        next (s) == '"' ? read_string (s) : wrong (s, "a key is missing");
    const char *key =
        o ? arena_dup (s->r->budget.arena, json_object_get_string (o)) : NULL;

    bool whole = o && strlen (key) == (size_t)json_object_get_string_len (o);

    json_object_put (o);
    if (!key || !whole) {
        return key ? wrong (s, "a key contains a NUL byte") : NULL;
    }
    if (tree_peek (map, key)) {
        return wrong (s, arena_format (s->r->budget.arena,
                                       "the key \"%s\" is repeated", key));
    }
    if (next (s) != ':') {
        return wrong (s, "':' is missing after a key");
    }
    s->p++;
    return key;
}

static struct tree *
add_many (struct scanner *s, struct tree *parent, const char *key, int depth)
{
    bool is_map = *s->p++ == '{';
    char end = is_map ? '}' : ']';
    struct tree *t = tree_add (&s->r->budget, parent, key, s->line,
                               is_map ? TREE_MAP : TREE_LIST, NULL, 0, s->err);

    if (t && next (s) == end) {
        s->p++;
        return t;
    }
    while (t) {
        const char *k = is_map ? read_key (s, t) : NULL;

        if ((is_map && !k) || !read_value (s, t, k, depth + 1)) {
            return NULL;
        }
        if (next (s) == end) {
            s->p++;
            return t;
        }
        if (*s->p != ',') {
            return wrong (s,
                          "',' or the end of a list or an object is missing");
        }
        s->p++;
    }
    return NULL;
}

static struct tree *
read_value (struct scanner *s, struct tree *parent, const char *key, int depth)
{
    char c = next (s);

    return depth > TREE_DEPTH     ? wrong (s, "it is nested too deeply")
           : c == '{' || c == '[' ? add_many (s, parent, key, depth)
           : c == '"'             ? add_string (s, parent, key)
                                  : add_word (s, parent, key);
}

struct tree *
read_json (struct reading *r, struct error *err)
{
    struct scanner s = { r, r->text, 1, err };
    struct tree *t;

    if (!strncmp (s.p, "\xef\xbb\xbf", 3)) {
        s.p += 3;
    }
    t = read_value (&s, NULL, NULL, 0);
    return t && next (&s) ? wrong (&s, "there is something after its end") : t;
}
