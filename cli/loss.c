/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "cli/loss.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/arena.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/config/rewrite.h"
#include "core/machine/remove-look.h"
#include "core/machine/saved.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/state.h"

#define NAMED 5 /* So many are named; of more, their number says enough. */

/* "2 snapshots (a, b)" */
static const char *
count_snapshots (struct cli *c, const struct vec *names)
{
    const char *list = "";

    for (size_t i = 0; i < names->n && names->n <= NAMED; i++) {
        list = arena_format (&c->h.arena, "%s%s%s", list, i ? ", " : " (",
                             (const char *)names->p[i]);
    }
    return arena_format (&c->h.arena, "%zu snapshot%s%s%s", names->n,
                         names->n == 1 ? "" : "s", list, *list ? ")" : "");
}

/* "its 2 snapshots (a, b)", or null.  A damaged volume can be deleted, too; a
 * storage without snapshots has none. */
static const char *
its_snapshots (struct cli *c, struct plugin *p, const struct hv_volume *vol)
{
    struct hv_list list = { 0 };
    struct vec names = { 0 };
    struct error err = { 0 };

    if (storage_snapshots (p, vol, &list, &err) < 0) {
        return err.code == ENOTSUP
                   ? NULL
                   : arena_format (&c->h.arena,
                                   "its snapshots, which cannot be listed (%s)",
                                   err.text);
    }
    for (size_t i = 0; i < list.entries.n; i++) {
        vec_add (&c->h.arena, &names,
                 ((const struct list_entry *)list.entries.p[i])->name);
    }
    return names.n ? arena_format (&c->h.arena, "its %s",
                                   count_snapshots (c, &names))
                   : NULL;
}

const char *
loss_of_volume (struct cli *c, struct plugin *p, const struct hv_volume *vol)
{
    const char *snapshots = its_snapshots (c, p, vol);

    return snapshots ? arena_format (&c->h.arena, ", with %s", snapshots) : "";
}

static void
add (struct cli *c, const char **text, const char *what)
{
    *text = arena_format (&c->h.arena, "%s%s%s", *text,
                          **text ? ", " : ", with ", what);
}

const char *
loss_of_vm (struct cli *c, const char *vm, const struct vec *disks)
{
    const char *text = "";
    struct vec found = { 0 }, memory = { 0 };

    for (size_t i = 0; i < disks->n; i++) {
        const struct doomed *d = disks->p[i];
        const char *snapshots =
            d->missing ? NULL : its_snapshots (c, d->plugin, &d->vol);

        if (d->missing) {
            continue;
        }

        add (c, &text,
             arena_format (&c->h.arena, "disk %s%s%s", d->disk->name,
                           snapshots ? " and " : "",
                           snapshots ? snapshots : ""));
    }
    if (saved_read (&c->h, saved_dir (&c->h, vm), NULL)) {
        add (c, &text, "its saved state");
    }
    saved_memory_names (&c->h, vm, &found);
    for (size_t i = 0; i < found.n; i++) {
        if (saved_read (&c->h, saved_memory_dir (&c->h, vm, found.p[i]),
                        NULL)) {
            vec_add (&c->h.arena, &memory, found.p[i]);
        }
    }
    if (memory.n) {
        add (c, &text,
             arena_format (&c->h.arena, "the memory of its %s",
                           count_snapshots (c, &memory)));
    }
    if (access (arena_format (&c->h.arena, "%s/vars.fd",
                              state_keep_dir (&c->h, vm)),
                F_OK)
        == 0) {
        add (c, &text, "its firmware variables");
    }
    if (access (rewrite_kept (
                    &c->h, rewrite_target (&c->h, definition_path (&c->h, vm))),
                F_OK)
        == 0) {
        add (c, &text, "the text of an edit that was not saved");
    }
    return text;
}
