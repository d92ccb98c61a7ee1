/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* list: what is known from files and locks, and from hypervisors that answer at
 * once. */
#include <errno.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "core/base/arena.h"
#include "core/base/clock.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/status.h"
#include "core/state/ending.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* VMs that are defined, and those that run without a definition.  'running'
 * are those with a run directory. */
static int
all_names (struct cli *c, struct vec *names, struct vec *running)
{
    size_t defined;

    if (definition_names (&c->h, names, &c->err) < 0) {
        return -c->err.code;
    }
    defined = names->n;
    state_names (&c->h, running);
    for (size_t i = 0; i < running->n; i++) {
        const struct vec known = { names->p, defined, 0 };

        if (!vec_has (&known, running->p[i])) {
            vec_add (&c->h.arena, names, running->p[i]);
        }
    }
    return 0;
}

/* Is the VM named?  Marks the argument that names it: an argument that matches
 * none is an error. */
static bool
is_wanted (const struct cli *c, const char *name, bool *used)
{
    bool wanted = c->args.n == 0;

    for (size_t i = 0; i < c->args.n; i++) {
        if (fnmatch (c->args.p[i], name, 0) == 0) {
            wanted = used[i] = true;
        }
    }
    return wanted;
}

/* ms: others are not to wait for one that hangs, nor for many. */
#define ANSWER_LIMIT 300
#define ALL_ANSWERS_LIMIT 1000

struct row {
    const char *name;
    bool is_saved;
    int64_t *left; /* For hypervisors that do not answer, in ms. */
};

static bool
runs (const struct vm_state *s)
{
    return s->run > RUN_UNKNOWN;
}

/* Returns why a saved state cannot be restored, or null. */
static const char *
lost (struct cli *c, struct definition *def)
{
    struct error err = { 0 };
    bool is_lost;

    c->h.limit = ANSWER_LIMIT;
    is_lost = saved_check (&c->h, def, &err) < 0;
    c->h.limit = 0;
    return !is_lost ? NULL
           : err.exit_code == EXIT_CONFIG
               ? "cannot be restored: its definition has changed since"
           : err.code == ESTALE
               ? "cannot be restored: a disk has been written to since"
               : "cannot be restored: the saved state is damaged";
}

static void
fill_stopped (struct cli *c, const struct row *row, const char *cells[])
{
    struct definition *def;
    struct error err = { 0 };
    int64_t when = 0;
    const char *ended = ending_last (&c->h, row->name, &when);

    /* The exit of a saved VM was not its guest's. */
    if (ended && !row->is_saved) {
        cells[8] = ended;
        cells[9] = table_time (c, when);
    }
    if (definition_load (&c->h, row->name, &def, &err) < 0) {
        cells[1] = "invalid";
        return;
    }
    if (row->is_saved) {
        cells[1] = "saved";
        cells[8] = lost (c, def);
    }
    cells[2] = table_number (c, def->cpus);
    cells[3] = table_size (c, def->memory);
}

/* A guest may have been stopped without hvctl: by a full disk, by itself.  Its
 * hypervisor knows; the state file has what hvctl did last. */
static const char *
state_text (struct cli *c, const struct row *row, const struct vm_state *s)
{
    const char *text = state_run_text (s->run), *detail;
    int64_t before = now_ms ();
    struct vm_state now;

    if ((s->run == RUN_RUNNING || s->run == RUN_PAUSED) && *row->left > 0) {
        c->h.limit = ANSWER_LIMIT;
        if (!status_read (&c->h, row->name, &now, &text, &detail)) {
            *row->left -= now_ms () - before;
        }
        c->h.limit = 0;
    }
    return text;
}

static void
list_one (struct cli *c, struct table *t, const struct row *row,
          const struct vm_state *s)
{
    const char *cells[10] = { row->name };
    bool names_only = has_option (c, "names");

    cells[1] = names_only ? NULL : state_text (c, row, s);
    if (runs (s)) {
        cells[2] = s->cpus ? table_number (c, s->cpus) : NULL;
        cells[3] = s->memory ? table_size (c, s->memory) : NULL;
        cells[4] = s->hypervisor;
        cells[5] = s->pid ? table_number (c, s->pid) : NULL;
        cells[6] = c->json ? s->sandbox : state_sandbox_text (s->sandbox);
        cells[7] = table_uptime (c, s->started);
    } else if (!names_only && s->run != RUN_UNKNOWN) {
        fill_stopped (c, row, cells);
    }
    if (!names_only || c->json) {
        table_row (t, cells);
    } else {
        out ("%s\n", row->name);
    }
}

/* Tells new users how to begin. */
static void
say_empty (struct cli *c)
{
    if (!c->json && !c->args.n && !has_option (c, "running")
        && !has_option (c, "names")) {
        err_out ("There are no VMs yet: 'hvctl create' makes one, and 'hvctl "
                 "help create' shows how.\n");
    }
}

/* Returns the exit code. */
static int
report_unused (struct cli *c, struct table *t, const bool *used)
{
    int code = EXIT_OK;

    for (size_t i = 0; i < c->args.n; i++) {
        if (!used[i]) {
            fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                       "there is no VM '%s' (hvctl list shows all)",
                       (const char *)c->args.p[i]);
            code = table_error (t, &c->err);
        }
    }
    return code;
}

static void
list_all (struct cli *c, struct table *t, const struct vec *names, bool *used)
{
    struct vec saved = { 0 };
    int64_t left = ALL_ANSWERS_LIMIT;

    saved_names (&c->h, &saved);
    for (size_t i = 0; i < names->n; i++) {
        struct row row = { .name = names->p[i], .left = &left };
        struct vm_state s;

        if (!is_wanted (c, row.name, used)) {
            continue;
        }
        row.is_saved = vec_has (&saved, row.name);
        state_read (&c->h, row.name, &s);
        if (runs (&s) || !has_option (c, "running")) {
            list_one (c, t, &row, &s);
        }
    }
}

int
cmd_list (struct cli *c)
{
    static const char *const keys[] = { "name",      "state",      "#cpus",
                                        "#memory",   "hypervisor", "#pid",
                                        "sandbox",   "#uptime",    "ended",
                                        "#ended_at", NULL };
    static const char *const name_only[] = { "name", NULL };
    bool names_only = has_option (c, "names");
    bool *used = arena_alloc (&c->h.arena, c->args.n + 1);
    struct vec names = { 0 }, running = { 0 };
    struct table *t;
    int code;

    if (all_names (c, &names, &running) < 0) {
        return report (c);
    }
    t = table_new (c, names_only ? name_only : keys);
    list_all (c, t, &names, used);
    code = report_unused (c, t, used);
    table_print (t);
    if (!names.n) {
        say_empty (c);
    }
    return code;
}
