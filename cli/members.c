/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/members.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/plan/resolve.h"
#include "core/provider/storage.h"
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

int
members_check (struct cli *c, const char *name, const char *file,
               struct error *err)
{
    struct fleet *f =
        fleet_of (&c->h, name) ? NULL : fleet_read (&c->h, name, file);
    struct definition *def;

    return f ? definition_check_fleet (&c->h, f, err)
             : definition_load_file (&c->h, name, file, &def, err);
}

/* A file that is there would override something. */
static int
refuse_existing (struct cli *c, const struct fleet *f, struct error *err)
{
    struct vec names = { 0 };

    fleet_members (&c->h.arena, f, &names);
    for (size_t i = 0; i < names.n; i++) {
        const char *path = definition_path (&c->h, names.p[i]);

        if (faccessat (AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
            return fail (err, EEXIST, "VM %s already exists: %s",
                         (const char *)names.p[i], path);
        }
    }
    return 0;
}

int
members_load_new (struct cli *c, const char *name, const char *file,
                  struct vec *defs, struct error *err)
{
    const struct fleet *other = fleet_of (&c->h, name);
    struct fleet *f = other ? NULL : fleet_read (&c->h, name, file);
    struct definition *def;

    if (other) {
        return fail (err, EEXIST,
                     "VM %s already exists: it is one of fleet %s "
                     "(%s)",
                     name, other->name,
                     fleet_where (&c->h.arena, other, "count"));
    }
    if (f) {
        return refuse_existing (c, f, err) < 0
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

/* "pool/edge-3-root", for each that exists. */
static const char *
volumes_of (struct cli *c, const struct definition *def)
{
    const char *list = "";

    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct error ignored = { 0 };
        struct hv_volume vol;
        struct plugin *p;
        bool found = false;

        if (d->image || resolve_volume (&c->h, d, &vol, &ignored) < 0) {
            continue;
        }
        p = resolve_storage (&c->h, &vol, NULL, &ignored);
        if (p && storage_find (p, &vol, &found, &ignored) == 0 && found) {
            list = arena_format (&c->h.arena, "%s%s%s/%s", list,
                                 *list ? ", " : "", vol.pool, vol.name);
        }
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
