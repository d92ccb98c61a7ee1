/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* YAML by libyaml, event by event.  Anchors, aliases and merge keys ("<<") are
 * resolved here: each use of an alias counts as much as what it stands for. */
#include "import/read.h"

#include <errno.h>
#include <string.h>
#include <yaml.h>

#define MERGE "<<"

struct anchor {
    const char *name;
    const struct tree *node;
};

struct scanner {
    struct reading *r;
    yaml_parser_t parser;
    struct vec anchors; /* struct anchor * */
    struct error *err;
};

static struct tree *read_node (struct scanner *s, yaml_event_t *e,
                               struct tree *parent, const char *key, int depth);

static void *
wrong (struct scanner *s, size_t line, const char *what)
{
    fail (s->err, EINVAL, "%s:%zu: this is not YAML as balenaVirt reads it: %s",
          s->r->budget.file, line + 1, what);
    return NULL;
}

static bool
next (struct scanner *s, yaml_event_t *e)
{
    if (yaml_parser_parse (&s->parser, e)) {
        return true;
    }
    memset (e, 0, sizeof *e);
    wrong (s, s->parser.problem_mark.line,
           s->parser.problem ? s->parser.problem : "it cannot be read");
    return false;
}

static struct tree *
copy (struct scanner *s, const struct tree *from, struct tree *parent,
      const char *key, int depth)
{
    struct tree *t;

    if (depth > TREE_DEPTH) {
        return wrong (s, (size_t)from->line - 1, "it is nested too deeply");
    }
    t = tree_add (&s->r->budget, parent, key, from->line, from->kind,
                  from->value, from->value ? strlen (from->value) : 0, s->err);
    for (size_t i = 0; t && i < from->kids.n; i++) {
        const struct tree *kid = from->kids.p[i];

        if (!copy (s, kid, t, kid->key, depth + 1)) {
            return NULL;
        }
    }
    return t;
}

static void
set_anchor (struct scanner *s, const unsigned char *name, const struct tree *t)
{
    struct anchor *a;

    if (name) {
        a = arena_alloc (s->r->budget.arena, sizeof *a);
        a->name = arena_dup (s->r->budget.arena, (const char *)name);
        a->node = t;
        vec_add (s->r->budget.arena, &s->anchors, a);
    }
}

/* The last anchor of that name counts.  One that is not closed yet contains
 * the alias. */
static struct tree *
read_alias (struct scanner *s, const yaml_event_t *e, struct tree *parent,
            const char *key, int depth)
{
    const char *name = (const char *)e->data.alias.anchor;

    for (size_t i = s->anchors.n; i-- > 0;) {
        const struct anchor *a = s->anchors.p[i];

        if (!strcmp (a->name, name)) {
            return copy (s, a->node, parent, key, depth);
        }
    }
    return wrong (s, e->start_mark.line, "an alias has no anchor before it");
}

static struct tree *
read_scalar (struct scanner *s, const yaml_event_t *e, struct tree *parent,
             const char *key)
{
    const char *value = (const char *)e->data.scalar.value;
    bool plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    bool is_null =
        plain && (!*value || !strcmp (value, "~") || !strcmp (value, "null"));
    struct tree *t = tree_add (
        &s->r->budget, parent, key, (int)e->start_mark.line + 1, TREE_TEXT,
        is_null ? NULL : value, is_null ? 0 : e->data.scalar.length, s->err);

    if (t) {
        set_anchor (s, e->data.scalar.anchor, t);
    }
    return t;
}

static struct tree *
read_list (struct scanner *s, struct tree *t, int depth)
{
    yaml_event_t e;
    bool ok = true;

    while (ok && next (s, &e)) {
        bool end = e.type == YAML_SEQUENCE_END_EVENT;

        ok = end || read_node (s, &e, t, NULL, depth + 1);
        yaml_event_delete (&e);
        if (end) {
            return t;
        }
    }
    return NULL;
}

/* The map's own keys win, then those of the first map that is merged. */
static bool
merge (struct scanner *s, struct tree *map, const struct tree *from, int depth)
{
    if (from->kind == TREE_LIST) {
        for (size_t i = 0; i < from->kids.n; i++) {
            const struct tree *one = from->kids.p[i];

            if (one->kind != TREE_MAP || !merge (s, map, one, depth)) {
                return s->err->code ? false
                                    : wrong (s, (size_t)one->line - 1,
                                             "only maps can be merged");
            }
        }
        return true;
    }
    for (size_t i = 0; i < from->kids.n; i++) {
        const struct tree *kid = from->kids.p[i];

        if (!tree_peek (map, kid->key)
            && !copy (s, kid, map, kid->key, depth + 1)) {
            return false;
        }
    }
    return from->kind == TREE_MAP
           || wrong (s, (size_t)from->line - 1, "only maps can be merged");
}

