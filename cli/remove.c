/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* rm: removes a definition, and its state; with --disks also its volumes and
 * their snapshots.  Half a VM is of no use: so everything is checked before
 * anything is removed. */
#include <errno.h>
#include <fnmatch.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/crowd.h"
#include "cli/loss.h"
#include "cli/members.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/file.h"
#include "core/base/arena.h"
#include "core/base/json.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/machine/changing.h"
#include "core/machine/clone-origin.h"
#include "core/machine/leftover.h"
#include "core/machine/remove.h"
#include "core/machine/saved-check.h"

#define NAMED 5 /* So many losses are named. */

/* ---------------------------------------------------------------- One VM */

static const char *
loss_of_one (struct cli *c, const struct removal *r)
{
    const struct doomed_vm *vm = r->vms.p[0];
    struct leftover left;

    return r->left && leftover_look (&c->h, r->name, &left)
               ? arena_format (&c->h.arena,
                               ", which is no longer defined: %s%s",
                               leftover_text (&c->h, &left),
                               left.volumes.n && !r->disks
                                   ? " (without --disks, volumes are kept)"
                                   : "")
               : loss_of_vm (c, r->name, &vm->disks);
}

static const char *
volume_of (struct cli *c, const struct doomed *d)
{
    return arena_format (&c->h.arena, "%s/%s", d->vol.pool, d->vol.name);
}

/* Adds the volumes that were there. */
static void
add_volumes (struct cli *c, const struct vec *disks, struct vec *volumes)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct doomed *d = disks->p[i];

        if (!d->missing) {
            vec_add (&c->h.arena, volumes, volume_of (c, d));
        }
    }
}

static void
tell_one (struct cli *c, const struct removal *r, struct json_object *result)
{
    struct vec volumes = { 0 };
    const char *list = NULL;

    add_volumes (c, &((struct doomed_vm *)r->vms.p[0])->disks, &volumes);
    for (size_t i = 0; i < volumes.n; i++) {
        list = list ? arena_format (&c->h.arena, "%s, %s", list,
                                    (const char *)volumes.p[i])
                    : volumes.p[i];
    }
    json_put_flag (result, "removed", true);
    json_object_object_add (result, "volumes", json_texts (&volumes));
    json_object_object_add (result, "members", NULL);
    if (!c->json) {
        out ("%s is removed%s%s\n", r->name,
             list ? ", and so are its disks: " : "", list ? list : "");
    }
}

/* ---------------------------------------------------------------- Fleets */

/* ", with its 3 VMs (a, b, c) and 3 volumes; edge-1 with its saved state" */
static const char *
loss_of_fleet (struct cli *c, const struct vec *vms)
{
    struct vec names = { 0 }, more = { 0 };
    const char *text;
    size_t volumes = 0;

    for (size_t i = 0; i < vms->n; i++) {
        const struct doomed_vm *vm = vms->p[i];
        struct vec some = { 0 };
        const char *loss;

        for (size_t k = 0; k < vm->disks.n; k++) {
            const struct doomed *d = vm->disks.p[k];

            volumes += !d->missing;
            if (d->snapshots.entries.n) {
                vec_add (&c->h.arena, &some, vm->disks.p[k]);
            }
        }
        loss = loss_of_vm (c, vm->name, &some);
        vec_add (&c->h.arena, &names, vm->name);
        if (*loss) {
            vec_add (&c->h.arena, &more,
                     arena_format (&c->h.arena, "%s%s", vm->name, loss + 1));
        }
    }
    text = arena_format (&c->h.arena, ", with its %zu VM%s (%s)", vms->n,
                         vms->n == 1 ? "" : "s", members_list (c, &names));
    if (volumes) {
        text = arena_format (&c->h.arena, "%s and %zu volume%s", text, volumes,
                             volumes == 1 ? "" : "s");
    }
    for (size_t i = 0; i < more.n && i < NAMED; i++) {
        text =
            arena_format (&c->h.arena, "%s; %s", text, (const char *)more.p[i]);
    }
    return text;
}

