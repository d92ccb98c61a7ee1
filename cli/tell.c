/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/tell.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>

#include "common/member.h"
#include "core/base/name.h"

#define MOST_NAMED 5

static bool
is_word (int c)
{
    return isalnum (c) || c == '_';
}

/* The text with another word for each name of the VM: "/v/f.conf:4: disk r:
 * volume f-0-r" is the same problem for f-1. */
static const char *
without_name (struct cli *c, const char *text, const char *vm)
{
    const char *out = "", *from = text, *at = text;
    size_t n = strlen (vm);

    while ((at = strstr (at, vm))) {
        if ((at == text || !is_word ((unsigned char)at[-1]))
            && !is_word ((unsigned char)at[n])) {
            out = arena_format (&c->h.arena, "%s%.*s\n", out, (int)(at - from),
                                from);
            from = at + n;
        }
        at += n;
    }
    return arena_format (&c->h.arena, "%s%s", out, from);
}

/* Returns what is the same for other VMs with that problem: the line without
 * "; for VM NAME" at its end and, if it is about a line of a file, without
 * "NAME: " before it and the name. */
static const char *
shared_part (struct cli *c, const char *line, size_t len, const char *vm)
{
    struct arena *a = &c->h.arena;
    const char *prefix = arena_format (a, "%s: /", vm);
    const char *suffix = arena_format (a, "; for VM %s", vm);
    size_t before = strlen (prefix) - 1, n = strlen (suffix);

    if (len > n && !strncmp (line + len - n, suffix, n)) {
        len -= n;
    }
    if (len > before && !strncmp (line, prefix, before + 1)) {
        line += before;
        len -= before;
    }
    line = arena_dup_n (a, line, len);
    return *line == '/' ? without_name (c, line, vm) : line;
}

void
tell_error (struct cli *c, struct told *told, const char *vm,
            struct json_object *result)
{
    if (!c->json) {
        tell_text (
            c, told, vm,
            json_member_text (json_member (result, "error", json_type_object),
                              "message"));
    }
}

void
tell_text (struct cli *c, struct told *told, const char *vm, const char *line)
{
    bool same = false;

    while (*line) {
        size_t len = strcspn (line, "\n");
        const char *shared = shared_part (c, line, len, vm);

        if (vec_has (&told->lines, shared)) {
            same = true;
        } else {
            vec_add (&c->h.arena, &told->lines, shared);
            hvctl_warn ("%.*s", (int)len, line);
        }
        line += len + (line[len] == '\n');
    }
    if (same) {
        vec_add (&c->h.arena, &told->same, arena_dup (&c->h.arena, vm));
    }
}

void
tell_same (struct cli *c, struct told *told)
{
    size_t n = told->same.n;
    size_t named = n < MOST_NAMED ? n : MOST_NAMED;
    struct vec first;
    const char *list;

    vec_sort (&told->same);
    first = told->same;
    first.n = named;
    list = name_list (&c->h.arena, &first, named);
    if (n > named) {
        hvctl_warn ("the same applies to %s, and %zu more VM%s", list,
                    n - named, n == named + 1 ? "" : "s");
    } else if (n) {
        hvctl_warn ("the same applies to %s", list);
    }
}
