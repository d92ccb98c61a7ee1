/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* list: what is known from files and locks, and from hypervisors that answer at
 * once.  It costs little however many VMs there are: a VM that has no directory
 * has no state to be read, and only its definition is. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/neighbours.h"
#include "common/cleanup.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/output.h"
#include "core/base/process.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/status-all.h"
#include "core/machine/status.h"
#include "core/state/ending.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* ms: others are not to wait for one that hangs, nor for many. */
#define ANSWER_LIMIT 300
#define ALL_ANSWERS_LIMIT 1000

enum column {
    NAME,
    STATE,
    CPUS,
    MEMORY,
    HYPERVISOR,
    PID,
    SANDBOX,
    UPTIME,
    ENDED,
    ENDED_AT,
    USUAL, /* The columns above are shown unless others are asked for. */
    MAC = USUAL,
    ADDRESS,
    FORWARD,
    DISKS,
    RESIDENT,
    COLUMNS
};

static const char *const keys[COLUMNS + 1] = {
    [NAME] = "name",          [STATE] = "state",    [CPUS] = "#cpus",
    [MEMORY] = "#memory",     [PID] = "#pid",       [HYPERVISOR] = "hypervisor",
    [SANDBOX] = "sandbox",    [UPTIME] = "#uptime", [ENDED] = "ended",
    [ENDED_AT] = "#ended_at", [MAC] = "@mac",       [ADDRESS] = "@address",
    [FORWARD] = "@forward",   [DISKS] = "@disks",   [RESIDENT] = "#resident",
};

struct list {
    struct cli *c;
    bool wide, names_only;
    bool *used;              /* Which arguments name a VM. */
    struct vec names;        /* Of VMs that are to be listed. */
    struct vec kept;         /* Of VMs of which something is kept. */
    struct vec live;         /* Of VMs with a run directory. */
    bool blind;              /* There may be others. */
    struct vm_state *states; /* Of those that are to be listed, in order, */
    const char **texts;      /* and what their hypervisors say, or null. */
    size_t n_states;
    struct neighbours neighbours;
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
    vec_drop_doubles (&c->h.arena, &l->names);
    return 0;
}

/* Is the VM named?  Marks the argument that names it: an argument that matches
 * none is an error. */