static void
tell_fleet (struct cli *c, const struct removal *r, struct json_object *result)
{
    struct vec members = { 0 }, volumes = { 0 };

    for (size_t i = 0; i < r->vms.n; i++) {
        const struct doomed_vm *vm = r->vms.p[i];

        vec_add (&c->h.arena, &members, vm->name);
        add_volumes (c, &vm->disks, &volumes);
    }
    json_put_flag (result, "removed", true);
    json_object_object_add (result, "members", json_texts (&members));
    json_object_object_add (result, "volumes", json_texts (&volumes));
    if (!c->json) {
        out ("fleet %s is removed with its %zu VM%s%s\n", r->name, r->vms.n,
             r->vms.n == 1 ? "" : "s",
             volumes.n ? ", and so are their disks" : "");
    }
}

/* -------------------------------------------------------------- Removing */

static int
check_meant (struct cli *c, const struct removal *r, struct error *err)
{
    const char *loss;

    if (has_option (c, "yes")) {
        return 0;
    }
    loss = r->fleet ? loss_of_fleet (c, &r->vms) : loss_of_one (c, r);
    return confirm ("Remove %s%s%s?", r->fleet ? "fleet " : "", r->name, loss)
               ? 0
               : fail_exit (err, EXIT_USAGE, ECANCELED, "%s is kept%s: %s",
                            r->name, loss, why_unconfirmed ());
}

/* Everything is looked at once more when it is locked: the user takes time to
 * answer, and others do not wait. */
static int
rm (struct cli *c, const char *name, const struct fleet *f,
    struct json_object *result, struct error *err)
{
    struct removal r = { .name = name,
                         .fleet = f,
                         .disks = has_option (c, "disks") };
    CLEANUP_CLOSE int lock = -1;

    if (remove_look (&c->h, &r, false, err) < 0 || check_meant (c, &r, err) < 0
        || changing_lock_to_remove (&c->h, name, &lock, err) < 0) {
        return -err->code;
    }
    r.fleet = fleet_find (&c->h, name);
    if ((f != NULL) != (r.fleet && r.fleet->valid)) {
        return fail (err, ESTALE, "its definition was changed in the meantime");
    }
    r.fleet = f ? r.fleet : NULL;
    if (remove_now (&c->h, &r, err) < 0) {
        return -err->code;
    }
    if (f) {
        tell_fleet (c, &r, result);
    } else {
        tell_one (c, &r, result);
    }
    return 0;
}

/* Removes the file of one VM of a fleet, which remains one. */
static int
rm_own (struct cli *c, const char *name, const struct fleet *f,
        struct json_object *result, struct error *err)
{
    const char *path = definition_path (&c->h, name);
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = NULL;
    struct error ignored = { 0 };

    if (!file_is_there (path)) {
        return fail_exit (err, EXIT_CONFIG, EINVAL,
                          "%s is a VM of fleet %s, and has no file of its own "
                          "to be removed: lower 'count' (%s) with 'hvctl edit "
                          "%s', or remove all of them with 'hvctl rm %s'",
                          name, f->name, fleet_where (&c->h.arena, f, "count"),
                          f->name, f->name);
    }
    if (has_option (c, "disks")) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "%s remains a VM of fleet %s, which needs its disks: "
                          "use rm without --disks",
                          name, f->name);
    }
    if (!has_option (c, "yes")
        && !confirm ("Remove the own file of %s (%s)?", name, path)) {
        return fail_exit (err, EXIT_USAGE, ECANCELED, "%s is kept: %s", path,
                          why_unconfirmed ());
    }
    if (changing_lock (&c->h, name, true, &lock, err) < 0
        || (definition_load (&c->h, name, &def, &ignored) == 0
            && saved_refuse_change (&c->h, def, err) < 0)) {
        return -err->code;
    }
    if (unlink (path) < 0) {
        return fail (err, errno, "cannot remove %s: %m", path);
    }
    json_put_flag (result, "removed", true);
    json_object_object_add (result, "volumes", json_object_new_array ());
    json_object_object_add (result, "members", NULL);
    if (!c->json) {
        out ("%s is removed; %s is still defined, by %s\n", path, name,
             f->file);
    }
    return 0;
}

/* Its volumes were the ones that needed the snapshot. */
static void
tell_of_snapshot (struct cli *c, const char *name, const struct clone_origin *o)
{
    const char *vm = clone_origin_with (&c->h, o);

    if (vm) {
        hvctl_warn ("%s still has the snapshot '%s', which %s was cloned from: "
                    "'hvctl snapshot delete %s %s' deletes it",
                    vm, o->snapshot, name, vm, o->snapshot);
    }
}

