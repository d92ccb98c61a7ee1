/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The row of a VM: what is known from files, from its definition, and from its
 * hypervisor. */
#include "cli/list-row.h"

#include <errno.h>
#include <string.h>

#include "cli/addresses.h"
#include "common/mac.h"
#include "core/base/arena.h"
#include "core/base/process.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/settings.h"
#include "core/machine/saved-check.h"
#include "core/machine/saved.h"
#include "core/machine/status-all.h"
#include "core/state/ending.h"
#include "core/state/state-run.h"

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

struct fill {
    const struct list_source *from;
    struct list_row *row;
    bool runs;
};

static void
put_number (struct fill *f, enum column column, int64_t n)
{
    f->row->cells[column] = table_number (f->from->c, n);
    f->row->numbers[column] = n;
}

static void
put_size (struct fill *f, enum column column, uint64_t bytes)
{
    f->row->cells[column] = table_size (f->from->c, bytes);
    f->row->numbers[column] = (int64_t)bytes;
}

static void
put_time (struct fill *f, int64_t when)
{
    f->row->cells[ENDED_AT] = table_time (f->from->c, when);
    f->row->numbers[ENDED_AT] = when;
}

static const char *
disk_text (struct cli *c, const struct disk_def *d)
{
    return d->image ? d->image
                    : arena_format (&c->h.arena, "%s/%s", d->pool, d->volume);
}

static void
fill_nics (struct fill *f, const struct definition *def)
{
    struct cli *c = f->from->c;
    struct arena *a = &c->h.arena;
    struct vec macs = { 0 }, addresses = { 0 }, forwards = { 0 };

    for (size_t i = 0; i < def->nics.n; i++) {
        const struct nic_def *n = def->nics.p[i];
        char text[MAC_TEXT];
        const char *address = f->runs && (f->from->needs & NEEDS_ADDRESSES)
                                  ? addresses_find (addresses_known (c), n)
                                  : NULL;

        vec_add (a, &macs, arena_dup (a, format_mac (n->mac, text)));
        if (address) {
            vec_add (a, &addresses, address);
        }
        if (n->forward) {
            vec_add (a, &forwards, arena_dup (a, n->forward));
        }
    }
    f->row->cells[MAC] = table_list (c, &macs);
    f->row->cells[ADDRESS] = table_list (c, &addresses);
    f->row->cells[FORWARD] = table_list (c, &forwards);
}

static void
fill_disks (struct fill *f, const struct definition *def)
{
    struct cli *c = f->from->c;
    struct vec disks = { 0 };

    for (size_t i = 0; i < def->disks.n; i++) {
        vec_add (&c->h.arena, &disks,
                 arena_dup (&c->h.arena, disk_text (c, def->disks.p[i])));
    }
    f->row->cells[DISKS] = table_list (c, &disks);
}

static void
fill_about (struct fill *f, const struct definition *def)
{
    struct cli *c = f->from->c;
    struct arena *a = &c->h.arena;
    struct vec labels = { 0 };

    for (size_t i = 0; def->labels && i < def->labels->n_settings; i++) {
        const char *key = def->labels->settings[i].key;

        vec_add (
            a, &labels,
            arena_format (a, "%s=%s", key, settings_get (def->labels, key)));
    }
    f->row->cells[LABELS] = table_list (c, &labels);
    f->row->cells[DESCRIPTION] = arena_dup (a, def->description);
    f->row->cells[AUTOSTART] = def->autostart ? "yes" : "no";
    put_number (f, START_ORDER, def->start_order);
}

static void
fill_defined (void *data, const struct definition *def)
{
    struct fill *f = data;

    if (!f->runs) {
        put_number (f, CPUS, def->cpus);
        put_size (f, MEMORY, def->memory);
    }
    if (!(f->from->needs & NEEDS_DEFINITION)) {
        return;
    }
    if (!f->row->cells[UUID]) {
        f->row->cells[UUID] = arena_dup (&f->from->c->h.arena, def->uuid);
    }
    fill_nics (f, def);
    fill_disks (f, def);
    fill_about (f, def);
}

static void
fill_stopped (struct fill *f, const char *name, bool has_directory)
{
    struct cli *c = f->from->c;
    const char **cells = f->row->cells;
    unsigned needs = f->from->needs;
    bool kept = (needs & NEEDS_ENDING)
                && (has_directory || vec_has_sorted (&f->from->kept, name));
    bool is_saved = kept && saved_exists (&c->h, name);
    struct error err = { 0 };
    int64_t when = 0;
    const char *ended = !kept           ? NULL
                        : has_directory ? ending_last (&c->h, name, &when)
                                        : ending_kept (&c->h, name, &when);

    /* The exit of a saved VM was not its guest's. */
    if (ended && !is_saved) {
        cells[ENDED] = ended;
        put_time (f, when);
    }
    if ((needs & (NEEDS_STOPPED | NEEDS_DEFINITION))
        && definition_look (&c->h, name, fill_defined, f, &err) < 0) {
        cells[STATE] = "invalid";
    } else if (is_saved) {
        cells[STATE] = "saved";
        cells[ENDED] = lost (c, name);
    }
}

static void
fill_running (struct fill *f, const struct vm_state *s)
{
    struct cli *c = f->from->c;
    const char **cells = f->row->cells;
    struct error ignored = { 0 };
    uint64_t resident;

    if (s->cpus) {
        put_number (f, CPUS, s->cpus);
    }
    if (s->memory) {
        put_size (f, MEMORY, s->memory);
    }
    if (s->pid) {
        put_number (f, PID, s->pid);
    }
    cells[HYPERVISOR] = s->hypervisor;
    cells[UUID] = s->uuid;
    cells[SANDBOX] = c->json ? s->sandbox : state_sandbox_text (s->sandbox);
    cells[UPTIME] = table_uptime (c, s->started);
    f->row->numbers[UPTIME] = -s->started; /* The later, the shorter. */
    if (f->from->needs & NEEDS_DEFINITION) {
        definition_look (&c->h, s->name, fill_defined, f, &ignored);
    }
    if (f->from->needs & NEEDS_MEMORY) {
        resident = process_resident (s->pid);
        if (resident) {
            put_size (f, RESIDENT, resident);
        }
    }
}

bool
list_runs (const struct vm_state *s)
{
    return s && s->run > RUN_UNKNOWN;
}

void
list_row_fill (const struct list_source *from, struct list_row *row,
               const char *name, const struct vm_state *s, const char *text)
{
    struct fill f = { .from = from, .row = row, .runs = list_runs (s) };

    row->cells[NAME] = name;
    if (!from->needs) {
        return;
    }
    row->cells[STATE] = text ? text
                        : s  ? state_run_text (s->run)
                             : state_run_text (RUN_STOPPED);
    if (f.runs) {
        fill_running (&f, s);
    } else if (!s || s->run != RUN_UNKNOWN) {
        fill_stopped (&f, name, s != NULL);
    }
}
