/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* create: writes a readable definition, checks it like any other, creates the
 * disks, and only then makes the definition visible. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/members.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/file.h"
#include "core/base/interrupt.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/fleet.h"
#include "core/config/host.h"
#include "core/config/identity.h"
#include "core/config/rewrite.h"
#include "core/config/settings.h"
#include "core/config/textedit.h"
#include "core/machine/changing-volume.h"
#include "core/machine/image-base.h"
#include "core/machine/new-name-lock.h"
#include "core/machine/recover.h"
#include "core/machine/unmade.h"
#include "core/plan/named.h"
#include "core/plan/clash-others.h"
#include "core/plan/plan-layers.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/plan/resolve.h"
#include "core/provider/loaded.h"
#include "core/provider/storage.h"
#include "core/state/meant.h"
#include "core/state/unfinished.h"

static int
add_sections (struct text *t, struct error *err)
{
    const struct vec *disks = option_values (t->c, "disk");
    const struct vec *nics = option_values (t->c, "nic");

    for (size_t i = 0; i < disks->n; i++) {
        if (text_add_disk (t, disks->p[i], err) < 0) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < nics->n; i++) {
        if (text_add_nic (t, nics->p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* Does a --set have the key? */
static bool
is_set (const struct cli *c, const char *key)
{
    const struct vec *all = option_values (c, "set");
    size_t len = strlen (key);

    for (size_t i = 0; i < all->n; i++) {
        const char *spec = all->p[i];

        if (!strncmp (spec, key, len) && spec[len] == '=') {
            return true;
        }
    }
    return false;
}

static bool
has_templates (const struct cli *c)
{
    return has_option (c, "template") || is_set (c, "templates");
}

/* Options that become settings of the same or another name. */
static int
add_settings (struct text *t, struct error *err)
{
    static const struct {
        const char *option, *key, *fallback;
        bool is_path;
    } map[] = {
        { "count", "count", NULL, false },
        { "first", "first", NULL, false },
        { "memory", "memory", "1G", false }, /* These two... */
        { "cpus", "cpus", "1", false },
        { "arch", "arch", NULL, false },
        { "hypervisor", "hypervisor", NULL, false },
        { "machine", "machine", NULL, false },
        { "accelerator", "accelerator", NULL, false },
        { "cpu", "cpu", NULL, false },
        { "firmware", "firmware", NULL, false },
        { "kernel", "kernel", NULL, true },
        { "initrd", "initrd", NULL, true },
        { "append", "append", NULL, false },
    };

    /* ...may be a template's. */
    bool templates = has_templates (t->c);

    for (size_t i = 0; i < ARRAY_SIZE (map); i++) {
        const char *value = option_value (t->c, map[i].option);

        value = value || templates || is_set (t->c, map[i].key)
                    ? value
                    : map[i].fallback;
        if (!value) {
            continue;
        }
        if (check_printable (map[i].option, value, err) < 0) {
            return -err->code;
        }
        text_add (t, "%s = %s\n", map[i].key,
                  text_quote (t->c, map[i].is_path ? absolute_path (t->c, value)
                                                   : value));
    }
    if (has_option (t->c, "secure-boot")) {
        text_add (t, "secure_boot = yes\n");
    }
    return 0;
}

static int
add_set (struct text *t, struct error *err)
{
    const struct vec *all = option_values (t->c, "set");

    for (size_t i = 0; i < all->n; i++) {
        if (text_set (t, all->p[i], err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

static int
write_text (struct text *t, const char *name, struct error *err)
{
    text_add (t, "# %s, created by hvctl on %s; see hvctl.conf(5)\n", name,
              arena_time (&t->c->h.arena, "%Y-%m-%d", time (NULL)));
    if (!is_set (t->c, "uuid")) {
        text_add (t, "uuid = %s\n", identity_random_uuid (&t->c->h.arena));
    }
    if (!has_templates (t->c) && !is_set (t->c, "identity")) {
        text_add (t, "identity = %s\n", IDENTITY_NEW);
    }
    return text_add_templates (t, option_values (t->c, "template"), err) < 0
                   || add_settings (t, err) < 0 || add_sections (t, err) < 0
               ? -err->code
               : add_set (t, err);
}

/* The volume belongs to nobody else: everything that is rolled back after this
 * is ours. */
static int
check_no_volume (struct cli *c, const char *vm, const struct disk_def *d,
                 struct plugin *p, const struct hv_volume *vol,
                 struct error *err)
{
    const char *usual = arena_format (&c->h.arena, "%s-%s", vm, d->name);
    bool other = strcmp (usual, vol->name) != 0, found;

    if (storage_find (p, vol, &found, err) < 0) {
        return -err->code;
    }
    if (found && !strcmp (c->command->name, "create")
        && has_option (c, "count")) {
        return fail (err, EEXIST,
                     "volume %s/%s already exists: remove it with 'hvctl "
                     "volume rm %s/%s'",
                     vol->pool, vol->name, vol->pool, vol->name);
    }
    return found ? fail (
               err, EEXIST,
               "volume %s/%s already exists: attach it with %s%s:pool=%s%s%s, "
               "or remove it with 'hvctl volume rm %s/%s'",
               vol->pool, vol->name,
               strcmp (c->command->name, "attach-disk") ? "--disk " : "",
               d->name, vol->pool, other ? ",volume=" : "",
               other ? vol->name : "", vol->pool, vol->name)
                 : 0;
}

/* A file that is put in its place later is not ours. */
static int
note_made (struct cli *c, const char *vm, struct plugin *p,
           const struct hv_volume *vol, struct error *err)
{
    struct json_object *o = unfinished_new_volume ("made", p, vol, NULL);

    meant_volume (o, p, vol);
    return unfinished_entry (&c->h, vm, o, err);
}

static int
make_volume (struct cli *c, const char *vm, const struct disk_def *d,
             struct plugin *p, struct hv_volume *vol, struct error *err)
{
    const char *image = NULL;
    CLEANUP_CLOSE int lock = -1;

    return (d->base && image_base_find (&c->h, d, vol, &image, &lock, err) < 0)
                   || changing_lock_volume (&c->h, vol, true, err) < 0
                   || check_no_volume (c, vm, d, p, vol, err) < 0
                   || unfinished_volume (&c->h, vm, "new-volume", p, vol, NULL,
                                         err)
                          < 0
                   || (d->base ? storage_create_on (p, vol, image, err)
                               : storage_create (p, vol, err))
                          < 0
                   || note_made (c, vm, p, vol, err) < 0
               ? -err->code
               : 0;
}

int
make_volumes (struct cli *c, const char *vm,
              const struct disk_def *const disks[], size_t n, struct error *err)
{
    for (size_t i = 0; i < n; i++) {
        const struct disk_def *d = disks[i];
        struct hv_volume vol;
        struct plugin *p;

        if (named_check_disk (&c->h, d, true, err) < 0
            || resolve_volume (&c->h, d, &vol, err) < 0) {
            return -err->code;
        }
        p = resolve_storage (&c->h, &vol, NULL, err);
        if (!p) {
            return fail_prefix (err, "disk %s", d->name);
        }
        if (d->image || (!d->size && !d->backing && !d->base)) {
            continue;
        }
        if (interrupt_came) {
            return fail (err, EINTR, "interrupted");
        }
        if ((d->backing
             && check_backing (d->backing, d->backing_format, err) < 0)
            || make_volume (c, vm, d, p, &vol, err) < 0) {
            return fail_prefix (err, "disk %s", d->name);
        }
    }
    return 0;
}

/* Writes and loads the definition.  It gets the 'identity' of its templates, so
 * that a change to them does not change what the guest has. */
static int
write_definition (struct text *t, const char *name, const char *temporary,
                  const char *final, struct vec *defs, struct error *err)
{
    struct arena *a = &t->c->h.arena;
    bool again = has_templates (t->c) && !is_set (t->c, "identity");
    const struct definition *def;

    if (rewrite_begin (final, temporary, t->s, err) < 0
        || members_load_new (t->c, name, temporary, defs, err) < 0) {
        return -err->code;
    }
    if (!again) {
        return 0;
    }
    def = defs->p[0];
    t->s = textedit_set (a, t->s, NULL, NULL, "identity",
                         settings_find (def->root, "identity")
                             ? def->identity.scheme
                             : IDENTITY_NEW);
    defs->n = 0;
    return (!t->s && textedit_fail (err, final, name) < 0)
                   || rewrite_begin (final, temporary, t->s, err) < 0
                   || members_load_new (t->c, name, temporary, defs, err) < 0
               ? -err->code
               : 0;
}

/* Creates the disks of a VM.  It is checked against the plugins, too, so that
 * one that cannot start is not created. */
static int
make_and_check (struct cli *c, const char *key, struct definition *def,
                struct vec *plans, struct error *err)
{
    struct plan *plan;

    if (make_volumes (c, key, (const struct disk_def *const *)def->disks.p,
                      def->disks.n, err)
            < 0
        || changing_plan (&c->h, def, PLAN_FULL, &plan, err) < 0) {
        return -err->code;
    }
    vec_add (&c->h.arena, plans, plan);
    return 0;
}

/* All of them, or none; then the definition gets its name, if that is free.
 * Their volumes stay locked until then, lest anybody deletes them, as far as
 * there are descriptors for those of a fleet. */
static int
make_and_publish (struct cli *c, const char *name, const struct vec *defs,
                  const char *temporary, const char *final, struct error *err)
{
    struct vec plans = { 0 };

    if (defs->n > 1) {
        file_allow_many ();
    }
    for (size_t i = 0; i < defs->n; i++) {
        if (make_and_check (c, name, defs->p[i], &plans, err) < 0) {
            return defs->n == 1
                       ? -err->code
                       : fail_prefix (err, "%s",
                                      ((struct definition *)defs->p[i])->name);
        }
        if (defs->n > 1) {
            changing_make_room (&c->h);
        }
    }
    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    if (rewrite_publish (&c->h, temporary, final, err) < 0) {
        return err->code == EEXIST
                   ? fail (err, EEXIST, "VM %s already exists: %s", name, final)
                   : -err->code;
    }
    for (size_t i = 0; i < plans.n; i++) {
        plan_note_layers (&c->h, plans.p[i]);
    }
    changing_let_go (&c->h);
    return 0;
}

void
name_definition (struct cli *c, const char *temporary, const char *name,
                 struct error *err)
{
    rewrite_show (&c->h, temporary,
                  arena_format (&c->h.arena, "new definition of %s", name),
                  err);
}

void
warn_of_clashes (struct cli *c, const char *name)
{
    struct problems p = { .arena = &c->h.arena };

    clash_others (&c->h, name, &p);
    problem_sort (&p);
    for (size_t i = 0; i < p.lines.n; i++) {
        hvctl_warn ("%s", (const char *)p.lines.p[i]);
    }
}

static int
create (struct cli *c, const char *name, struct vec *defs, struct error *err)
{
    const char *final = definition_path (&c->h, name);
    const char *temporary = rewrite_temporary (&c->h, final, name);
    struct text text = { c, "" };
    NEW_NAME_CLEANUP struct new_name_locks locks = { 0 };

    if (name_validate ("VM", name, err) < 0
        || new_name_lock (&c->h, &name, 1, &locks, err) < 0) {
        return -err->code;
    }
    if (access (final, F_OK) == 0) {
        return fail (err, EEXIST, "VM %s already exists: %s", name, final);
    }
    if (write_text (&text, name, err) < 0
        || file_make_dirs (c->h.host->vm_dir, 0755, err) < 0
        || file_make_dirs (c->h.host->state_dir, 0755, err) < 0) {
        return -err->code;
    }
    if (unfinished_definition (&c->h, name, temporary, final, NULL, err) < 0
        || write_definition (&text, name, temporary, final, defs, err) < 0
        || make_and_publish (c, name, defs, temporary, final, err) < 0) {
        name_definition (c, temporary, name, err);
        recover_failed (&c->h, name);
        return -err->code;
    }
    unfinished_end (&c->h, name);
    return 0;
}

static void
say_created (struct cli *c, const char *name, const struct vec *defs)
{
    const char *path = definition_path (&c->h, name);
    const struct fleet *f = fleet_find (&c->h, name);
    struct json_object *o, *members;

    if (!c->json) {
        out (f ? "%s is defined in %s: %s\n" : "%s is defined in %s\n", name,
             path, f ? fleet_range (&c->h.arena, f) : "");
        return;
    }
    o = json_object_new_object ();
    json_put_text_or_null (o, "name", name);
    json_put_text_or_null (o, "definition", path);
    members = f ? json_object_new_array () : NULL;
    for (size_t i = 0; f && i < defs->n; i++) {
        const struct definition *def = defs->p[i];

        json_object_array_add (members, json_object_new_string (def->name));
    }
    json_object_object_add (o, "members", members);
    document_print (c, o);
}

int
cmd_create (struct cli *c)
{
    const char *name = c->args.p[0];
    struct vec defs = { 0 };

    if (has_option (c, "first") && !has_option (c, "count")) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--first is for a fleet: give --count, too");
        return report (c);
    }
    if (create (c, name, &defs, &c->err) < 0) {
        return report (c);
    }
    warn_of_clashes (c, name);
    say_created (c, name, &defs);
    return EXIT_OK;
}
