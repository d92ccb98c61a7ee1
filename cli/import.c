/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* import: the files of another tool are read by a confined program, get a
 * meaning, are checked like any definition, and become visible together. */
#include <errno.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/import-check.h"
#include "cli/import-tell.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "core/base/name.h"
#include "core/config/host.h"
#include "core/machine/changing.h"
#include "core/machine/define-all.h"
#include "core/machine/new-name-lock.h"
#include "core/machine/recover.h"
#include "core/plan/plan-layers.h"
#include "import/confined.h"
#include "import/draft-text.h"

static const struct {
    const char *tool;
    import_fn *fn;
} tools[] = {
    { "5gdeploy", from_5gdeploy }, { "balena", from_balena },
    { "libvirt", from_libvirt },   { "machina", from_machina },
    { "virshle", from_virshle },
};

/* Stores what the files mean. */
static int
map_files (struct cli *c, struct import *im, import_fn *fn, const char *tool,
           struct error *err)
{
    struct vec trees = { 0 };
    const char *first = absolute_path (c, c->args.p[0]);

    for (size_t i = 0; i < c->args.n; i++) {
        struct tree *t = confined_read (&c->h, tool, c->args.p[i], err);

        if (!t) {
            return -err->code;
        }
        vec_add (&c->h.arena, &trees, t);
    }
    im->h = &c->h;
    im->a = im->p.arena = &c->h.arena;
    im->dir = arena_format (&c->h.arena, "%.*s",
                            (int)(strrchr (first, '/') - first), first);
    fn (im, (struct tree *const *)trees.p, trees.n);
    return 0;
}

/* ------------------------------------------------------- The command */

struct writing {
    struct define_file *files;
    size_t n;
    struct vec plans;
};

/* Returns a path for a file in conf.d that does not exist. */
static const char *
host_path (struct cli *c, const char *name)
{
    const char *path = NULL;

    for (int i = 1; !path || access (path, F_OK) == 0; i++) {
        path = arena_format (
            &c->h.arena, i == 1 ? "%s/import-%s.conf" : "%s/import-%s-%d.conf",
            c->h.host->conf_dir, name, i);
    }
    return path;
}

/* The file of conf.d comes first: its sections are needed by the others. */
static int
prepare (struct cli *c, struct import *im, const char *tool, struct writing *w,
         struct error *err)
{
    struct arena *a = &c->h.arena;
    const char *host = draft_text_host (im, tool, NULL);
    const struct draft *first = im->vms.n ? im->vms.p[0] : im->host.p[0];

    w->files = arena_alloc (a, (im->vms.n + 1) * sizeof *w->files);
    if (host) {
        w->files[w->n++] = (struct define_file){
            arena_format (a, "import-%s", first->name),
            host_path (c, first->name),
            host,
        };
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];

        w->files[w->n++] =
            (struct define_file){ d->name, definition_path (&c->h, d->name),
                                  draft_text (im, d, tool, NULL) };
    }
    return import_check (c, im, tool, &w->plans, err);
}

/* Locks all names, writes, and tells what was found out about images. */
static int
write_all (struct cli *c, struct import *im, const struct writing *w,
           struct error *err)
{
    const char *key = define_all_key (&c->h, w->files[0].name);
    NEW_NAME_CLEANUP struct new_name_locks locks = { 0 };
    CLEANUP_CLOSE int lock = -1;
    struct vec names = { 0 };

    if (changing_lock (&c->h, key, true, &lock, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        vec_add (&c->h.arena, &names, ((struct draft *)im->vms.p[i])->name);
    }
    if (new_name_lock (&c->h, (const char *const *)names.p, names.n, &locks,
                       err)
            < 0
        || import_check_new (c, im, err) < 0) {
        return -err->code;
    }
    if (define_all (&c->h, key, w->files, w->n, err) < 0) {
        recover_failed (&c->h, key);
        return -err->code;
    }
    for (size_t i = 0; i < w->plans.n; i++) {
        plan_note_layers (&c->h, w->plans.p[i]);
    }
    return 0;
}

static import_fn *
find_tool (const char *tool, struct error *err)
{
    const char *names[ARRAY_SIZE (tools) + 1] = { NULL };
    const char *near;

    for (size_t i = 0; tool && i < ARRAY_SIZE (tools); i++) {
        names[i] = tools[i].tool;
        if (!strcmp (tools[i].tool, tool)) {
            return tools[i].fn;
        }
    }
    if (!tool) {
        fail_exit (
            err, EXIT_USAGE, EINVAL,
            "--from is missing: it names the tool that the files are of, "
            "as in --from libvirt");
        return NULL;
    }
    near = name_nearest (tool, names);
    fail_exit (err, EXIT_USAGE, EINVAL,
               "--from %s is not known%s%s%s there are 5gdeploy, balena, "
               "libvirt, machina and virshle",
               tool, near ? ", did you mean '" : "", near ? near : "",
               near ? "'?" : ":");
    return NULL;
}

int
cmd_import (struct cli *c)
{
    const char *tool = option_value (c, "from");
    bool dry = has_option (c, "dry-run") || has_option (c, "print");
    struct json_object *result;
    import_fn *fn = c->args.n ? find_tool (tool, &c->err) : NULL;
    struct import im = { 0 };
    struct writing w = { 0 };

    if (!c->args.n) {
        return usage_error (c);
    }
    if (!fn || map_files (c, &im, fn, tool, &c->err) < 0) {
        return report (c);
    }
    result = json_object_new_object ();
    if (problem_fail (&im.p, &c->err) < 0) {
        c->err.exit_code = EXIT_CONFIG;
    } else if (import_check_names (c, &im, &c->err) == 0
               && prepare (c, &im, tool, &w, &c->err) == 0) {
        /* After an error they would only hide it. */
        import_tell_notes (&im, result);
        if (!dry && w.n) {
            write_all (c, &im, &w, &c->err);
        }
    }
    if (c->err.code) {
        json_object_put (result);
        return report (c);
    }
    import_tell_files (c, w.files, w.n, result);
    if (c->json) {
        document_print (c, result);
    } else {
        json_object_put (result);
    }
    return EXIT_OK;
}
