/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/apply-steps.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

#include "cli/spec.h"
#include "core/base/interrupt.h"
#include "core/base/output.h"
#include "core/machine/grow.h"
#include "core/machine/hotplug.h"
#include "core/machine/recover.h"
#include "core/machine/remove.h"
#include "core/machine/running.h"
#include "core/state/unfinished.h"

#define DONE "done"
#define LATER "at the next start"

static void
say (struct cli *c, const char *name, struct diff_line *l, const char *result)
{
    l->result = result;
    if (!c->json) {
        out ("%s: %s: %s\n", name, l->what, result);
    }
}

static int
create (struct cli *c, const char *name, const struct diff *d,
        struct error *err)
{
    struct vec unmade = { 0 }, lines = { 0 };

    for (size_t i = 0; i < d->lines.n; i++) {
        const struct diff_line *l = d->lines.p[i];

        if (l->step == STEP_CREATE && l->when == DIFF_NOW) {
            vec_add (&c->h.arena, &unmade, definition_disk (d->def, l->name));
            vec_add (&c->h.arena, &lines, l);
        }
    }
    if (unmade.n && make_unmade (c, name, &unmade, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < lines.n; i++) {
        say (c, name, lines.p[i], DONE);
    }
    return 0;
}

/* Is the disk one that the running guest does not have yet? */
static bool
is_added (const struct diff *d, const char *disk)
{
    for (size_t i = 0; i < d->lines.n; i++) {
        const struct diff_line *l = d->lines.p[i];

        if (l->step == STEP_ATTACH_DISK && !strcmp (l->name, disk)) {
            return true;
        }
    }
    return false;
}

static int
grow (struct cli *c, const char *name, const struct diff *d,
      const struct diff_line *l, enum change_way *way, struct error *err)
{
    if (grow_note (&c->h, name, l->name, l->size, err) < 0
        || grow_disk (&c->h, d->def, definition_disk (d->def, l->name), l->size,
                      way, err)
               < 0) {
        return -err->code;
    }
    /* Nobody has to be told. */
    *way = is_added (d, l->name) ? CHANGED_OFFLINE : *way;
    return 0;
}

static int
resize (struct cli *c, const char *name, const struct diff *d,
        const struct diff_line *l, enum change_way *way, struct error *err)
{
    bool cpus = *l->key == 'c';
    uint32_t n = cpus ? (uint32_t)l->size : 0;
    uint64_t memory = cpus ? 0 : l->size;

    return hotplug_note_size (&c->h, name, n, memory, err) < 0
                   || hotplug_size (&c->h, d->def, n, memory, way, err) < 0
               ? -err->code
               : 0;
}

/* A device that is detached is no longer in the definition. */
static int
plug (struct cli *c, const char *name, const struct diff *d,
      const struct diff_line *l, enum change_way *way, struct error *err)
{
    static const char *const ops[] = {
        [STEP_DETACH_DISK] = "unplug-disk",
        [STEP_DETACH_NIC] = "unplug-nic",
        [STEP_ATTACH_DISK] = "plug-disk",
        [STEP_ATTACH_NIC] = "plug-nic",
    };
    struct hvctl *h = &c->h;

    if (unfinished_add (h, name, ops[l->step], l->name, err) < 0) {
        return -err->code;
    }
    switch (l->step) {
    case STEP_DETACH_DISK:
        return hotplug_detach_disk (h, d->def, running_disk (h, name, l->name),
                                    way, err);
    case STEP_DETACH_NIC:
        return hotplug_detach_nic (h, d->def, running_nic (h, name, l->name),
                                   way, err);
    case STEP_ATTACH_DISK:
        return hotplug_attach_disk (
            h, d->def, definition_disk (d->def, l->name), way, err);
    default:
        return hotplug_attach_nic (h, d->def, definition_nic (d->def, l->name),
                                   way, err);
    }
}

/* One change; what cannot be rolled back is completed by the next command. */
static int
do_line (struct cli *c, const char *name, const struct diff *d,
         struct diff_line *l, struct error *err)
{
    enum change_way way = CHANGED_OFFLINE;
    int rc;

    if (interrupt_came) {
        return fail (err, EINTR, "interrupted");
    }
    rc = l->step == STEP_GROW     ? grow (c, name, d, l, &way, err)
         : l->step == STEP_RESIZE ? resize (c, name, d, l, &way, err)
                                  : plug (c, name, d, l, &way, err);
    if (rc < 0) {
        recover_failed (&c->h, name);
        return fail_prefix (err, "%s", l->what);
    }
    unfinished_end (&c->h, name);
    say (c, name, l, way == CHANGED_LATER ? LATER : DONE);
    return 0;
}

/* As 'rm --disks' does. */
static int
remove_left (struct cli *c, const char *name, struct diff *d, struct error *err)
{
    struct removal r = { .name = name, .disks = true };
    struct diff_line *l = d->lines.p[0];

    if (remove_now (&c->h, &r, err) < 0) {
        return -err->code;
    }
    say (c, name, l, DONE);
    return 0;
}

int
apply_steps (struct cli *c, const char *name, struct diff *d, struct error *err)
{
    if (d->left) {
        const struct diff_line *l = d->lines.p[0];

        return l->step == STEP_REMOVE ? remove_left (c, name, d, err) : 0;
    }
    if (create (c, name, d, err) < 0) {
        return -err->code;
    }
    for (int step = STEP_GROW; step <= STEP_RESIZE; step++) {
        for (size_t i = 0; i < d->lines.n; i++) {
            struct diff_line *l = d->lines.p[i];

            if ((int)l->step == step && l->when == DIFF_NOW
                && do_line (c, name, d, l, err) < 0) {
                return -err->code;
            }
        }
    }
    return 0;
}

int
apply_start (struct cli *c, const char *name, struct diff *d, struct error *err)
{
    for (size_t i = 0; i < d->lines.n; i++) {
        struct diff_line *l = d->lines.p[i];
        struct json_object *ignored;
        int rc;

        if (l->step != STEP_START || l->when != DIFF_NOW) {
            continue;
        }
        ignored = json_object_new_object ();
        rc = each_start (c, name, ignored, err);
        json_object_put (ignored);
        if (rc < 0) {
            return rc;
        }
        l->result = DONE;
    }
    return 0;
}
