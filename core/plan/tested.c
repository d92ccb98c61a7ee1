/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/plan/tested.h"

#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "core/base/build-id.h"
#include "core/base/file.h"
#include "core/base/json.h"
#include "core/config/host.h"
#include "core/plan/plan-helper.h"

#define FILE_NAME "tested.json"
#define KEPT 100 /* Number of builds that are kept; the oldest are dropped. */

static const char *
file_of (struct hvctl *h, const char *dir)
{
    return arena_format (&h->arena, "%s/" FILE_NAME, dir);
}

static void
add_program (struct arena *a, const char *program, struct vec *out)
{
    struct untested *u = arena_alloc (a, sizeof *u);

    u->program = program;
    u->build = build_id (a, program);
    u->library = build_id_library (a, program);
    u->library_build = u->library ? build_id (a, u->library) : NULL;
    if (u->build) {
        vec_add (a, out, u);
    }
}

void
tested_add (struct arena *a, const struct plan *plan, struct vec *tried)
{
    add_program (a, arena_dup (a, plan->program), tried);
    for (size_t i = 0; i < plan->nics.n; i++) {
        const struct plan_nic *n = plan->nics.p[i];

        if (plan_has_helper (n)) {
            add_program (a, arena_dup (a, n->helper.argv.p[0]), tried);
        }
    }
}

/* ---------------------------------------------------------------- the file */

static bool
is_same (const char *a, const char *b)
{
    return a && b ? !strcmp (a, b) : a == b;
}

/* Results of another hvctl do not count: its tables may differ. */
static bool
is_ours (struct arena *a, struct json_object *o)
{
    return is_same (json_get_text (a, o, "hvctl"), PACKAGE_VERSION);
}

static struct json_object *
read_items (const char *path)
{
    struct json_object *o = json_read (path), *items;

    items = o ? json_member (o, "items", json_type_array) : NULL;
    if (items) {
        json_object_get (items);
    }
    json_object_put (o);
    return items ? items : json_object_new_array ();
}

static struct json_object *
entry (const struct untested *u, const char *by)
{
    struct json_object *o = json_object_new_object ();

    json_put_text (o, "program", u->program);
    json_put_text (o, "build", u->build);
    json_put_text (o, "library", u->library);
    json_put_text (o, "library_build", u->library_build);
    json_put_text (o, "hvctl", PACKAGE_VERSION);
    json_put_text (o, "by", by);
    json_put_number (o, "time", (int64_t)time (NULL));
    return o;
}

static bool
is_among (struct arena *a, const struct vec *all, struct json_object *o)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct untested *u = all->p[i];

        if (is_same (json_get_text (a, o, "build"), u->build)
            && is_same (json_get_text (a, o, "library_build"),
                        u->library_build)) {
            return true;
        }
    }
    return false;
}

int
tested_save (struct hvctl *h, const struct vec *tried, const char *by,
             struct error *err)
{
    const char *path = file_of (h, h->host->state_dir);
    struct json_object *old = read_items (path);
    struct json_object *items = json_object_new_array ();
    struct json_object *o = json_object_new_object ();
    size_t n = json_object_array_length (old);
    int r;

    for (size_t i = 0; i < tried->n; i++) {
        json_object_array_add (items, entry (tried->p[i], by));
    }
    for (size_t i = 0; i < n && i < KEPT; i++) {
        struct json_object *item = json_object_array_get_idx (old, i);

        if (is_ours (&h->arena, item) && !is_among (&h->arena, tried, item)) {
            json_object_array_add (items, json_object_get (item));
        }
    }
    json_object_object_add (o, "items", items);
    r = file_make_dirs (h->host->state_dir, 0755, err);
    if (r == 0) {
        r = file_write (
            path, 0644,
            json_object_to_json_string_ext (o, JSON_C_TO_STRING_PRETTY), err);
    }
    json_object_put (old);
    json_object_put (o);
    return r;
}

/* ------------------------------------------------------- untested programs */

/* Searches a file for a program's build.  Returns 2 if it was tried with that
 * library, 1 if with another one, 0 if it was not tried. */
static int
look_up (struct hvctl *h, const char *dir, const struct untested *u)
{
    struct json_object *items = read_items (file_of (h, dir));
    int best = 0;

    for (size_t i = 0; i < json_object_array_length (items); i++) {
        struct json_object *o = json_object_array_get_idx (items, i);
        int how;

        if (!is_ours (&h->arena, o)
            || !is_same (json_get_text (&h->arena, o, "build"), u->build)) {
            continue;
        }
        how = is_same (json_get_text (&h->arena, o, "library_build"),
                       u->library_build)
                  ? 2
                  : 1;
        best = how > best ? how : best;
    }
    json_object_put (items);
    return best;
}

void
tested_lacks (struct hvctl *h, const struct plan *plan, struct vec *out)
{
    static const char system[] = HVCTL_LOCALSTATEDIR "/lib/hvctl";
    struct vec all = { 0 };

    tested_add (&h->arena, plan, &all);
    for (size_t i = 0; i < all.n; i++) {
        struct untested *u = all.p[i];
        int how = look_up (h, h->host->state_dir, u);

        if (how < 2 && !h->host->root) {
            int theirs = look_up (h, system, u);

            how = theirs > how ? theirs : how;
        }
        if (how < 2) {
            u->reason = how ? arena_format (&h->arena,
                                            "it was tried with another build "
                                            "of its C library, %s",
                                            u->library)
                            : "this build has not been tried in the sandbox "
                              "of this hvctl";
            vec_add (&h->arena, out, u);
        }
    }
}