static bool
read_member (struct scanner *s, yaml_event_t *k, struct tree *map,
             struct tree *merged, int depth)
{
    const char *key = k->type == YAML_SCALAR_EVENT
                          ? (const char *)k->data.scalar.value
                          : NULL;
    bool is_merge = key && !strcmp (key, MERGE);
    yaml_event_t e;
    bool ok;

    if (!key || strlen (key) != k->data.scalar.length) {
        return wrong (s, k->start_mark.line, "a key is no text");
    }
    if (!is_merge && tree_peek (map, key)) {
        return wrong (s, k->start_mark.line, "a key is repeated");
    }
    if (!next (s, &e)) {
        return false;
    }
    ok = read_node (s, &e, is_merge ? merged : map, is_merge ? NULL : key,
                    depth + 1);
    yaml_event_delete (&e);
    return ok;
}

static struct tree *
read_map (struct scanner *s, struct tree *t, int depth)
{
    struct tree *merged = tree_add (&s->r->budget, NULL, NULL, t->line,
                                    TREE_LIST, NULL, 0, s->err);
    yaml_event_t e;
    bool ok = merged;

    while (ok && next (s, &e)) {
        bool end = e.type == YAML_MAPPING_END_EVENT;

        ok = end || read_member (s, &e, t, merged, depth);
        yaml_event_delete (&e);
        for (size_t i = 0; end && i < merged->kids.n; i++) {
            if (!merge (s, t, merged->kids.p[i], depth)) {
                return NULL;
            }
        }
        if (end) {
            return t;
        }
    }
    return NULL;
}

static struct tree *
read_node (struct scanner *s, yaml_event_t *e, struct tree *parent,
           const char *key, int depth)
{
    bool list = e->type == YAML_SEQUENCE_START_EVENT;
    const unsigned char *anchor =
        list ? e->data.sequence_start.anchor : e->data.mapping_start.anchor;
    struct tree *t;

    if (depth > TREE_DEPTH) {
        return wrong (s, e->start_mark.line, "it is nested too deeply");
    }
    if (e->type == YAML_ALIAS_EVENT) {
        return read_alias (s, e, parent, key, depth);
    }
    if (e->type == YAML_SCALAR_EVENT) {
        return read_scalar (s, e, parent, key);
    }
    if (!list && e->type != YAML_MAPPING_START_EVENT) {
        return wrong (s, e->start_mark.line, "a value is missing");
    }
    t = tree_add (&s->r->budget, parent, key, (int)e->start_mark.line + 1,
                  list ? TREE_LIST : TREE_MAP, NULL, 0, s->err);
    t = !t ? NULL : list ? read_list (s, t, depth) : read_map (s, t, depth);
    if (t) {
        set_anchor (s, anchor, t);
    }
    return t;
}

/* One document. */
static struct tree *
read_all (struct scanner *s)
{
    struct tree *t = NULL;
    bool end = false;
    yaml_event_t e;

    while (!end && next (s, &e)) {
        bool ok = true;

        switch (e.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_END_EVENT:
            break;
        case YAML_DOCUMENT_START_EVENT:
            ok = !t
                 || wrong (s, e.start_mark.line,
                           "it has more than one document");
            break;
        case YAML_STREAM_END_EVENT:
            end = true;
            break;
        default:
            t = read_node (s, &e, NULL, NULL, 0);
            ok = t;
        }
        yaml_event_delete (&e);
        if (!ok) {
            return NULL;
        }
    }
    return !end || t ? (end ? t : NULL) : wrong (s, 0, "it has no document");
}

struct tree *
read_yaml (struct reading *r, struct error *err)
{
    struct scanner s = { .r = r, .err = err };
    struct tree *t;

    if (!yaml_parser_initialize (&s.parser)) {
        fail (err, ENOMEM, "%s: libyaml cannot begin", r->budget.file);
        return NULL;
    }
    yaml_parser_set_input_string (&s.parser, (const unsigned char *)r->text,
                                  r->len);
    t = read_all (&s);
    yaml_parser_delete (&s.parser);
    return t;
}
