/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* import: the files of another tool are read by a confined program, get a
 * meaning, are checked like any definition, and become visible together. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/document.h"
#include "cli/spec.h"
#include "common/cleanup.h"
#include "common/member.h"
#include "core/base/name.h"
#include "core/base/output.h"
#include "core/config/clash.h"
#include "core/config/definition-load.h"
#include "core/config/host.h"
#include "core/config/template.h"
#include "core/machine/changing.h"
#include "core/machine/define-all.h"
#include "core/machine/recover.h"
#include "core/plan/plan-clash.h"
#include "core/plan/plan-layers.h"
#include "core/plan/plan-make.h"
#include "import/confined.h"
#include "import/draft.h"

/* Each has a lock, and a file in memory. */
#define MOST_VMS 256

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

/* ------------------------------------------------- Checking the result */

/* Returns a path by which this process can read the text. */
static const char *
file_in_memory (struct cli *c, const char *text, struct error *err)
{
    int fd = memfd_create ("hvctl-import", MFD_CLOEXEC);
    size_t len = strlen (text);

    /* Root trusts what root alone can write. */
    if (fd < 0 || fchmod (fd, 0600) < 0
        || write (fd, text, len) != (ssize_t)len) {
        fail (err, errno ? errno : EIO, "cannot keep a text in memory: %m");
        return NULL;
    }
    return arena_format (&c->h.arena, "/proc/self/fd/%d", fd);
}

static int
check_name (struct cli *c, const char *name, struct error *err)
{
    const char *path = definition_path (&c->h, name);

    return name_validate ("VM", name, err) < 0 ? -err->code
           : access (path, F_OK) == 0
               ? fail (err, EEXIST, "VM %s already exists: %s", name, path)
               : 0;
}

