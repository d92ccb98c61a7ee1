/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/members.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/machine/changing-volume.h"
#include "core/machine/leftover.h"
#include "core/machine/new-name.h"
#include "core/state/state-run.h"

#define NAMED 5 /* So many are named; of more, their number says enough. */

const char *
members_list (struct cli *c, const struct vec *names)
{
    const char *list = "";

    for (size_t i = 0; i < names->n && (i < NAMED || names->n == NAMED + 1);
         i++) {
        list = arena_format (&c->h.arena, "%s%s%s", list, i ? ", " : "",
                             (const char *)names->p[i]);
    }
    return names->n <= NAMED + 1 ? list
                                 : arena_format (&c->h.arena, "%s and %zu more",
                                                 list, names->n - NAMED);
}

/* The VMs that a text defines, or those that its file does; sorted. */
static void
add_names (struct cli *c, const char *name, const struct fleet *f,
           struct vec *names)
{
    if (f) {
        fleet_members (&c->h.arena, f, names);
    } else {
        vec_add (&c->h.arena, names, name);
    }
    vec_sort (names);
}

/* A file that is there already would override something, and its VM become
 * another one.  'before' has the VMs that are in the fleet already. */
static int
refuse_existing (struct cli *c, const struct fleet *f, const struct vec *before,
                 struct error *err)
{
    struct vec names = { 0 };

    fleet_members (&c->h.arena, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *path = definition_path (&c->h, names.p[i]);

        if (!vec_has_sorted (before, names.p[i]) && file_is_there (path)) {
            return fail_exit (err, EXIT_CONFIG, EEXIST,
                              "VM %s already exists: %s",
                              (const char *)names.p[i], path);
        }
    }
    return 0;
}