static int
rm_clone (struct cli *c, const char *name, struct json_object *result,
          struct error *err)
{
    struct clone_origin origin;
    bool is = clone_origin_read (&c->h, name, &origin);
    int rc = rm (c, name, NULL, result, err);

    if (rc == 0 && is && has_option (c, "disks")) {
        tell_of_snapshot (c, name, &origin);
    }
    return rc;
}

static int
each_rm (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    const struct fleet *f = fleet_find (&c->h, name);

    if (name_validate ("VM", name, err) < 0) {
        return -err->code;
    }
    if (f && f->valid) {
        return rm (c, name, f, result, err);
    }
    f = fleet_of (&c->h, name);
    return f ? rm_own (c, name, f, result, err)
             : rm_clone (c, name, result, err);
}

/* Adds what a pattern matches: fleets as a whole, their VMs only if it does not
 * match the fleet. */
static int
add_matching (struct cli *c, const char *pattern, struct vec *names)
{
    struct vec files = { 0 }, all = { 0 };
    size_t before = names->n;

    if (definition_files (&c->h, &files, &c->err) < 0
        || definition_names (&c->h, &all, &c->err) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < files.n; i++) {
        if (fnmatch (pattern, files.p[i], 0) == 0
            && fleet_find (&c->h, files.p[i])) {
            vec_add (&c->h.arena, names, files.p[i]);
        }
    }
    for (size_t i = 0; i < all.n; i++) {
        const struct fleet *f = fleet_of (&c->h, all.p[i]);

        if (fnmatch (pattern, all.p[i], 0) == 0
            && (!f || fnmatch (pattern, f->name, 0) != 0)) {
            vec_add (&c->h.arena, names, all.p[i]);
        }
    }
    if (names->n == before) {
        vec_add (&c->h.arena, names, pattern);
    }
    return 0;
}

/* Have options selected all VMs of the fleet? */
static bool
is_whole (struct cli *c, const struct fleet *f, const struct vec *sorted)
{
    struct vec all = { 0 };

    fleet_members (&c->h.arena, f, &all);
    for (size_t i = 0; i < all.n; i++) {
        if (!vec_has_sorted (sorted, all.p[i])) {
            return false;
        }
    }
    return true;
}

/* Those that options have selected: a fleet as a whole, if all of it is. */
static void
choose_selected (struct cli *c, struct vec *names)
{
    const struct fleet *last = NULL;
    struct vec sorted = { 0 };
    bool whole = false;

    for (size_t i = 0; i < c->chosen.n; i++) {
        vec_add (&c->h.arena, &sorted, c->chosen.p[i]);
    }
    vec_sort (&sorted);
    for (size_t i = 0; i < c->chosen.n; i++) {
        const struct fleet *f = fleet_of (&c->h, c->chosen.p[i]);

        whole = f && (f == last ? whole : is_whole (c, f, &sorted));
        last = f;
        vec_add (&c->h.arena, names, whole ? f->name : c->chosen.p[i]);
    }
}

/* The name of a fleet stands for itself here, not for its VMs. */
static int
choose (struct cli *c, struct vec *names)
{
    if (c->is_chosen) {
        choose_selected (c, names);
    }
    for (size_t i = 0; i < c->args.n && !c->is_chosen; i++) {
        if (!name_is_pattern (c->args.p[i])) {
            vec_add (&c->h.arena, names, c->args.p[i]);
        } else if (add_matching (c, c->args.p[i], names) < 0) {
            return -c->err.code;
        }
    }
    vec_drop_doubles (&c->h.arena, names);
    return 0;
}

int
cmd_rm (struct cli *c)
{
    const struct handling how = { each_rm, "be removed", "removing",
                                  true,    false,        TURNS_NONE };
    struct vec names = { 0 };
    size_t ignored;

    if (jobs_option (c, &ignored, &c->err) < 0 || choose (c, &names) < 0) {
        return report (c);
    }
    /* Questions are asked one after another. */
    return has_option (c, "yes") ? for_these_vms (c, &how, &names)
                                 : for_vms (c, each_rm, &names);
}
