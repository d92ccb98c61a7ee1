/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* snapshot create, list, revert, delete. */
#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/document.h"
#include "cli/crowd.h"
#include "cli/progress.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/machine/change.h"
#include "core/machine/changing.h"
#include "core/machine/saved.h"
#include "core/machine/snapshot-choose.h"
#include "core/machine/snapshot-create.h"
#include "core/machine/snapshot-set.h"
#include "core/provider/services.h"

/* What changes the VM has the lock of that. */
static int
load_vm (struct cli *c, const char *name, int *lock, struct definition **def,
         struct error *err)
{
    if (c->h.changes
        && (name_validate ("VM", name, err) < 0
            || changing_lock (&c->h, name, true, lock, err) < 0)) {
        return -err->code;
    }
    return definition_load (&c->h, name, def, err);
}

/* The VM of the first argument. */
static struct definition *
load (struct cli *c, int *lock)
{
    struct definition *def = NULL;

    load_vm (c, c->args.p[0], lock, &def, &c->err);
    return c->err.code ? NULL : def;
}

/* These are JSON's values of 'done'. */
static const char made[] = "made", reverted[] = "reverted";

static void
tell (struct cli *c, const char *vm, const char *snapshot, const char *what,
      const char *way, struct json_object *o)
{
    json_put_text_or_null (o, "snapshot", snapshot);
    json_put_text_or_null (o, "done", what);
    json_put_text_or_null (o, "way", way);
    if (c->json) {
        return;
    }
    if (what == reverted) {
        out ("%s: reverted to snapshot %s (%s)\n", vm, snapshot, way);
    } else {
        out ("%s: snapshot %s is %s (%s)\n", vm, snapshot,
             what == made ? "created" : what, way);
    }
}

static int
done (struct cli *c, const char *snapshot, const char *what, const char *way)
{
    struct json_object *o = json_object_new_object ();

    json_put_text_or_null (o, "name", c->args.p[0]);
    tell (c, c->args.p[0], snapshot, what, way, o);
    if (c->json) {
        document_print (c, o);
    } else {
        json_object_put (o);
    }
    return EXIT_OK;
}

static int
choose_disks (struct cli *c, const struct definition *def, struct error *err)
{
    const struct vec *names = option_values (c, "disk");

    if (names->n && !strcmp (c->command->name, "snapshot create")
        && has_option (c, "memory")) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--memory needs the snapshots of all disks: do not "
                          "combine it with --disk");
    }
    return snapshot_choose (def, names, err);
}

static int
create (struct cli *c, const char *vm, const char *snapshot,
        enum change_way *way, struct error *err)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = NULL;
    struct progress progress;
    int rc;

    if (load_vm (c, vm, &lock, &def, err) < 0
        || choose_disks (c, def, err) < 0) {
        return -err->code;
    }
    progress_begin (c, &progress, 0);
    rc = snapshot_create (&c->h, def, snapshot, has_option (c, "memory"), way,
                          err);
    progress_end (c, &progress);
    return rc;
}

static int
each_create (struct cli *c, const char *vm, struct json_object *result,
             struct error *err)
{
    const char *snapshot = c->args.p[1];
    enum change_way way;

    if (create (c, vm, snapshot, &way, err) < 0) {
        return -err->code;
    }
    tell (c, vm, snapshot, made, change_way_text (way), result);
    return 0;
}

int
cmd_snapshot_create (struct cli *c)
{
    const struct handling how = { each_create, "be snapshotted", "saving", true,
                                  false,       TURNS_NONE };
    const char *vm = c->args.p[0];
    struct vec names = { 0 };
    enum change_way way;
    size_t ignored;

    if (jobs_option (c, &ignored, &c->err) < 0) {
        return report (c);
    }
    /* The same name for all VMs. */
    if (c->args.n < 2) {
        vec_add (&c->h.arena, &c->args,
                 arena_time (&c->h.arena, "%Y%m%d-%H%M%S", time (NULL)));
    }
    if (c->is_chosen) {
        return for_these_vms (c, &how, &c->chosen);
    }
    if (name_is_pattern (vm) || fleet_find (&c->h, vm)) {
        return expand_names (c, &(struct vec){ c->args.p, 1, 0 }, &names) < 0
                   ? report (c)
                   : for_these_vms (c, &how, &names);
    }
    return create (c, vm, c->args.p[1], &way, &c->err) < 0
               ? report (c)
               : done (c, c->args.p[1], made, change_way_text (way));
}

int
cmd_snapshot_revert (struct cli *c)
{
    CLEANUP_CLOSE int lock = -1;
    struct definition *def = load (c, &lock);

    if (!def || choose_disks (c, def, &c->err) < 0
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
