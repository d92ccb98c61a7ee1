/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Finds files that one disk writes and another uses, too.  Names do not show
 * that: a link, or a volume that is an image elsewhere, is the same file; so
 * files are compared by stat(), once plans have located the volumes. */
#include "core/config/settings.h"
#include "core/plan/plan-clash.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/arena.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

struct use {
    dev_t dev;
    ino_t ino;
    bool writes;
    const char *path;
    const struct plan *plan;
    const struct disk_def *disk;
    size_t order;
};

/* A device may have several nodes. */
static bool
identify (const char *path, struct use *u)
{
    struct stat st;

    if (stat (path, &st) < 0) {
        return false;
    }
    u->dev = S_ISBLK (st.st_mode) ? 0 : st.st_dev;
    u->ino = S_ISBLK (st.st_mode) ? (ino_t)st.st_rdev : st.st_ino;
    return true;
}

static void
gather (struct arena *a, const struct plan *plan, struct vec *uses)
{
    for (size_t i = 0; i < plan->disks.n; i++) {
        const struct plan_disk *d = plan->disks.p[i];

        for (size_t k = 0; d->disk.layers[k]; k++) {
            struct use *u = arena_alloc (a, sizeof *u);

            u->path = d->disk.layers[k]->path;
            u->writes = k == 0 && !d->disk.readonly;
            u->plan = plan;
            u->disk = d->def;
            u->order = uses->n;
            if (identify (u->path, u)) {
                vec_add (a, uses, u);
            }
        }
    }
}

/* Sorts by file; writers come first. */
static int
compare (const void *a, const void *b)
{
    const struct use *x = *(const struct use *const *)a;
    const struct use *y = *(const struct use *const *)b;

    if (x->dev != y->dev) {
        return x->dev < y->dev ? -1 : 1;
    }
    if (x->ino != y->ino) {
        return x->ino < y->ino ? -1 : 1;
    }
    if (x->writes != y->writes) {
        return x->writes ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

/* Is the clash visible in the definitions?  clash_definitions() reports
 * those. */
static bool
is_told (const struct use *a, const struct use *b)
{
    const struct disk_def *x = a->disk, *y = b->disk;

    if (!a->writes || !b->writes || !x->image != !y->image) {
        return false;
    }
    return x->image
               ? !strcmp (x->image, y->image)
               : !strcmp (x->pool, y->pool) && !strcmp (x->volume, y->volume);
}

void
plan_clash (const struct vec *plans, struct problems *p)
{
    struct vec uses = { 0 };
    const struct use *first = NULL;

    for (size_t i = 0; i < plans->n; i++) {
        gather (p->arena, plans->p[i], &uses);
    }
    if (uses.n) {
        qsort (uses.p, uses.n, sizeof *uses.p, compare);
    }
    for (size_t i = 0; i < uses.n; i++) {
        const struct use *u = uses.p[i];

        if (!first || first->dev != u->dev || first->ino != u->ino) {
            first = u;
        } else if (first->writes && !is_told (first, u)) {
            settings_problem (
                p, u->disk->section, definition_disk_key (u->disk),
                "disk %s: %s is %s%s that disk %s of %s (%s) writes to",
                u->disk->name, u->path,
                strcmp (u->path, first->path) ? "the same file as " : "a file",
                strcmp (u->path, first->path) ? first->path : "",
                first->disk->name, first->plan->def->name,
                settings_where (p->arena, first->disk->section,
                                definition_disk_key (first->disk)));
        }
    }
}