/* Nothing of earlier VMs may be there. */
static int
check_new (struct cli *c, const struct fleet *f, struct error *err)
{
    struct vec names = { 0 };

    fleet_members (&c->h.arena, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        if (new_name_check (&c->h, names.p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

int
members_check (struct cli *c, const char *name, const char *file,
               struct error *err)
{
    struct fleet *f =
        fleet_of (&c->h, name) ? NULL : fleet_read (&c->h, name, file);
    struct definition *def;
    struct vec before = { 0 };

    if (!f) {
        return definition_load_file (&c->h, name, file, &def, err);
    }
    add_names (c, name, fleet_find (&c->h, name), &before);
    return refuse_existing (c, f, &before, err) < 0
                   || definition_check_fleet (&c->h, f, err) < 0
               ? -err->code
               : 0;
}

int
members_check_locked (struct cli *c, const char *name, const char *file,
                      struct error *err)
{
    struct fleet *f =
        fleet_of (&c->h, name) ? NULL : fleet_read (&c->h, name, file);
    struct vec defs = { 0 }, before = { 0 };
    struct definition *def;

    if (!fleet_find (&c->h, name) && !definition_exists (&c->h, name)) {
        return fail_exit (err, EXIT_NOT_FOUND, ESTALE,
                          "%s is no longer defined", name);
    }
    if (f) {
        file_allow_many ();
        add_names (c, name, fleet_find (&c->h, name), &before);
        if (refuse_existing (c, f, &before, err) < 0
            || definition_load_members (&c->h, f, &defs, err) < 0) {
            return -err->code;
        }
    } else if (definition_load_file (&c->h, name, file, &def, err) == 0) {
        vec_add (&c->h.arena, &defs, def);
    }
    for (size_t i = 0; i < defs.n && !err->code; i++) {
        changing_lock_disks (&c->h, defs.p[i], err);
    }
    return -err->code;
}

int
members_load_new (struct cli *c, const char *name, const char *file,
                  struct vec *defs, struct error *err)
{
    struct fleet *f =
        fleet_of (&c->h, name) ? NULL : fleet_read (&c->h, name, file);
    struct definition *def;

    if (new_name_check (&c->h, name, err) < 0) {
        return -err->code;
    }
    if (f) {
        return check_new (c, f, err) < 0
                       || definition_load_members (&c->h, f, defs, err) < 0
                   ? -err->code
                   : 0;
    }
    if (definition_load_file (&c->h, name, file, &def, err) < 0) {
        return -err->code;
    }
    vec_add (&c->h.arena, defs, def);
    return 0;
}

/* "pool/edge-3-root", for each that exists. */
static const char *
volumes_of (struct cli *c, const struct definition *def)
{
    struct vec volumes = { 0 };
    const char *list = "";

    leftover_volumes (&c->h, def, false, &volumes);
    for (size_t i = 0; i < volumes.n; i++) {
        list = arena_format (&c->h.arena, "%s%s%s", list, *list ? ", " : "",
                             (const char *)volumes.p[i]);
    }
    return list;
}

/* Adds the VM if anything of it remains. */
static void
add_kept (struct cli *c, const char *name, struct vec *kept)
{
    struct error ignored = { 0 };
    struct definition *def = NULL;
    struct vm_state s;
    const char *volumes;
    bool runs;

    state_read (&c->h, name, &s);
    runs = s.run > RUN_STALE;
    definition_load (&c->h, name, &def, &ignored);
    volumes = def ? volumes_of (c, def) : "";
    if (runs || *volumes) {
        vec_add (&c->h.arena, kept,
                 arena_format (&c->h.arena, "%s (%s%s%s%s)", name,
                               runs ? state_run_text (s.run) : "",
                               runs && *volumes ? ", " : "",
                               *volumes ? "volume " : "", volumes));
    }
}

/* Adds a VM that comes if something of an earlier one is there. */
static void
add_adopted (struct cli *c, const char *name, struct vec *adopted)
{
    struct leftover l;

    if (leftover_look (&c->h, name, &l)) {
        vec_add (&c->h.arena, adopted,
                 arena_format (&c->h.arena, "%s (%s)", name,
                               leftover_text (&c->h, &l)));
    }
}

void
members_compare (struct cli *c, const char *name, const char *file,
                 struct members *m)
{
    const struct fleet *before = fleet_find (&c->h, name);
    const struct fleet *after =
        fleet_of (&c->h, name) ? NULL : fleet_read (&c->h, name, file);
    struct vec old = { 0 }, new = { 0 };

    *m = (struct members){ 0 };
    add_names (c, name, before, &old);
    add_names (c, name, after, &new);
    for (size_t i = 0; i < new.n; i++) {
        if (!vec_has_sorted (&old, new.p[i])) {
            vec_add (&c->h.arena, &m->come, new.p[i]);
            add_adopted (c, new.p[i], &m->adopted);
        }
    }
    for (size_t i = 0; i < old.n; i++) {
        if (!vec_has_sorted (&new, old.p[i])) {
            vec_add (&c->h.arena, &m->left, old.p[i]);
            add_kept (c, old.p[i], &m->kept);
        }
    }
}

int
members_confirm (struct cli *c, const char *name, const struct members *m,
                 struct error *err)
{
    if (m->come.n && !c->json) {
        out ("%s will be defined ('hvctl apply %s' creates missing "
             "disks)\n",
             members_list (c, &m->come), name);
    }
    if (m->adopted.n && !c->json) {
        out ("taken over from earlier VMs: %s\n",
             members_list (c, &m->adopted));
    }
    if (m->left.n && !c->json) {
        out ("%s will no longer be defined\n", members_list (c, &m->left));
    }
    if (m->kept.n && !c->json) {
        out ("left over, and kept: %s\n", members_list (c, &m->kept));
    }
    if (!m->left.n || has_option (c, "yes")
        || (!m->kept.n && !isatty (STDIN_FILENO))
        || confirm ("Save the definition of %s?", name)) {
        return 0;
    }
    return fail_exit (
        err, EXIT_USAGE, ECANCELED, "%s would no longer be defined%s%s: %s",
        members_list (c, &m->left), m->kept.n ? ", and would leave over " : "",
        m->kept.n ? members_list (c, &m->kept) : "", why_unconfirmed ());
}

void
members_warn_left (struct cli *c)
{
    struct vec names = { 0 };

    for (size_t i = 0; i < c->args.n; i++) {
        const struct fleet *f = fleet_find (&c->h, c->args.p[i]);

        if (f) {
            leftover_of_fleet (&c->h, f, &names);
        }
    }
    if (!c->args.n) {
        leftover_of_all (&c->h, &names);
    }
    for (size_t i = 0; i < names.n; i++) {
        struct leftover l;

        if (leftover_look (&c->h, names.p[i], &l) && l.fleet) {
            hvctl_warn ("%s is no longer a VM of fleet %s (%s); left over: %s: "
                        "'hvctl rm %s%s' removes it",
                        l.name, l.fleet->name,
                        fleet_where (&c->h.arena, l.fleet, "count"),
                        leftover_text (&c->h, &l),
                        l.volumes.n ? "--disks " : "", l.name);
        }
    }
}
