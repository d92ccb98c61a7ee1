/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* snapshot create, list, revert, delete. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/member.h"
#include "cli/progress.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/machine/changing.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot-create.h"
#include "core/machine/snapshot-set.h"
#include "core/provider/services.h"

/* Loads the VM of the first argument.  What changes it has the lock of that. */
static struct definition *
load (struct cli *c, int *lock)
{
    struct definition *def = NULL;

    if (!c->h.changes
        || (name_validate ("VM", c->args.p[0], &c->err) == 0
            && changing_lock (&c->h, c->args.p[0], true, lock, &c->err) == 0)) {
        definition_load (&c->h, c->args.p[0], &def, &c->err);
    }
    return def;
}

/* These are JSON's values of 'done'. */
static const char made[] = "made", reverted[] = "reverted";

static int
done (struct cli *c, const char *snapshot, const char *what, const char *way)
{
    if (c->json) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", c->args.p[0]);
        json_put_text_or_null (o, "snapshot", snapshot);
        json_put_text_or_null (o, "done", what);
        json_put_text_or_null (o, "way", way);
        out_json (o);
    } else if (what == reverted) {
        out ("%s: reverted to snapshot %s (%s)\n", (const char *)c->args.p[0],
             snapshot, way);
    } else {
        out ("%s: snapshot %s is %s (%s)\n", (const char *)c->args.p[0],
             snapshot, what == made ? "created" : what, way);
    }
    return EXIT_OK;
}

static int
choose_disks (struct cli *c, const struct definition *def)
{
    const struct vec *names = option_values (c, "disk");

    if (names->n && !strcmp (c->command->name, "snapshot create")
        && has_option (c, "memory")) {
        return fail_exit (&c->err, EXIT_USAGE, EINVAL,
                          "--memory needs the snapshots of all disks: do not "
                          "combine it with --disk");
    }
    return snapshot_choose (def, names, &c->err);
}

int
cmd_snapshot_create (struct cli *c)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = load (c, &lock);
    struct progress progress;
    const char *name;
    enum change_way way;
    int rc;

    name = c->args.n > 1
               ? c->args.p[1]
               : arena_time (&c->h.arena, "%Y%m%d-%H%M%S", time (NULL));
    if (!def || choose_disks (c, def) < 0) {
        return report (c);
    }
    progress_begin (c, &progress, 0);
    rc = snapshot_create (&c->h, def, name, has_option (c, "memory"), &way,
                          &c->err);
    progress_end (c, &progress);
    return rc < 0 ? report (c) : done (c, name, made, change_way_text (way));
}

int
cmd_snapshot_revert (struct cli *c)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = load (c, &lock);

    if (!def || choose_disks (c, def) < 0
        || snapshot_revert (&c->h, def, c->args.p[1], &c->err) < 0) {
        return report (c);
    }
    return done (c, c->args.p[1], reverted, change_way_text (CHANGED_OFFLINE));
}

int
cmd_snapshot_delete (struct cli *c)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = load (c, &lock);
    enum change_way way;

    if (!def || snapshot_delete (&c->h, def, c->args.p[1], &way, &c->err) < 0) {
        return report (c);
    }
    return done (c, c->args.p[1], "deleted", change_way_text (way));
}

int
print_snapshots (struct cli *c, const struct hv_list *list)
{
    static const char *const keys[] = { "snapshot", "#created", NULL };
    struct table *t = table_new (c, keys);

    for (size_t i = 0; i < list->entries.n; i++) {
        const struct list_entry *e = list->entries.p[i];
        int64_t when = strtoll (e->detail ? e->detail : "0", NULL, 10);

        table_row (t, (const char *[]){ e->name, table_time (c, when) });
    }
    table_print (t);
    return EXIT_OK;
}

static bool
has_memory (struct cli *c, const char *vm, const char *snapshot)
{
    return saved_read (&c->h, saved_memory_dir (&c->h, vm, snapshot), NULL);
}

int
cmd_snapshot_list (struct cli *c)
{
    static const char *const keys[] = { "snapshot", "#created", "memory",
                                        "disks", NULL };
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = load (c, &lock);
    struct vec list = { 0 }, failures = { 0 }, unable = { 0 }, notes = { 0 };
    struct table *t;
    int code = EXIT_OK;

    if (!def) {
        return report (c);
    }
    snapshot_list (&c->h, def, &list, &failures, &unable);
    t = table_new (c, keys);
    for (size_t i = 0; i < failures.n; i++) {
        int one = table_error (t, failures.p[i]);

        code = code ? code : one;
    }
    for (size_t i = 0; i < list.n; i++) {
        const struct snapshot_entry *e = list.p[i];

        table_row (t, (const char *[]){
                          e->name, table_time (c, e->created),
                          has_memory (c, def->name, e->name) ? "yes" : "no",
                          e->disks });
    }
    for (size_t i = 0; i < unable.n; i++) {
        vec_add (&c->h.arena, &notes,
                 ((const struct error *)unable.p[i])->text);
    }
    table_notes (t, &notes);
    table_print (t);
    return code;
}
