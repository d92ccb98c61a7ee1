/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* attach-disk, detach-disk, attach-nic, detach-nic, resize: the definition is
 * changed, and the guest, if it runs; each says which. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/size.h"
#include "core/change.h"
#include "core/host.h"
#include "core/plan.h"

/* A definition that is being changed. */
struct edit {
    const char *name, *path, *temporary;
    const char *text; /* As it is now. */
    struct definition *before, *after;
};

static int
edit_begin (struct cli *c, const char *name, struct edit *e, struct error *err)
{
    CLEANUP_FREE char *text = NULL;

    if (definition_load (&c->h, name, &e->before, err) < 0) {
        return -err->code;
    }
    e->name = name;
    e->path = definition_path (&c->h, name);
    e->temporary = arena_format (&c->h.arena, "%s/.%s.new.%d",
                                 c->h.host->vm_dir, name, (int)getpid ());
    text = read_small_file (e->path);
    e->text = arena_dup (&c->h.arena, text ? text : "");
    return 0;
}

/* Writes the new text beside the definition and checks it. */
static int
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

static int
edit_save (struct edit *e, struct error *err)
{
    return rename (e->temporary, e->path) < 0
               ? fail (err, errno, "cannot write %s: %m", e->path)
               : 0;
}

/* 'online' says what that means for the running guest. */
static int
done (struct cli *c, const char *what, const char *online, enum change_way way)
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

static const struct disk_def *
find_disk (const struct definition *def, const char *name)
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
    int rc;

    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    t.s = e.text;
    if (text_add_disk (&t, spec, &c->err) < 0
        || edit_check (c, &e, t.s, &c->err) < 0) {
        return -c->err.code;
    }
    disk = find_disk (e.after, spec_name (c, spec));
    /* The pool "default" is in there. */
    rc = make_dirs (c->h.host->state_dir, 0755, &c->err);
    if (rc == 0) {
        rc = make_volumes (c, &disk, 1, &made, &c->err);
    }
    if (rc == 0) {
        rc = change_attach_disk (&c->h, e.after, disk, way, &c->err);
    }
    if (rc == 0) {
        rc = edit_save (&e, &c->err);
    }
    if (rc < 0) {
        name_definition (c, e.temporary, e.name, &c->err);
        destroy_volumes (&made);
        unlink (e.temporary);
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
    return done (c, "the disk is attached", "the running guest has it", way);
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
    return done (c, "the NIC is attached", "the running guest has it", way);
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
             ? change_detach_disk (&c->h, e.before, find_disk (e.before, name),
                                   way, &c->err)
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
    return done (c, "the disk is detached; its volume is kept",
                 "the running guest no longer has it", way);
}

int
cmd_detach_nic (struct cli *c)
{
    enum change_way way;

    if (two_words (c) < 0 || detach (c, "nic", &way) < 0) {
        return report (c);
    }
    return done (c, "the NIC is detached", "the running guest no longer has it",
                 way);
}

/* Replaces the line on which a section (the root, too) sets 'key'.  A root that
 * does not set it gets the line; elsewhere, and where the line holds more, the
 * text is left alone. */
static const char *
with_setting (struct cli *c, const struct hv_options *section, const char *text,
              const char *key, const char *value)
{
    const char *line = text;
    size_t indent;
    int wanted = 0;

    for (size_t i = 0; i < section->n_settings; i++) {
        if (!strcmp (section->settings[i].key, key)) {
            wanted = section->settings[i].line;
        }
    }
    if (!wanted) {
        return section->kind ? text
                             : arena_format (&c->h.arena, "%s = %s\n%s", key,
                                             value, text);
    }
    for (int n = 1; n < wanted && line; n++) {
        line = strchr (line, '\n');
        line = line ? line + 1 : NULL;
    }
    indent = line ? strspn (line, " \t") : 0;
    if (!line || strncmp (line + indent, key, strlen (key)) != 0) {
        return text;
    }
    return arena_format (&c->h.arena, "%.*s%s = %s%s",
                         (int)(line + indent - text), text, key, value,
                         line + strcspn (line, "\n"));
}

static int
resize_disk (struct cli *c, const struct edit *e, const char *spec,
             const char **text, enum change_way *way)
{
    const char *equal = strchr (spec, '=');
    const struct disk_def *disk = NULL;
    uint64_t size = 0;

    if (equal) {
        disk = find_disk (
            e->before, arena_dup_n (&c->h.arena, spec, (size_t)(equal - spec)));
    }
    if (!equal || !parse_size (equal + 1, &size)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--disk %s: say --disk NAME=20G", spec);
    }
    if (!disk) {
        return fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                          "%s has no disk '%.*s'", e->name, (int)(equal - spec),
                          spec);
    }
    *text = with_setting (c, disk->section, *text, "size", equal + 1);
    return change_disk_size (&c->h, e->before, disk, size, way, &c->err);
}

/* A size with which it could not start again is refused, unless it cannot
 * start as it is, for reasons of its own. */
static int
check_startable (struct cli *c, const struct edit *e)
{
    struct error as_it_is = { 0 };
    struct plan *plan;

    if (plan_make (&c->h, e->after, PLAN_FULL, &plan, &c->err) < 0
        && plan_make (&c->h, e->before, PLAN_FULL, &plan, &as_it_is) == 0) {
        return -c->err.code;
    }
    c->err = (struct error){ 0 };
    return 0;
}

static int
resize (struct cli *c, enum change_way *way)
{
    const char *cpus = option_value (c, "cpus");
    const char *memory = option_value (c, "memory");
    const struct vec *disks = option_values (c, "disk");
    struct edit e = { 0 };
    const char *text;
    int rc = 0;

    if (!cpus && !memory && !disks->n) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "resize what?  --cpus, --memory or --disk");
    }
    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    text = e.text;
    for (size_t i = 0; i < disks->n; i++) {
        if (resize_disk (c, &e, disks->p[i], &text, way) < 0) {
            return -c->err.code;
        }
    }
    /* Every definition has memory; cpus may be a new line, which moves those
     * below. */
    text = memory ? with_setting (c, e.before->root, text, "memory", memory)
                  : text;
    text = cpus ? with_setting (c, e.before->root, text, "cpus", cpus) : text;
    if (edit_check (c, &e, text, &c->err) < 0) {
        return -c->err.code;
    }
    if (cpus || memory) {
        rc = check_startable (c, &e);
    }
    if (rc == 0 && (cpus || memory)) {
        rc = change_size (&c->h, e.before, cpus ? e.after->cpus : 0,
                          memory ? e.after->memory : 0, way, &c->err);
    }
    if (rc < 0 || edit_save (&e, &c->err) < 0) {
        unlink (e.temporary);
        return -c->err.code;
    }
    return 0;
}

int
cmd_resize (struct cli *c)
{
    enum change_way way = CHANGED_OFFLINE;

    if (resize (c, &way) < 0) {
        return report (c);
    }
    return done (c, "the size is changed", "the running guest has it", way);
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
