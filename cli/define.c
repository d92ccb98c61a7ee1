/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* show, edit, validate, rm. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "core/host.h"
#include "core/saved.h"

static struct json_object *
settings_json (const struct hv_options *s)
{
    struct json_object *o = json_object_new_object ();

    for (size_t i = 0; i < s->n_settings; i++) {
        json_text (o, s->settings[i].key, s->settings[i].value);
    }
    return o;
}

static struct json_object *
definition_json (const struct definition *def)
{
    struct json_object *o = settings_json (def->root);

    json_text (o, "name", def->name);
    json_text (o, "uuid", def->uuid);
    for (size_t i = 0; i < def->root->sections.n; i++) {
        const struct hv_options *s = def->root->sections.p[i];
        struct json_object *of_kind;

        if (!json_object_object_get_ex (o, s->kind, &of_kind)) {
            of_kind = json_object_new_object ();
            json_object_object_add (o, s->kind, of_kind);
        }
        json_object_object_add (of_kind, s->name, settings_json (s));
    }
    return o;
}

int
cmd_show (struct cli *c)
{
    struct definition *def;
    CLEANUP_FREE char *text = NULL;

    if (definition_load (&c->h, c->args.p[0], &def, &c->err) < 0
        && (c->json || c->err.exit_code != EXIT_CONFIG)) {
        return report (c);
    }
    if (c->json) {
        print_json (definition_json (def));
        return EXIT_OK;
    }
    text = read_small_file (definition_path (&c->h, c->args.p[0]));
    if (!text) {
        fail (&c->err, errno, "cannot read %s: %m",
              definition_path (&c->h, c->args.p[0]));
        return report (c);
    }
    fputs (text, stdout);
    if (c->err.code) {
        return report (c);
    }
    return EXIT_OK;
}

/* An error of a definition has a line for each problem. */
static void
add_lines (struct problems *p, const char *text)
{
    while (*text) {
        size_t len = strcspn (text, "\n");

        vec_add (p->arena, &p->lines, arena_dup_n (p->arena, text, len));
        text += len + (text[len] == '\n');
    }
}

/* Loads what is wanted; trouble is collected, so that all of it is shown. */
static int
load_all (struct cli *c, struct vec *defs, struct problems *p)
{
    struct vec names = { 0 };

    if (c->args.n ? expand_names (c, &names) < 0
                  : definition_names (&c->h, &names, &c->err) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct definition *def;
        struct error err = { 0 };

        if (definition_load (&c->h, names.p[i], &def, &err) == 0) {
            vec_add (&c->h.arena, defs, def);
        } else if (err.exit_code == EXIT_CONFIG) {
            add_lines (p, err.text);
        } else {
            c->err = err;
            return -err.code;
        }
    }
    return 0;
}

int
cmd_validate (struct cli *c)
{
    struct problems p = { .arena = &c->h.arena };
    struct vec defs = { 0 };

    if (load_all (c, &defs, &p) < 0) {
        return report (c);
    }
    /* One alone has been checked already. */
    if (defs.n > 1) {
        definitions_clash ((struct definition *const *)defs.p, defs.n, &p);
    }
    for (size_t i = 0; i < defs.n; i++) {
        struct plan *plan;
        struct error err = { 0 };

        if (plan_make (&c->h, defs.p[i], PLAN_FULL, &plan, &err) < 0) {
            vec_add (&c->h.arena, &p.lines, arena_dup (&c->h.arena, err.text));
        }
    }
    if (c->json) {
        struct json_object *o = json_object_new_object ();
        struct json_object *list = json_object_new_array ();

        for (size_t i = 0; i < p.lines.n; i++) {
            json_object_array_add (list, json_object_new_string (p.lines.p[i]));
        }
        json_put_flag (o, "valid", p.lines.n == 0);
        json_object_object_add (o, "problems", list);
        print_json (o);
    } else {
        for (size_t i = 0; i < p.lines.n; i++) {
            fprintf (stderr, "%s\n", (const char *)p.lines.p[i]);
        }
        if (!p.lines.n) {
            printf ("%zu definition%s, no problems\n", defs.n,
                    defs.n == 1 ? "" : "s");
        }
    }
    return p.lines.n ? EXIT_CONFIG : EXIT_OK;
}

/* Runs the user's editor: the one program that gets the terminal. */
static int
run_editor (struct cli *c, const char *path, struct error *err)
{
    const char *editor = getenv ("VISUAL");

    editor = editor && *editor ? editor : getenv ("EDITOR");
    editor = editor && *editor ? editor : "vi";
    return spawn_editor (editor, path, err) < 0
               ? fail_prefix (err, "editing %s", (const char *)c->args.p[0])
               : 0;
}

