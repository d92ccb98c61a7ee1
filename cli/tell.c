/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/tell.h"

#include <json-c/json.h>
#include <string.h>

#include "common/member.h"
#include "core/base/name.h"

#define MOST_NAMED 5

/* Returns the line without "; for VM NAME" at its end. */
static const char *
shared_part (struct cli *c, const char *line, size_t len, const char *vm)
{
    const char *suffix = arena_format (&c->h.arena, "; for VM %s", vm);
    size_t n = strlen (suffix);

    if (len > n && !strncmp (line + len - n, suffix, n)) {
        len -= n;
    }
    return arena_dup_n (&c->h.arena, line, len);
}

void
tell_error (struct cli *c, struct told *told, const char *vm,
            struct json_object *result)
{
    const char *line = json_member_text (
        json_member (result, "error", json_type_object), "message");
    bool same = false;

    while (*line && !c->json) {
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
        hvctl_warn ("the same applies to %s, and %zu more VMs", list,
                    n - named);
    } else if (n) {
        hvctl_warn ("the same applies to %s", list);
    }
}
