/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* find: the VMs that have a word somewhere in their definitions, and where. */
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "cli/addresses.h"
#include "cli/cli.h"
#include "common/forward.h"
#include "common/mac.h"
#include "common/size.h"
#include "core/base/arena.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition.h"
#include "core/config/settings.h"
#include "core/machine/running.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

/* Shorter ones are in too many of them. */
#define LEAST_OF_ADDRESS 4

struct find {
    struct cli *c;
    const char *word;
    uint64_t port; /* If it is one, or 0. */
    struct table *table;
    const char *name; /* Of the VM that is looked at. */
    bool runs;
    struct vec macs; /* char *: those that its definition has. */
    size_t found;
};

static void
tell (struct find *f, const char *what, const char *value)
{
    table_row (f->table, (const char *[]){ f->name, what, value });
    f->found++;
}

static void
try_text (struct find *f, const char *what, const char *value)
{
    if (value && strcasestr (value, f->word)) {
        tell (f, what, value);
    }
}

static void
try_address (struct find *f, const char *what, const char *value)
{
    if (strlen (f->word) >= LEAST_OF_ADDRESS) {
        try_text (f, what, value);
    }
}

static const char *
part (const struct find *f, const char *kind, const char *name)
{
    return arena_format (&f->c->h.arena, "%s %s", kind, name);
}

static void
try_forward (struct find *f, const struct nic_def *n)
{
    const char *rest = n->forward;
    struct forward_rule rule;

    while (rest && f->port) {
        const char *text = rest;

        if (!forward_next (&rest, &rule)) {
            return;
        }
        if (rule.from == f->port || rule.to == f->port) {
            tell (f, part (f, "forward of nic", n->name),
                  arena_dup_n (&f->c->h.arena, text, strcspn (text, ",")));
        }
    }
}

static void
try_nic (struct find *f, const struct nic_def *n)
{
    char mac[MAC_TEXT];
    const char *address;

    try_address (f, part (f, "mac of nic", n->name), format_mac (n->mac, mac));
    vec_add (&f->c->h.arena, &f->macs, arena_dup (&f->c->h.arena, mac));
    address = f->runs ? addresses_find (addresses_known (f->c), n) : NULL;
    try_address (f, part (f, "address of nic", n->name), address);
    try_forward (f, n);
}

static void
try_disk (struct find *f, const struct disk_def *d)
{
    const char *what = part (f, "disk", d->name);

    try_text (f, what,
              d->image
                  ? d->image
                  : arena_format (&f->c->h.arena, "%s/%s", d->pool, d->volume));
    try_text (f, part (f, "backing of disk", d->name), d->backing);
}

static void
try_labels (struct find *f, const struct hv_options *labels)
{
    for (size_t i = 0; labels && i < labels->n_settings; i++) {
        const char *key = labels->settings[i].key;

        try_text (f, "label",
                  arena_format (&f->c->h.arena, "%s=%s", key,
                                settings_get (labels, key)));
    }
}

static void
look (void *data, const struct definition *def)
{
    struct find *f = data;

    try_address (f, "uuid", def->uuid);
    try_text (f, "description", def->description);
    try_labels (f, def->labels);
    for (size_t i = 0; i < def->disks.n; i++) {
        try_disk (f, def->disks.p[i]);
    }
    for (size_t i = 0; i < def->nics.n; i++) {
        try_nic (f, def->nics.p[i]);
    }
}

/* A VM runs with the addresses that it was started with. */
static void
try_running (struct find *f)
{
    struct vec nics = { 0 };

    running_nics (&f->c->h, f->name, &nics);
    for (size_t i = 0; f->runs && i < nics.n; i++) {
        const struct nic_def *n = nics.p[i];
        char mac[MAC_TEXT];

        if (!vec_has (&f->macs, format_mac (n->mac, mac))) {
            try_nic (f, n);
        }
    }
}

/* A VM that runs without a definition has a name, a UUID, and NICs. */
static void
try_vm (struct find *f, const char *name, bool live, struct vec *invalid)
{
    struct hvctl *h = &f->c->h;
    struct vm_state s = { .run = RUN_STOPPED };
    struct error err = { 0 };

    if (live) {
        state_read (h, name, &s);
    }
    f->name = name;
    f->runs = s.run > RUN_UNKNOWN;
    f->macs.n = 0;
    try_text (f, "name", name);
    if (definition_look (h, name, look, f, &err) == 0) {
        try_running (f);
        return;
    }
    try_running (f);
    if (err.exit_code == EXIT_CONFIG) {
        vec_add (&h->arena, invalid,
                 arena_format (&h->arena,
                               "%s is invalid, so only its name was searched",
                               name));
    } else if (f->runs) {
        try_address (f, "uuid", s.uuid);
    }
}

static int
try_all (struct find *f, struct vec *invalid)
{
    struct cli *c = f->c;
    struct vec names = { 0 }, live = { 0 };

    if (definition_names (&c->h, &names, &c->err) < 0) {
        return -c->err.code;
    }
    state_names (&c->h, &live);
    for (size_t i = 0; i < live.n; i++) {
        vec_add (&c->h.arena, &names, live.p[i]);
    }
    vec_sort (&names);
    vec_drop_doubles (&c->h.arena, &names);
    for (size_t i = 0; i < names.n; i++) {
        try_vm (f, names.p[i], vec_has_sorted (&live, names.p[i]), invalid);
    }
    return 0;
}

int
cmd_find (struct cli *c)
{
    static const char *const keys[] = { "name", "match", "value", NULL };
    struct find f = { .c = c, .word = c->args.p[0] };
    struct vec invalid = { 0 };

    if (!*f.word) {
        usage_error (c);
        return report (c);
    }
    if (!parse_uint (f.word, &f.port) || f.port > UINT16_MAX) {
        f.port = 0;
    }
    f.table = table_new (c, keys);
    if (try_all (&f, &invalid) < 0) {
        return report (c);
    }
    if (!f.found) {
        int code;

        fail_exit (&c->err, EXIT_NOT_FOUND, ENOENT,
                   "'%s' is in no name, UUID, MAC or IP address, description, "
                   "label, disk or forwarded port of a VM",
                   f.word);
        code = table_error (f.table, &c->err);
        table_notes (f.table, &invalid);
        table_print (f.table);
        return code;
    }
    table_notes (f.table, &invalid);
    table_print (f.table);
    return EXIT_OK;
}