int
cmd_edit (struct cli *c)
{
    const char *name = c->args.p[0], *path, *temporary;
    CLEANUP_FREE char *text = NULL;
    struct definition *def;

    if (definition_load (&c->h, name, &def, &c->err) < 0
        && c->err.exit_code != EXIT_CONFIG) {
        return report (c);
    }
    path = definition_path (&c->h, name);
    temporary =
        arena_format (&c->h.arena, "%s/.%s.edit", c->h.host->vm_dir, name);
    text = read_small_file (path);
    if (!text || write_file (temporary, 0644, text, &c->err) < 0) {
        return report (c);
    }
    for (;;) {
        struct error err = { 0 };

        if (run_editor (c, temporary, &c->err) < 0) {
            break;
        }
        if (definition_load_file (&c->h, name, temporary, &def, &err) == 0) {
            if (rename (temporary, path) == 0) {
                printf ("%s is saved%s\n", name,
                        "; a running VM takes it up at its next start");
                return EXIT_OK;
            }
            fail (&c->err, errno, "cannot save %s: %m", path);
            break;
        }
        hvctl_warn ("%s", err.text);
        if (!confirm ("Edit again?")) {
            c->err = err;
            fail_prefix (&c->err, "not saved");
            c->err.exit_code = EXIT_CONFIG;
            break;
        }
    }
    unlink (temporary);
    return report (c);
}

/* Fails if another VM has the volume too: a read-only one may be shared. */
static int
check_unshared (struct cli *c, const struct definition *def,
                const struct disk_def *disk, struct error *err)
{
    struct vec names = { 0 };

    if (definition_names (&c->h, &names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < names.n; i++) {
        struct definition *other;
        struct error ignored = { 0 };

        if (!strcmp (names.p[i], def->name)
            || definition_load (&c->h, names.p[i], &other, &ignored) < 0) {
            continue;
        }
        for (size_t k = 0; k < other->disks.n; k++) {
            const struct disk_def *d = other->disks.p[k];

            if (!d->image && !strcmp (d->volume, disk->volume)
                && !strcmp (d->pool, disk->pool)) {
                return fail (err, EBUSY,
                             "volume %s/%s is a disk of %s, too: use rm "
                             "without --disks",
                             disk->pool, disk->volume, other->name);
            }
        }
    }
    return 0;
}

static int
delete_disks (struct cli *c, const struct definition *def, struct error *err)
{
    /* All of them first: half a VM is no use. */
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!d->image && check_unshared (c, def, d, err) < 0) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct hv_volume vol;
        struct plugin *p;

        if (d->image) {
            continue;
        }
        if (disk_volume (&c->h, d, &vol, err) < 0) {
            return -err->code;
        }
        p = find_storage (&c->h, &vol, NULL, err);
        if (!p || storage_destroy (p, &vol, err) < 0) {
            return fail_prefix (err, "disk %s", d->name);
        }
    }
    return 0;
}

static void
forget (struct cli *c, const char *name)
{
    const char *keep = state_keep_dir (&c->h, name);
    const char *logs = state_log_dir (&c->h, name);

    saved_forget (&c->h, name);
    for (const char *const *f =
             (const char *const[]){ "vars.fd", "last", NULL };
         *f; f++) {
        unlink (arena_format (&c->h.arena, "%s/%s", keep, *f));
    }
    for (const char *const *f =
             (const char *const[]){ "console.log", "console.log.1",
                                    "hypervisor.log", "hypervisor.log.1",
                                    NULL };
         *f; f++) {
        unlink (arena_format (&c->h.arena, "%s/%s", logs, *f));
    }
    rmdir (keep);
    rmdir (logs);
}

static int
each_rm (struct cli *c, const char *name, struct json_object *result,
         struct error *err)
{
    bool disks = has_option (c, "disks");
    struct definition *def;
    struct vm_state state;

    if (check_name ("VM", name, err) < 0) {
        return -err->code;
    }
    state_read (&c->h, name, &state);
    if (state.run > RUN_STALE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY, "%s is %s: stop it first",
                          name, run_state_text (state.run));
    }
    if (definition_load (&c->h, name, &def, err) < 0
        && (disks || err->exit_code != EXIT_CONFIG)) {
        return -err->code;
    }
    if (!has_option (c, "yes")
        && !confirm ("Remove %s%s?", name, disks ? " and its disks" : "")) {
        return fail_exit (err, EXIT_USAGE, ECANCELED,
                          "%s is kept: not confirmed (--yes does not ask)",
                          name);
    }
    if (disks && delete_disks (c, def, err) < 0) {
        return fail_prefix (err, "%s", name);
    }
    if (unlink (definition_path (&c->h, name)) < 0) {
        return fail (err, errno, "cannot remove %s: %m",
                     definition_path (&c->h, name));
    }
    forget (c, name);
    json_put_flag (result, "removed", true);
    if (!c->json) {
        printf ("%s is removed%s\n", name,
                disks ? ", and so are its disks" : "");
    }
    return 0;
}

int
cmd_rm (struct cli *c)
{
    return for_each_vm (c, each_rm);
}
