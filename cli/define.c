/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* show, edit, validate. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "common/cleanup.h"
#include "core/host.h"
#include "core/machine.h"

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

/* Puts what was edited in the place of 'before', if that is what is there. */
static int
save_edited (struct cli *c, const char *name, const char *temporary,
             const char *before)
{
    const char *path = definition_path (&c->h, name);
    CLEANUP_CLOSE int lock = -1;
    CLEANUP_FREE char *now = NULL;

    if (state_lock_changes (&c->h, name, true, &lock, &c->err) < 0) {
        return report (c);
    }
    now = read_small_file (path);
    if (!now || strcmp (now, before) != 0) {
        fail (&c->err, EBUSY,
              "%s has been changed meanwhile, and is left as it is now: what "
              "you wrote is in %s",
              path, temporary);
    } else if (rename (temporary, path) < 0) {
        fail (&c->err, errno, "cannot save %s: %m", path);
        unlink (temporary);
    } else {
        printf ("%s is saved; a running VM takes it up at its next start\n",
                name);
        return EXIT_OK;
    }
    return report (c);
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
    temporary = arena_format (&c->h.arena, "%s/.%s.edit.%d", c->h.host->vm_dir,
                              name, (int)getpid ());
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
            return save_edited (c, name, temporary, text);
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