static bool
is_wanted (const struct list *l, const char *name)
{
    const struct vec *args = &l->c->args;
    bool wanted = args->n == 0;

    for (size_t i = 0; i < args->n; i++) {
        if (fnmatch (args->p[i], name, 0) == 0) {
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

        if (!strchr (name, '/')
            && (faccessat (AT_FDCWD, definition_path (&c->h, name), F_OK,
                           AT_SYMLINK_NOFOLLOW)
                    == 0
                || vec_has_sorted (&l->live, name))) {
            l->used[i] = true;
            vec_add (&c->h.arena, &l->names, name);
        }
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

static bool
runs (const struct vm_state *s)
{
    return s->run > RUN_UNKNOWN;
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
        *text = runs (s) ? *text : NULL;
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

/* ------------------------------------------------------------ Their columns */

/* Returns why a saved state cannot be restored, or null. */
static const char *
lost (struct cli *c, const char *name)
{
    struct definition *def;
    struct error err = { 0 };
    bool is_lost;

    if (definition_load (&c->h, name, &def, &err) < 0) {
        return NULL;
    }
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

struct row {
    struct list *list;
    const char *cells[COLUMNS];
    bool runs;
};

static const char *
disk_text (struct cli *c, const struct disk_def *d)
{
    return d->image ? d->image
                    : arena_format (&c->h.arena, "%s/%s", d->pool, d->volume);
}

static void
fill_wide (struct row *row, const struct definition *def)
{
    struct list *l = row->list;
    struct arena *a = &l->c->h.arena;
    struct vec macs = { 0 }, addresses = { 0 }, forwards = { 0 }, disks = { 0 };

    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];
        char text[MAC_TEXT];
        const char *mac = format_mac (n->mac, text);
        const char *address =
            row->runs ? neighbours_find (&l->neighbours, mac) : NULL;

        vec_add (a, &macs, arena_dup (a, mac));
        if (address) {
            vec_add (a, &addresses, address);
        }
        if (n->forward) {
            vec_add (a, &forwards, n->forward);
        }
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        vec_add (a, &disks, disk_text (l->c, def->disks.p[i]));
    }
    row->cells[MAC] = table_list (l->c, &macs);
    row->cells[ADDRESS] = table_list (l->c, &addresses);
    row->cells[FORWARD] = table_list (l->c, &forwards);
    row->cells[DISKS] = table_list (l->c, &disks);
}

static void
fill_defined (void *data, const struct definition *def)
{
    struct row *row = data;

    if (!row->runs) {
        row->cells[CPUS] = table_number (row->list->c, def->cpus);
        row->cells[MEMORY] = table_size (row->list->c, def->memory);
    }
    if (row->list->wide) {
        fill_wide (row, def);
    }
}

static void
fill_stopped (struct row *row, const char *name, bool has_directory)
{
    struct list *l = row->list;
    struct cli *c = l->c;
    bool kept = has_directory || vec_has_sorted (&l->kept, name);
    bool is_saved = kept && saved_exists (&c->h, name);
    struct error err = { 0 };
    int64_t when = 0;
    const char *ended = has_directory ? ending_last (&c->h, name, &when)
                        : kept        ? ending_kept (&c->h, name, &when)
                                      : NULL;

    /* The exit of a saved VM was not its guest's. */
    if (ended && !is_saved) {
        row->cells[ENDED] = ended;
        row->cells[ENDED_AT] = table_time (c, when);
    }
    if (definition_look (&c->h, name, fill_defined, row, &err) < 0) {
        row->cells[STATE] = "invalid";
    } else if (is_saved) {
        row->cells[STATE] = "saved";
        row->cells[ENDED] = lost (c, name);
    }
}

static void
fill_running (struct row *row, const struct vm_state *s)
{
    struct cli *c = row->list->c;
    const char **cells = row->cells;
    struct error ignored = { 0 };

    cells[CPUS] = s->cpus ? table_number (c, s->cpus) : NULL;
    cells[MEMORY] = s->memory ? table_size (c, s->memory) : NULL;
    cells[HYPERVISOR] = s->hypervisor;
    cells[PID] = s->pid ? table_number (c, s->pid) : NULL;
    cells[SANDBOX] = c->json ? s->sandbox : state_sandbox_text (s->sandbox);
    cells[UPTIME] = table_uptime (c, s->started);
    if (row->list->wide) {
        uint64_t resident = process_resident (s->pid);

        cells[RESIDENT] = resident ? table_size (c, resident) : NULL;
        definition_look (&c->h, s->name, fill_defined, row, &ignored);
    }
}

/* 's' is null for a VM without a run directory. */
static void
list_one (struct list *l, const char *name, const struct vm_state *s,
          const char *text)
{
    struct row row = { .list = l, .cells = { [NAME] = name } };

    row.runs = s && runs (s);
    if (!row.runs && has_option (l->c, "running")) {
        return;
    }
    if (l->names_only && !l->c->json) {
        out ("%s\n", name);
        return;
    }
    if (!l->names_only) {
        row.cells[STATE] = text ? text
                           : s  ? state_run_text (s->run)
                                : state_run_text (RUN_STOPPED);
    }
    if (row.runs) {
        fill_running (&row, s);
    } else if (!l->names_only && (!s || s->run != RUN_UNKNOWN)) {
        fill_stopped (&row, name, s != NULL);
    }
    table_row (l->table, row.cells);
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
            fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                       "there is no VM '%s' (hvctl list shows all)",
                       (const char *)c->args.p[i]);
            code = table_error (l->table, &c->err);
        }
    }
    return code;
}

static struct table *
make_table (struct list *l)
{
    const char **chosen =
        arena_alloc (&l->c->h.arena, (COLUMNS + 1) * sizeof *chosen);
    size_t n = l->names_only ? 1 : l->wide ? COLUMNS : USUAL;

    memcpy (chosen, keys, n * sizeof *chosen);
    return table_new (l->c, chosen);
}

int
cmd_list (struct cli *c)
{
    struct list l = { .c = c,
                      .wide = has_option (c, "wide"),
                      .names_only = has_option (c, "names") };
    int code;

    if (l.wide && l.names_only) {
        fail_exit (&c->err, EXIT_USAGE, EINVAL,
                   "--names and --wide exclude each other");
        return report (c);
    }
    l.used = arena_alloc (&c->h.arena, c->args.n + 1);
    if (find_names (&l, &c->err) < 0) {
        return report (c);
    }
    read_states (&l);
    if (!l.names_only) {
        state_keep_names (&c->h, &l.kept);
        ask_hypervisors (&l);
    }
    if (l.wide) {
        neighbours_read (&c->h.arena, &l.neighbours);
    }
    l.table = make_table (&l);
    list_all (&l);
    code = report_unused (&l);
    table_print (l.table);
    if (!l.names.n) {
        say_empty (c);
    }
    return code;
}
