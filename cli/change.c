/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* attach-disk, detach-disk, attach-nic, detach-nic: the definition is changed,
 * and the guest, if it runs; each says which. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/edit.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "core/host.h"
#include "core/plan.h"
#include "core/state.h"

int
edit_begin (struct cli *c, const char *name, struct edit *e, struct error *err)
{
    CLEANUP_FREE char *text = NULL;

    if (check_name ("VM", name, err) < 0
        || state_lock_changes (&c->h, name, true, &e->lock, err) < 0
        || definition_load (&c->h, name, &e->before, err) < 0) {
        return -err->code;
    }
    e->name = name;
    e->path = definition_path (&c->h, name);
    /* Who was killed leaves it to the next one. */
    e->temporary =
        arena_format (&c->h.arena, "%s/.%s.new", c->h.host->vm_dir, name);
    text = read_small_file (e->path);
    e->text = arena_dup (&c->h.arena, text ? text : "");
    return 0;
}

int
edit_check (struct cli *c, struct edit *e, const char *text, struct error *err)
{
    if (write_file (e->temporary, 0644, text, err) < 0) {
        return -err->code;
    }
    if (definition_load_file (&c->h, e->name, e->temporary, &e->after, err)
        < 0) {
        name_definition (c, e->temporary, e->name, err);
        unlink (e->temporary);
        return -err->code;
    }
    return 0;
}

int
edit_save (struct edit *e, struct error *err)
{
    return rename (e->temporary, e->path) < 0
               ? fail (err, errno, "cannot write %s: %m", e->path)
               : 0;
}

int
edit_done (struct cli *c, const char *what, const char *online,
           enum change_way way)
{
    const char *const texts[] = {
        "it is not running",
        online,
        "its hypervisor cannot do that while it runs: at its next start",
    };

    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_text (o, "name", c->args.p[0]);
        json_text (o, "done", what);
        json_text (o, "way", change_way_text (way));
        print_json (o);
    } else {
        printf ("%s: %s (%s)\n", (const char *)c->args.p[0], what, texts[way]);
    }
    return EXIT_OK;
}

static int
two_words (struct cli *c)
{
    if (c->args.n == 2) {
        return 0;
    }
    return fail_exit (&c->err, EXIT_USAGE, EINVAL, "usage: hvctl %s %s",
                      c->command->name, c->command->usage);
}

const struct disk_def *
edit_find_disk (const struct definition *def, const char *name)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!strcmp (d->name, name)) {
            return d;
        }
    }
    return NULL;
}

static const struct nic_def *
find_nic (const struct definition *def, const char *name)
{
    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];

        if (!strcmp (n->name, name)) {
            return n;
        }
    }
    return NULL;
}

/* The name before the colon of "data:10G". */
static const char *
spec_name (struct cli *c, const char *spec)
{
    return arena_dup_n (&c->h.arena, spec, strcspn (spec, ":"));
}

static int
attach_disk (struct cli *c, enum change_way *way)
{
    const char *spec = c->args.p[1];
    struct edit e = { 0 };
    struct text t = { c, "" };
    struct vec made = { 0 };
    const struct disk_def *disk;
    bool plugged;
    int rc;

    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    t.s = e.text;
    if (text_add_disk (&t, spec, &c->err) < 0
        || edit_check (c, &e, t.s, &c->err) < 0) {
        return -c->err.code;
    }
    disk = edit_find_disk (e.after, spec_name (c, spec));
    /* The pool "default" is in there. */
    rc = make_dirs (c->h.host->state_dir, 0755, &c->err);
    if (rc == 0) {
        rc = make_volumes (c, &disk, 1, &made, &c->err);
    }
    if (rc == 0) {
        rc = change_attach_disk (&c->h, e.after, disk, way, &c->err);
    }
    plugged = rc == 0 && *way == CHANGED_ONLINE;
    if (rc == 0) {
        rc = edit_save (&e, &c->err);
    }
    if (rc < 0) {
        name_definition (c, e.temporary, e.name, &c->err);
        unlink (e.temporary);
        if (plugged) {
            hvctl_warn ("%s has the disk, and the volume stays", e.name);
        } else {
            destroy_volumes (&made);
        }
    }
    return rc;
}