/* Gives the only VM the name that the user has chosen, and checks all names. */
static int
check_names (struct cli *c, struct import *im, struct error *err)
{
    const char *name = option_value (c, "name");
    uint64_t all = 0;

    if (!im->vms.n && !im->host.n) {
        return fail_exit (err, EXIT_CONFIG, ENOENT, "%s: there is no VM in it",
                          (const char *)c->args.p[0]);
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];

        all += d->count ? d->count : 1;
    }
    if (all > MOST_VMS) {
        return fail_exit (err, EXIT_CONFIG, E2BIG,
                          "there are %" PRIu64 " VMs in it: at most %d can be "
                          "imported at once",
                          all, MOST_VMS);
    }
    if (name && im->vms.n != 1) {
        return fail_exit (err, EXIT_USAGE, EINVAL,
                          "--name is for one VM, and there are %zu in it",
                          im->vms.n);
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        struct draft *d = im->vms.p[i];

        d->name = name ? name : d->name;
        if (check_name (c, d->name, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* The host's half first: the definitions refer to it. */
static int
check_host (struct cli *c, struct import *im, const char *text,
            struct error *err)
{
    struct problems p = { .arena = &c->h.arena };
    const char *path;

    for (size_t i = 0; i < im->host.n; i++) {
        const struct draft *d = im->host.p[i];

        if (!strcmp (d->kind, "template") && host_template (&c->h, d->name)) {
            return fail (err, EEXIST,
                         "template %s already exists in the configuration of "
                         "this host",
                         d->name);
        }
    }
    path = text ? file_in_memory (c, text, err) : NULL;
    if (!text) {
        return 0;
    }
    if (!path || host_add (&c->h, path, err) < 0) {
        return -err->code;
    }
    template_check_all (&c->h, &p);
    return problem_fail (&p, err);
}

/* What is checked, and the files in memory that it is read from. */
struct checking {
    struct cli *c;
    bool print;
    struct problems p;
    struct vec defs, *plans;
    struct vec names, paths; /* char * */
};

/* Reads and plans a VM.  What is only printed may be for another host, or for
 * disks that are still to be copied. */
static int
check_vm (struct checking *k, const char *name, const char *text,
          struct error *err)
{
    struct cli *c = k->c;
    const char *path = file_in_memory (c, text, err);
    struct definition *def;
    struct plan *plan = NULL;

    if (!path) {
        return -err->code;
    }
    vec_add (&c->h.arena, &k->names, name);
    vec_add (&c->h.arena, &k->paths, path);
    if (definition_load_file (&c->h, name, path, &def, err) < 0
        || (!k->print && plan_make (&c->h, def, PLAN_FULL, &plan, err) < 0)) {
        problem_add (&k->p, err->text);
        *err = (struct error){ 0 };
        return 0;
    }
    vec_add (&c->h.arena, &k->defs, def);
    if (plan) {
        vec_add (&c->h.arena, k->plans, plan);
    }
    return 0;
}

/* Checks a VM, or each member of a fleet: what it is without 'count'. */
static int
check_draft (struct checking *k, struct import *im, const struct draft *d,
             const char *tool, struct error *err)
{
    struct draft one = *d;
    const char *text;

    one.count = 0;
    text = draft_text (im, &one, tool);
    for (uint64_t i = 0; i < (d->count ? d->count : 1); i++) {
        const char *name = d->count
                               ? arena_format (im->a, "%s-%" PRIu64, d->name, i)
                               : d->name;

        if (check_vm (k, name, text, err) < 0) {
            return -err->code;
        }
    }
    return 0;
}

/* Checks as 'validate' does.  Stores the plans. */
static int
check_all (struct cli *c, struct import *im, const char *tool,
           struct vec *plans, struct error *err)
{
    struct checking k = { .c = c,
                          .print = has_option (c, "print")
                                   && !has_option (c, "dry-run"),
                          .p.arena = &c->h.arena,
                          .plans = plans };

    for (size_t i = 0; i < im->vms.n; i++) {
        if (check_draft (&k, im, im->vms.p[i], tool, err) < 0) {
            return -err->code;
        }
    }
    if (k.defs.n > 1) {
        clash_definitions ((struct definition *const *)k.defs.p, k.defs.n,
                           &k.p);
    }
    plan_clash (plans, &k.p);
    if (problem_fail (&k.p, err) == 0) {
        return 0;
    }
    /* The last one first: one path may be the beginning of a later one. */
    for (size_t i = k.paths.n; i-- > 0;) {
        name_definition (c, k.paths.p[i], k.names.p[i], err);
    }
    err->exit_code = EXIT_CONFIG;
    return -err->code;
}

/* ---------------------------------------------------- Telling of it */

static int
by_place (const void *a, const void *b)
{
    const struct draft_note *const *x = a, *const *y = b;
    int file = strcmp ((*x)->file, (*y)->file);

    return file                       ? file
           : (*x)->line != (*y)->line ? (*x)->line - (*y)->line
                                      : strcmp ((*x)->key, (*y)->key);
}

static bool
is_same (const struct draft_note *a, const struct draft_note *b)
{
    return !strcmp (a->file, b->file) && !strcmp (a->key, b->key)
           && !strcmp (a->reason, b->reason);
}

/* Prints a note; those that differ in their line alone share one. */
static size_t
tell_note (const struct import *im, size_t i)
{
    const struct draft_note *n = im->notes.p[i], *last = n;
    size_t same = 1;

    while (i + same < im->notes.n && is_same (n, im->notes.p[i + same])) {
        last = im->notes.p[i + same++];
    }
    if (same > 1) {
        err_out ("%s:%d-%d: %s (%zu times) is not carried over: %s\n", n->file,
                 n->line, last->line, n->key, same, n->reason);
    } else {
        err_out ("%s:%d: %s is not carried over: %s\n", n->file, n->line,
                 n->key, n->reason);
    }
    return same;
}

static void
tell_notes (const struct import *im, struct json_object *result)
{
    struct json_object *list = json_object_new_array ();

    if (im->notes.n) {
        qsort (im->notes.p, im->notes.n, sizeof *im->notes.p, by_place);
    }
    for (size_t i = 0; i < im->notes.n;) {
        i += tell_note (im, i);
    }
    for (size_t i = 0; i < im->notes.n; i++) {
        const struct draft_note *n = im->notes.p[i];
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "file", n->file);
        json_put_number_or_null (o, "line", true, n->line);
        json_put_text_or_null (o, "key", n->key);
        json_put_text_or_null (o, "reason", n->reason);
        json_object_array_add (list, o);
    }
    json_object_object_add (result, "not_carried_over", list);
}

static void
tell_files (struct cli *c, const struct define_file *files, size_t n,
            struct json_object *result)
{
    bool print = has_option (c, "print");
    bool dry = print || has_option (c, "dry-run");
    struct json_object *list = json_object_new_array ();

    for (size_t i = 0; i < n; i++) {
        struct json_object *o = json_object_new_object ();

        json_put_text_or_null (o, "name", files[i].name);
        json_put_text_or_null (o, "path", files[i].path);
        json_put_text_or_null (o, "text", print ? files[i].text : NULL);
        json_object_array_add (list, o);
        if (c->json) {
            continue;
        }
        if (print) {
            out ("%s# %s\n%s", i ? "\n" : "", files[i].path, files[i].text);
        } else {
            out ("%s %s\n", files[i].path,
                 dry ? "would be written" : "is written");
        }
    }
    json_put_flag (result, "written", !dry);
    json_object_object_add (result, "files", list);
}

/* ------------------------------------------------------- The command */

struct writing {
    struct define_file *files;
    size_t n;
    struct vec plans;
};

/* The file of conf.d comes first: its sections are needed by the others. */
static int
prepare (struct cli *c, struct import *im, const char *tool, struct writing *w,
         struct error *err)
{
    struct arena *a = &c->h.arena;
    const char *host = draft_host_text (im, tool);
    const struct draft *first = im->vms.n ? im->vms.p[0] : im->host.p[0];

    w->files = arena_alloc (a, (im->vms.n + 1) * sizeof *w->files);
    if (host) {
        const char *name = arena_format (a, "import-%s", first->name);
        const char *path =
            arena_format (a, "%s/%s.conf", c->h.host->conf_dir, name);

        if (access (path, F_OK) == 0) {
            return fail (err, EEXIST, "%s already exists", path);
        }
        w->files[w->n++] = (struct define_file){ name, path, host };
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];

        w->files[w->n++] =
            (struct define_file){ d->name, definition_path (&c->h, d->name),
                                  draft_text (im, d, tool) };
    }
    return check_host (c, im, host, err) < 0
                   || check_all (c, im, tool, &w->plans, err) < 0
               ? -err->code
               : 0;
}

/* Locks all names, writes, and tells what was found out about images. */
static int
write_all (struct cli *c, const struct import *im, const struct writing *w,
           struct error *err)
{
    const char *key = define_all_key (&c->h, w->files[0].name);
    int lock;

    if (changing_lock (&c->h, key, true, &lock, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        const struct draft *d = im->vms.p[i];

        /* They are held until hvctl exits. */
        if (changing_lock (&c->h, d->name, true, &lock, err) < 0
            || check_name (c, d->name, err) < 0) {
            return -err->code;
        }
    }
    if (define_all (&c->h, key, w->files, w->n, err) < 0) {
        recover_failed (&c->h, key);
        return -err->code;
    }
    for (size_t i = 0; i < w->plans.n; i++) {
        plan_note_layers (&c->h, w->plans.p[i]);
    }
    for (size_t i = 0; i < im->vms.n; i++) {
        warn_of_clashes (c, ((struct draft *)im->vms.p[i])->name);
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
               "--from %s is not known%s%s: there are 5gdeploy, balena, "
               "libvirt, machina and virshle",
               tool, near ? ", did you mean " : "", near ? near : "");
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
    tell_notes (&im, result);
    if (problem_fail (&im.p, &c->err) < 0) {
        c->err.exit_code = EXIT_CONFIG;
    } else if (check_names (c, &im, &c->err) == 0
               && prepare (c, &im, tool, &w, &c->err) == 0 && !dry) {
        write_all (c, &im, &w, &c->err);
    }
    if (c->err.code) {
        json_object_put (result);
        return report (c);
    }
    tell_files (c, w.files, w.n, result);
    if (c->json) {
        document_print (c, result);
    } else {
        json_object_put (result);
    }
    return EXIT_OK;
}
