/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/diff.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "common/size.h"
#include "core/config/definition-find.h"
#include "core/config/host.h"
#include "core/config/settings.h"
#include "core/machine/changing-volume.h"
#include "core/machine/diff-running.h"
#include "core/machine/grow.h"
#include "core/machine/leftover.h"
#include "core/machine/saved-check.h"
#include "core/machine/unmade.h"
#include "core/plan/growth.h"
#include "core/plan/plan-diff.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* Plugins round sizes up. */
#define ROUNDED (UINT64_C (1) << 20)

/* -------------------------------------------------------------- Volumes */

static const char *
size_text (struct hvctl *h, uint64_t size)
{
    char text[32];

    return arena_dup (&h->arena, format_size (size, text, sizeof text));
}

static void
add_unmade (struct hvctl *h, struct diff *d, const struct disk_def *disk)
{
    struct diff_line *l = diff_add (
        h, d, arena_format (&h->arena, "disk %s", disk->name), "volume");
    struct error err = { 0 };

    l->to = arena_format (&h->arena, "%s/%s%s%s", disk->pool, disk->volume,
                          disk->size ? ", " : "",
                          disk->size ? size_text (h, disk->size) : "");
    l->where = settings_where (&h->arena, disk->section, NULL);
    l->step = STEP_CREATE;
    l->name = disk->name;
    if (unmade_check (h, disk, &err) < 0) {
        l->when = DIFF_IMPOSSIBLE;
        l->why = arena_dup (&h->arena, err.text);
    }
}

/* The definition without the disks that have no volume yet. */
static struct definition *
without (struct hvctl *h, const struct definition *def,
         const struct vec *unmade)
{
    struct definition *out = arena_alloc (&h->arena, sizeof *out);

    *out = *def;
    out->disks = (struct vec){ 0 };
    for (size_t i = 0; i < def->disks.n; i++) {
        bool missing = false;

        for (size_t k = 0; k < unmade->n; k++) {
            missing |= unmade->p[k] == def->disks.p[i];
        }
        if (!missing) {
            vec_add (&h->arena, &out->disks, def->disks.p[i]);
        }
    }
    return out;
}

/* Compares the size that the definition has with that of the volume. */
static void
compare_size (struct hvctl *h, struct diff *d, const struct plan_disk *disk)
{
    const struct disk_def *def = disk->def;
    uint64_t wanted = def->size, is = disk->info.size;
    struct error err = { 0 };
    struct diff_line *l;

    if (def->image || !wanted || !is || wanted == is
        || (wanted < is && is - wanted < ROUNDED)) {
        return;
    }
    l = diff_add (h, d, arena_format (&h->arena, "disk %s", def->name), "size");
    l->from = size_text (h, is);
    l->to = size_text (h, wanted);
    l->where = settings_where (&h->arena, def->section, "size");
    l->step = STEP_GROW;
    l->name = def->name;
    l->size = wanted;
    if (growth_check (disk, wanted, &err) < 0
        || saved_refuse_change (h, d->def, &err) < 0) {
        l->when = DIFF_IMPOSSIBLE;
        l->why = arena_dup (&h->arena, err.text);
    } else if (d->running && grow_waits (h, d->def->name, disk, &err)) {
        l->when = DIFF_AT_START;
        l->why = arena_dup (&h->arena, err.text);
    }
}

/* -------------------------------------------------------------------- VMs */

static int
diff_stopped (struct hvctl *h, struct diff *d, struct definition *made,
              struct error *err)
{
    struct plan plan = { .def = made };

    for (size_t i = 0; i < made->disks.n; i++) {
        if (changing_resolve_disk (h, &plan, made->disks.p[i], err) < 0) {
            return -err->code;
        }
    }
    for (size_t i = 0; i < plan.disks.n; i++) {
        compare_size (h, d, plan.disks.p[i]);
    }
    return 0;
}

static int
diff_defined (struct hvctl *h, struct diff *d, struct error *err)
{
    struct vec unmade = { 0 };
    struct definition *made;
    struct plan *plan = NULL;

    if (unmade_disks (h, d->def, &unmade, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < unmade.n; i++) {
        add_unmade (h, d, unmade.p[i]);
    }
    made = without (h, d->def, &unmade);
    if (!d->running) {
        return diff_stopped (h, d, made, err);
    }
    if (changing_plan (h, made, PLAN_FULL, &plan, err) < 0
        || diff_running (h, d, plan, &unmade, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < plan->disks.n; i++) {
        compare_size (h, d, plan->disks.p[i]);
    }
    return 0;
}

/* Only reported: 'hvctl apply' removes it if it is told to. */
static int
diff_undefined (struct hvctl *h, struct diff *d, const struct vm_state *s,
                struct error *err)
{
    struct leftover *left = arena_alloc (&h->arena, sizeof *left);
    bool any = leftover_look (h, s->name, left);
    const char *text = any ? leftover_text (h, left) : NULL;
    struct diff_line *l;

    if (s->run == RUN_STOPPED && !any) {
        return -err->code;
    }
    *err = (struct error){ 0 };
    d->left = left;
    l = diff_add (h, d, NULL, "definition");
    l->from = "defined";
    l->when = DIFF_LEFT;
    l->why = d->running
                 ? arena_format (&h->arena,
                                 "it is still running, and is not stopped: use "
                                 "'hvctl stop %s'%s%s",
                                 s->name, any ? "; left over: " : "",
                                 any ? text : "")
             : any ? arena_format (
                   &h->arena, "left over: %s: 'hvctl rm %s%s' removes it", text,
                   left->volumes.n ? "--disks " : "", s->name)
                   : arena_format (&h->arena,
                                   "what it used has not been released yet: "
                                   "'hvctl stop %s' does that",
                                   s->name);
    return 0;
}

int
diff_vm (struct hvctl *h, const char *name, struct diff *out, struct error *err)
{
    struct vm_state s;
    int rc;

    *out = (struct diff){ 0 };
    state_read (h, name, &s);
    if (s.run == RUN_UNKNOWN) {
        return state_unknown (h, &s, err);
    }
    out->running = s.run > RUN_STALE;
    rc = definition_load (h, name, &out->def, err);
    if (rc < 0 && err->exit_code == EXIT_NOT_FOUND) {
        out->def = NULL;
        return diff_undefined (h, out, &s, err);
    }
    return rc < 0 || diff_defined (h, out, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

int
diff_names (struct hvctl *h, struct vec *names, struct error *err)
{
    if (definition_names (h, names, err) < 0) {
        return -err->code;
    }
    state_names (h, names);
    state_keep_names (h, names);
    leftover_of_all (h, names);
    vec_drop_doubles (&h->arena, names);
    vec_sort (names);
    return 0;
}