int
cmd_attach_disk (struct cli *c)
{
    enum change_way way;

    if (two_words (c) < 0 || attach_disk (c, &way) < 0) {
        return report (c);
    }
    return edit_done (c, "the disk is attached", "the running guest has it",
                      way);
}

static int
attach_nic (struct cli *c, enum change_way *way)
{
    const char *spec = c->args.p[1];
    struct edit e = { 0 };
    struct text t = { c, "" };

    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    t.s = e.text;
    if (text_add_nic (&t, spec, &c->err) < 0
        || edit_check (c, &e, t.s, &c->err) < 0) {
        return -c->err.code;
    }
    if (change_attach_nic (&c->h, e.after,
                           find_nic (e.after, spec_name (c, spec)), way,
                           &c->err)
            < 0
        || edit_save (&e, &c->err) < 0) {
        name_definition (c, e.temporary, e.name, &c->err);
        unlink (e.temporary);
        return -c->err.code;
    }
    return 0;
}

int
cmd_attach_nic (struct cli *c)
{
    enum change_way way;

    if (two_words (c) < 0 || attach_nic (c, &way) < 0) {
        return report (c);
    }
    return edit_done (c, "the NIC is attached", "the running guest has it",
                      way);
}

/* The text without a section, and without the blank line before it. */
static const char *
without_section (struct cli *c, const char *text, const char *kind,
                 const char *name)
{
    struct section_place at;

    if (!section_find (text, kind, name, &at)) {
        return NULL;
    }
    at.to += text[at.to] == '\n';
    while (at.from > 1 && text[at.from - 1] == '\n'
           && text[at.from - 2] == '\n') {
        at.from--;
    }
    return arena_format (&c->h.arena, "%.*s%s", (int)at.from, text,
                         text + at.to);
}

static int
detach (struct cli *c, const char *kind, enum change_way *way)
{
    const char *name = c->args.p[1], *text;
    struct edit e = { 0 };
    int rc;

    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    text = without_section (c, e.text, kind, name);
    if (!text) {
        return fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT, "%s has no %s '%s'",
                          e.name, kind, name);
    }
    if (edit_check (c, &e, text, &c->err) < 0) {
        return -c->err.code;
    }
    rc = *kind == 'd'
             ? change_detach_disk (
                 &c->h, e.before, edit_find_disk (e.before, name), way, &c->err)
             : change_detach_nic (&c->h, e.before, find_nic (e.before, name),
                                  way, &c->err);
    if (rc < 0 || edit_save (&e, &c->err) < 0) {
        unlink (e.temporary);
        return -c->err.code;
    }
    return 0;
}

int
cmd_detach_disk (struct cli *c)
{
    enum change_way way;

    if (two_words (c) < 0 || detach (c, "disk", &way) < 0) {
        return report (c);
    }
    return edit_done (c, "the disk is detached; its volume is kept",
                      "the running guest no longer has it", way);
}

int
cmd_detach_nic (struct cli *c)
{
    enum change_way way;

    if (two_words (c) < 0 || detach (c, "nic", &way) < 0) {
        return report (c);
    }
    return edit_done (c, "the NIC is detached",
                      "the running guest no longer has it", way);
}

int
cmd_counters (struct cli *c)
{
    static const char *const keys[] = { "counter", "value", NULL };
    struct hv_list list = { 0 };
    struct table *t;

    if (machine_counters (&c->h, c->args.p[0], &list, &c->err) < 0) {
        return report (c);
    }
    t = table_new (c, keys);
    for (size_t i = 0; i < list.entries.n; i++) {
        const struct list_entry *e = list.entries.p[i];

        table_row (t, (const char *[]){ e->name, e->detail });
    }
    table_print (t);
    return EXIT_OK;
}
