/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* list: what is known from files and locks, and from hypervisors that answer at
 * once.  It costs little however many VMs there are: a VM that has no directory
 * has no state to be read, and only its definition is. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/list-row.h"
#include "cli/select.h"
#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/output.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition-text.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/machine/status-all.h"
#include "core/machine/status.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* ms: others are not to wait for one that hangs, nor for many. */
#define ALL_ANSWERS_LIMIT 1000

#define FEW 16

struct list {
    struct cli *c;
    struct list_columns columns;
    struct list_source source;
    bool names_only;         /* For people, without a heading. */
    bool *used;              /* Which arguments name a VM. */
    struct vec names;        /* Of VMs that are to be listed. */
    struct vec live;         /* Of VMs with a run directory. */
    bool blind;              /* There may be others. */
    struct vm_state *states; /* Of those that are to be listed, in order, */
    const char **texts;      /* and what their hypervisors say, or null. */
    size_t n_states;
    struct vec rows; /* struct list_row *, to be sorted. */
    struct table *table;
};

/* ------------------------------------------------------------- Which VMs */

/* VMs that are defined, and those that run without a definition. */
static int
all_names (struct list *l, struct error *err)
{
    struct cli *c = l->c;

    if (definition_names (&c->h, &l->names, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < l->live.n; i++) {
        vec_add (&c->h.arena, &l->names, l->live.p[i]);
    }
    if (l->live.n) {
        vec_drop_doubles (&c->h.arena, &l->names);
    }
    return 0;
}

/* Is the VM named?  Marks the argument that names it: an argument that matches
 * none is an error. */
static bool
is_wanted (const struct list *l, const char *name)
{
    const struct vec *args = &l->c->args;
    const struct fleet *fleet = args->n ? fleet_of (&l->c->h, name) : NULL;
    bool wanted = args->n == 0;

    for (size_t i = 0; i < args->n; i++) {
        if (fnmatch (args->p[i], name, 0) == 0
            || (fleet && !strcmp (args->p[i], fleet->name))) {
            wanted = l->used[i] = true;
        }
    }
    return wanted;
}

static int
wanted_names (struct list *l, struct error *err)
{
    size_t n = 0;

    if (all_names (l, err) < 0) {
        return -err->code;
    }
    for (size_t i = 0; i < l->names.n; i++) {
        if (is_wanted (l, l->names.p[i])) {
            l->names.p[n++] = l->names.p[i];
        }
    }
    l->names.n = n;
    return 0;
}

/* VMs that are named need no directory of all. */
static void
given_names (struct list *l)
{
    struct cli *c = l->c;

    for (size_t i = 0; i < c->args.n; i++) {
        const char *name = c->args.p[i];
        const struct fleet *f = fleet_find (&c->h, name);
        bool fleet = f && f->valid;

        if (fleet) {
            fleet_members (&c->h.arena, f, &l->names);
        }
        if ((!fleet && !strchr (name, '/') && definition_exists (&c->h, name))
            || vec_has_sorted (&l->live, name)) {
            vec_add (&c->h.arena, &l->names, name);
            fleet = true;
        }
        l->used[i] = l->used[i] || fleet;
    }
    vec_sort (&l->names);
    vec_drop_doubles (&c->h.arena, &l->names);
}

static bool
are_plain (const struct vec *args)
{
    for (size_t i = 0; i < args->n; i++) {
        if (name_is_pattern (args->p[i])) {
            return false;
        }
    }
    return args->n > 0;
}

static int
find_names (struct list *l, struct error *err)
{
    l->blind = !state_names (&l->c->h, &l->live);
    if (are_plain (&l->c->args)) {
        given_names (l);
        return 0;
    }
    return wanted_names (l, err);
}

/* -------------------------------------------------------------- Their states
 */

/* Of a few VMs, the directory of all is not read. */
static void
find_kept (struct list *l)
{
    struct hvctl *h = &l->c->h;

    if (l->names.n > FEW) {
        state_keep_names (h, &l->source.kept);
        return;
    }
    for (size_t i = 0; i < l->names.n; i++) {
        if (file_is_there (state_keep_dir (h, l->names.p[i]))) {
            vec_add (&h->arena, &l->source.kept, l->names.p[i]);
        }
    }
    vec_sort (&l->source.kept);
}

static void
read_states (struct list *l)
{
    struct cli *c = l->c;
    size_t n = 0;

    l->states = arena_alloc (&c->h.arena, (l->names.n + 1) * sizeof *l->states);
    l->texts = arena_alloc (&c->h.arena, (l->names.n + 1) * sizeof *l->texts);
    for (size_t i = 0; i < l->names.n; i++) {
        if (l->blind || vec_has_sorted (&l->live, l->names.p[i])) {
            state_read (&c->h, l->names.p[i], &l->states[n]);
            n += l->states[n].run != RUN_STOPPED;
        }
    }
    l->n_states = n;
}

/* It may have exited meanwhile. */
static void
look_again (struct list *l, struct vm_state *s, const char **text)
{
    if (*text == status_text (HV_STOPPED)) {
        state_read (&l->c->h, s->name, s);
        *text = list_runs (s) ? *text : NULL;
    }
}

/* A guest may have been stopped without hvctl: by a full disk, by itself.  Its
 * hypervisor knows; the state file has what hvctl did last. */
static void
ask_hypervisors (struct list *l)
{
    struct cli *c = l->c;
    struct vm_state *asked =
        arena_alloc (&c->h.arena, (l->n_states + 1) * sizeof *asked);
    const char **texts =
        arena_alloc (&c->h.arena, (l->n_states + 1) * sizeof *texts);
    size_t n = 0;

    for (size_t i = 0; i < l->n_states; i++) {
        if (l->states[i].run > RUN_STARTING) {
            asked[n++] = l->states[i];
        }
    }
    status_ask_all (&c->h, asked, n, ANSWER_LIMIT, ALL_ANSWERS_LIMIT, texts);
    for (size_t i = 0, k = 0; i < l->n_states; i++) {
        struct vm_state *s = &l->states[i];

        if (s->run > RUN_STARTING) {
            l->texts[i] = texts[k++];
            look_again (l, s, &l->texts[i]);
        }
    }
}

/* --------------------------------------------------------------- Their rows */

/* 's' is null for a VM without a run directory. */
static void
list_one (struct list *l, const char *name, const struct vm_state *s,
          const char *text)
{
    struct list_row row = { { NULL }, { 0 } }, *kept;

    if (!list_runs (s) && has_option (l->c, "running")) {
        return;
    }
    list_row_fill (&l->source, &row, name, s, text);
    if (l->columns.n_sort) {
        kept = arena_alloc (&l->c->h.arena, sizeof *kept);
        *kept = row;
        vec_add (&l->c->h.arena, &l->rows, kept);
    } else if (l->names_only) {
        out ("%s\n", name);
    } else {
        list_row_add (l->table, &l->columns, &row);
    }
}

static void
list_all (struct list *l)
{
    for (size_t i = 0, k = 0; i < l->names.n; i++) {
        const char *name = l->names.p[i];

        /* Both are in order. */
        if (k < l->n_states && !strcmp (l->states[k].name, name)) {
            list_one (l, name, &l->states[k], l->texts[k]);
            k++;
        } else {
            list_one (l, name, NULL, NULL);
        }
    }
    list_rows_sort (&l->columns, (struct list_row **)l->rows.p, l->rows.n);
    for (size_t i = 0; i < l->rows.n; i++) {
        const struct list_row *row = l->rows.p[i];

        if (l->names_only) {
            out ("%s\n", row->cells[NAME]);
        } else {
            list_row_add (l->table, &l->columns, row);
        }
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
report_unused (struct list *l)
{
    struct cli *c = l->c;
    int code = EXIT_OK;

    for (size_t i = 0; i < c->args.n; i++) {
        if (!l->used[i]) {
            definition_missing (&c->h, c->args.p[i], &c->err);
            code = table_error (l->table, &c->err);
        }
    }
    for (size_t i = 0; i < c->unsure.n; i++) {
        select_check (c, c->unsure.p[i], &c->err);
        code = table_error (l->table, &c->err);
    }
    return code;
}

int
cmd_list (struct cli *c)
{
    struct list l = { .c = c, .source = { .c = c } };
    unsigned needs;
    int code;

    if (list_columns_choose (c, &l.columns) < 0) {
        return report (c);
    }
    needs = l.source.needs = l.columns.needs;
    l.names_only = has_option (c, "names") && !c->json;
    l.used = arena_alloc (&c->h.arena, c->args.n + 1);
    if (needs & (NEEDS_STOPPED | NEEDS_DEFINITION)) {
        definition_text_keep (&c->h);
    }
    if (find_names (&l, &c->err) < 0) {
        return report (c);
    }
    if ((needs & NEEDS_STATE) || has_option (c, "running")) {
        read_states (&l);
    }
    if (needs & NEEDS_ENDING) {
        find_kept (&l);
    }
    if (needs & NEEDS_ANSWER) {
        ask_hypervisors (&l);
    }
    l.table = list_columns_table (c, &l.columns);
    list_all (&l);
    code = report_unused (&l);
    table_print (l.table);
    if (!l.names.n) {
        say_empty (c);
    }
    return code;
}
