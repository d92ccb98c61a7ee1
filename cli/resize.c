/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* resize: sizes in the definition, and of the guest if it runs. */
#include <errno.h>
#include <string.h>

#include "cli/edit.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/vec.h"
#include "core/config/config.h"
#include "core/config/textedit.h"
#include "core/machine/changing-volume.h"
#include "core/machine/grow.h"
#include "core/machine/hotplug.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"

/* A disk that is to be resized. */
struct growth {
    const struct disk_def *disk;
    const char *text; /* "20G" */
    uint64_t size;
};

static int
parse_growth (struct cli *c, const struct edit *e, const char *spec,
              struct growth *out)
{
    const char *equal = strchr (spec, '='), *name;

    if (!equal || !parse_size (equal + 1, &out->size)) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--disk %s: write --disk NAME=20G", spec);
    }
    out->text = equal + 1;
    name = arena_dup_n (&c->h.arena, spec, (size_t)(equal - spec));
    out->disk = definition_disk (e->before, name);
    return out->disk
               ? grow_check (&c->h, e->before, out->disk, out->size, &c->err)
               : definition_no_such (e->before, "disk", name, &c->err);
}

/* A size with which the VM could not start again is refused, unless it cannot
 * start now, for other reasons. */
static int
check_startable (struct cli *c, const struct edit *e)
{
    struct error as_it_is = { 0 };
    struct plan *plan;

    if (changing_plan (&c->h, e->after, PLAN_FULL, &plan, &c->err) < 0
        && changing_plan (&c->h, e->before, PLAN_FULL, &plan, &as_it_is) == 0) {
        return -c->err.code;
    }
    c->err = (struct error){ 0 };
    return 0;
}

/* The text with new sizes of the machine. */
static const char *
with_sizes (struct cli *c, const struct edit *e, const char *text)
{
    const char *cpus = option_value (c, "cpus");
    const char *memory = option_value (c, "memory");

    text = memory
               ? textedit_set (&c->h.arena, text, NULL, NULL, "memory", memory)
               : text;
    return cpus ? textedit_set (&c->h.arena, text, NULL, NULL, "cpus", cpus)
                : text;
}

/* The later of the two ways is reported. */
static void
add_way (enum change_way *way, enum change_way other)
{
    *way = *way == CHANGED_LATER ? *way : other;
}

/* The text in which the first 'n' disks have their new sizes, except those that
 * have none there.  What a template says stays, and is overridden. */
static const char *
with_growth (struct cli *c, const struct growth *all, size_t n,
             const char *text)
{
    for (size_t i = 0; i < n; i++) {
        if (all[i].disk->size) {
            text = textedit_set (&c->h.arena, text, "disk", all[i].disk->name,
                                 "size", all[i].text);
        }
    }
    return text;
}

/* Enlarges disks; '*done' is how many. */
static int
grow (struct cli *c, const struct edit *e, const struct growth *all, size_t n,
      size_t *done, enum change_way *way)
{
    for (*done = 0; *done < n; (*done)++) {
        const struct growth *g = &all[*done];
        enum change_way one;

        if (grow_disk (&c->h, e->before, g->disk, g->size, &one, &c->err) < 0) {
            return fail_prefix (&c->err, "disk %s", g->disk->name);
        }
        add_way (way, one);
    }
    return 0;
}

static int
change_machine (struct cli *c, const struct edit *e, enum change_way *way)
{
    enum change_way one;
    int rc = hotplug_size (
        &c->h, e->before, option_value (c, "cpus") ? e->after->cpus : 0,
        option_value (c, "memory") ? e->after->memory : 0, &one, &c->err);

    if (rc == 0) {
        add_way (way, one);
    }
    return rc;
}

/* Records the change in the journal. */
static int
write_down (struct cli *c, const struct edit *e, const struct growth *all,
            size_t n)
{
    bool cpus = has_option (c, "cpus"), memory = has_option (c, "memory");

    for (size_t i = 0; i < n; i++) {
        if (grow_note (&c->h, e->name, all[i].disk->name, all[i].size, &c->err)
            < 0) {
            return -c->err.code;
        }
    }
    return cpus || memory
               ? hotplug_note_size (&c->h, e->name, cpus ? e->after->cpus : 0,
                                    memory ? e->after->memory : 0, &c->err)
               : 0;
}

/* If a later step fails, the definition has the completed ones. */
static int
carry_out (struct cli *c, struct edit *e, const struct growth *all, size_t n,
           enum change_way *way)
{
    bool machine = has_option (c, "cpus") || has_option (c, "memory");
    struct error ignored = { 0 };
    size_t done;
    int rc = grow (c, e, all, n, &done, way);

    rc = rc < 0 || !machine ? rc : change_machine (c, e, way);
    if (rc == 0) {
        return edit_save (c, e, &c->err);
    }
    if (done
        && edit_check (c, e, with_growth (c, all, done, e->text), &ignored)
               == 0) {
        edit_save (c, e, &ignored);
    }
    return rc;
}

/* Everything is checked before anything is changed. */
static int
resize (struct cli *c, struct edit *e, enum change_way *way)
{
    const struct vec *disks = option_values (c, "disk");
    struct growth *all =
        arena_alloc (&c->h.arena, (disks->n + 1) * sizeof *all);
    const char *text;

    for (size_t i = 0; i < disks->n; i++) {
        if (parse_growth (c, e, disks->p[i], &all[i]) < 0) {
            return -c->err.code;
        }
    }
    text = with_sizes (c, e, with_growth (c, all, disks->n, e->text));
    if (edit_check (c, e, text, &c->err) < 0
        || ((has_option (c, "cpus") || has_option (c, "memory"))
            && check_startable (c, e) < 0)
        || write_down (c, e, all, disks->n) < 0) {
        return -c->err.code;
    }
    return carry_out (c, e, all, disks->n, way);
}

int
cmd_resize (struct cli *c)
{
    const struct edit_words words = {
        "the size is changed",
        has_option (c, "memory") ? "the running guest has been told"
                                 : "the running guest has it",
        { "the size is changed in the definition",
          "the guest gets it at its next start" },
    };
    enum change_way way = CHANGED_OFFLINE;
    struct edit e = { 0 };

    if (!has_option (c, "cpus") && !has_option (c, "memory")
        && !option_values (c, "disk")->n) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "nothing to resize: give --cpus, --memory or --disk");
        return report (c);
    }
    if (edit_begin (c, c->args.p[0], &e, &c->err) < 0
        || edit_end (c, &e, resize (c, &e, &way), &c->err) < 0) {
        return report (c);
    }
    return edit_done (c, &words, way);
}
