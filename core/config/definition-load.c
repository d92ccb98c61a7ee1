/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* From the file of a VM, that of its fleet, templates and variables to a
 * definition. */
#include "core/config/definition-load.h"

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/vec.h"
#include "core/config/clash.h"
#include "core/config/definition-text.h"
#include "core/config/keys.h"
#include "core/config/settings.h"
#include "core/config/template.h"
#include "core/config/variable.h"

/* A member without a file of its own has an empty one. */
static struct hv_options *
parse_own (struct hvctl *h, struct definition *def, struct problems *p)
{
    size_t size = 0;
    CLEANUP_FREE char *text = definition_text_take (h, def->name, &size);
    struct hv_options *none;

    if (text) {
        return config_parse_loaded (&h->arena, def->file, text, size,
                                    definition_kinds, p);
    }
    if (!def->fleet || file_is_there (def->file)) {
        return config_parse (&h->arena, def->file, definition_kinds, p);
    }
    none = arena_alloc (&h->arena, sizeof *none);
    def->file = none->file = def->fleet->file;
    none->own = true;
    return none;
}

/* Only the file of a fleet has 'count': and that one is no VM. */
static void
refuse_fleet_keys (const struct definition *def, struct problems *p)
{
    for (size_t i = 0; i < def->root->n_settings; i++) {
        const struct setting *set = &def->root->settings[i];

        if (!fleet_has_key (set->key)) {
            continue;
        }
        if (def->fleet) {
            problem (p, set->file, set->line,
                     "%s is a VM of fleet %s (%s), so its own file cannot have "
                     "'%s'",
                     def->name, def->fleet->name,
                     fleet_where (p->arena, def->fleet, "count"), set->key);
        } else {
            problem (p, set->file, set->line,
                     "'first' is for fleets, and there is no 'count'");
        }
    }
}

static void
expand (struct hvctl *h, struct definition *def, struct problems *p)
{
    if (def->fleet) {
        fleet_derive (&h->arena, def->root, def->index);
    }
    variable_expand (def->root, def->name, p);
    definition_interpret (h, def, p);
    clash_definitions (&def, 1, p);
}

/* Without one of its templates, other problems may be none. */
static void
merge (struct hvctl *h, struct definition *def, struct problems *p)
{
    struct problems others = { .arena = p->arena };
    size_t before = p->lines.n;

    def->root = template_merge (h, def->root, def->fleet, p);
    def->incomplete = p->lines.n > before;
    expand (h, def, def->incomplete ? &others : p);
}

/* Members without their own files. */
static struct definition *
bare_member (struct hvctl *h, struct fleet *f, size_t i)
{
    struct definition *def = arena_alloc (&h->arena, sizeof *def);
    struct problems ignored = { .arena = &h->arena };

    def->name = fleet_member (&h->arena, f, i);
    def->fleet = f;
    def->index = f->first + i;
    def->file = "";
    def->root = parse_own (h, def, &ignored);
    merge (h, def, &ignored);
    return def;
}

/* The members, without their own files, are compared for what they would share:
 * so a command for one of them reads no other's file.  Two of them show what
 * all have; others are compared only if something depends on a variable. */
static void
compare_members (struct hvctl *h, struct fleet *f)
{
    struct vec members = { 0 };

    f->compared = true;
    for (size_t i = 0; i < f->count; i++) {
        struct definition *def = bare_member (h, f, i);

        vec_add (&h->arena, &members, def);
        if (i == 1 && !clash_varies (def)) {
            break;
        }
    }
    if (members.n > 1) {
        clash_definitions ((struct definition *const *)members.p, members.n,
                           &f->equal);
    }
}

struct fleet *
definition_fleet (struct hvctl *h, const char *name, uint64_t *index)
{
    struct fleet *f = fleet_beside (h, name, index);

    if (f && f->valid && !f->compared) {
        struct arena own = { 0 };

        arena_swap (&h->arena, &own);
        compare_members (h, f);
        arena_swap (&h->arena, &own);
        arena_free (&own);
    }
    return f && (!f->valid || fleet_has (f, *index)) ? f : NULL;
}

/* Loads it as a member of the fleet, or of none. */
static int
load (struct hvctl *h, struct definition *def, struct fleet *fleet,
      struct definition **out, struct error *err)
{
    struct problems p = { .arena = &h->arena };

    def->fleet = fleet;
    if (fleet) {
        problem_add_new (&p, &fleet->broken.lines);
        problem_add_new (&p, &fleet->equal.lines);
    }
    if (!fleet || fleet->valid) {
        def->root = parse_own (h, def, &p);
    }
    if (def->root && !fleet && settings_is_set (def->root, "count")) {
        return fleet_refuse (h, fleet_read (h, def->name, def->file), err);
    }
    if (def->root) {
        refuse_fleet_keys (def, &p);
        merge (h, def, &p);
        def->incomplete |= fleet && fleet->broken.lines.n;
        *out = def;
    }
    if (problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return 0;
}

int
definition_load_file (struct hvctl *h, const char *name, const char *file,
                      struct definition **out, struct error *err)
{
    struct definition *def = arena_alloc (&h->arena, sizeof *def);

    def->name = arena_dup (&h->arena, name);
    def->file = file;
    return load (h, def, definition_fleet (h, name, &def->index), out, err);
}

int
definition_load_left (struct hvctl *h, struct fleet *f, const char *name,
                      uint64_t index, struct definition **out,
                      struct error *err)
{
    struct definition *def = arena_alloc (&h->arena, sizeof *def);

    def->name = arena_dup (&h->arena, name);
    def->file = definition_path (h, name);
    def->index = index;
    return load (h, def, f, out, err);
}

/* Adds its problems, and it itself if it has none. */
static void
add_member (struct hvctl *h, struct fleet *f, size_t i, const char *name,
            struct vec *defs, struct problems *p)
{
    struct definition *def = arena_alloc (&h->arena, sizeof *def);
    struct error err = { 0 };

    def->name = name;
    def->file = definition_path (h, name);
    def->index = f->first + i;
    if (load (h, def, f, &def, &err) < 0) {
        problem_add_member (p, err.text, name, f->name);
    } else {
        problem_add_member (p, "", name, f->name);
        vec_add (&h->arena, defs, def);
    }
}

int
definition_load_members (struct hvctl *h, struct fleet *f, struct vec *out,
                         struct error *err)
{
    struct problems p = { .arena = &h->arena };
    struct vec names = { 0 };

    problem_add_new (&p, &f->broken.lines);
    fleet_members (&h->arena, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        add_member (h, f, i, names.p[i], out, &p);
    }
    clash_definitions ((struct definition *const *)out->p, out->n, &p);
    if (problem_fail (&p, err) < 0) {
        err->exit_code = EXIT_CONFIG;
        return -err->code;
    }
    return 0;
}

int
definition_check_fleet (struct hvctl *h, struct fleet *f, struct error *err)
{
    struct arena own = { 0 };
    struct vec defs = { 0 };
    int rc;

    arena_swap (&h->arena, &own);
    rc = definition_load_members (h, f, &defs, err);
    arena_swap (&h->arena, &own);
    arena_free (&own);
    return rc;
}
