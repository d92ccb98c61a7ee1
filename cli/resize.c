/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* resize: sizes in the definition, and of the guest if it runs. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/edit.h"
#include "common/size.h"
#include "core/plan.h"

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

/* A disk that is to have another size. */
struct growth {
    const struct disk_def *disk;
    const char *text; /* "20G" */
    uint64_t size;
};

static int
parse_growth (struct cli *c, const struct edit *e, const char *spec,
              struct growth *out)
{
    const char *equal = strchr (spec, '=');

    if (!equal || !parse_size (equal + 1, &out->size)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--disk %s: say --disk NAME=20G", spec);
    }
    out->text = equal + 1;
    out->disk = edit_find_disk (
        e->before, arena_dup_n (&c->h.arena, spec, (size_t)(equal - spec)));
    return out->disk ? change_check_growth (&c->h, e->before, out->disk,
                                            out->size, &c->err)
                     : fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                                  "%s has no disk '%.*s'", e->name,
                                  (int)(equal - spec), spec);
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

/* The text with other sizes of the machine; cpus may be a new line, which moves
 * those below. */
static const char *
with_sizes (struct cli *c, const struct edit *e, const char *text)
{
    const char *cpus = option_value (c, "cpus");
    const char *memory = option_value (c, "memory");

    text = memory ? with_setting (c, e->before->root, text, "memory", memory)
                  : text;
    return cpus ? with_setting (c, e->before->root, text, "cpus", cpus) : text;
}

/* The later of two ways is what is said. */
static void
add_way (enum change_way *way, enum change_way other)
{
    *way = *way == CHANGED_LATER ? *way : other;
}

/* Enlarges disks; '*text' has what was done. */
static int
grow (struct cli *c, const struct edit *e, const struct growth *all, size_t n,
      const char **text, enum change_way *way)
{
    for (size_t i = 0; i < n; i++) {
        const struct growth *g = &all[i];
        enum change_way one;

        if (change_disk_size (&c->h, e->before, g->disk, g->size, &one, &c->err)
            < 0) {
            return fail_prefix (&c->err, "disk %s", g->disk->name);
        }
        add_way (way, one);
        *text = with_setting (c, g->disk->section, *text, "size", g->text);
    }
    return 0;
}

static int
change_machine (struct cli *c, const struct edit *e, enum change_way *way)
{
    enum change_way one;
    int rc = change_size (
        &c->h, e->before, option_value (c, "cpus") ? e->after->cpus : 0,
        option_value (c, "memory") ? e->after->memory : 0, &one, &c->err);

    if (rc == 0) {
        add_way (way, one);
    }
    return rc;
}

/* All is looked at before anything is changed.  If then something fails after
 * all, the definition has what was done. */
static int
resize (struct cli *c, enum change_way *way)
{
    bool machine = has_option (c, "cpus") || has_option (c, "memory");
    const struct vec *disks = option_values (c, "disk");
    struct growth *all =
        arena_alloc (&c->h.arena, (disks->n + 1) * sizeof *all);
    struct edit e = { 0 };
    struct error failed;
    const char *text;
    int rc = 0;

    if (!machine && !disks->n) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "resize what?  --cpus, --memory or --disk");
    }
    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0) {
        return -c->err.code;
    }
    for (size_t i = 0; i < disks->n; i++) {
        if (parse_growth (c, &e, disks->p[i], &all[i]) < 0) {
            return -c->err.code;
        }
    }
    if (edit_check (c, &e, with_sizes (c, &e, e.text), &c->err) < 0) {
        return -c->err.code;
    }
    text = e.text;
    rc = machine ? check_startable (c, &e) : 0;
    rc = rc < 0 ? rc : grow (c, &e, all, disks->n, &text, way);
    rc = rc < 0 || !machine ? rc : change_machine (c, &e, way);
    failed = c->err;
    text = rc < 0 ? text : with_sizes (c, &e, text);
    if (edit_check (c, &e, text, &c->err) < 0 || edit_save (&e, &c->err) < 0) {
        unlink (e.temporary);
        return -c->err.code;
    }
    c->err = failed;
    return rc;
}

int
cmd_resize (struct cli *c)
{
    enum change_way way = CHANGED_OFFLINE;

    if (resize (c, &way) < 0) {
        return report (c);
    }
    return edit_done (c, "the size is changed", "the running guest has it",
                      way);
}
