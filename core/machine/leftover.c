/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/leftover.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/base/file.h"
#include "core/base/name.h"
#include "core/base/vec.h"
#include "core/config/definition-find.h"
#include "core/config/definition-load.h"
#include "core/config/host.h"
#include "core/config/rewrite.h"
#include "core/machine/saved.h"
#include "core/plan/resolve.h"
#include "core/provider/services.h"
#include "core/provider/storage.h"
#include "core/state/state.h"

/* ------------------------------------------------------------ One VM */

/* The volumes that definitions have: read once for a command.  In an arena of
 * its own: the command's may be another one for a while. */
struct leftover_used {
    struct arena arena;
    struct vec keys; /* char *, "POOL/VOLUME", sorted */
    bool unknown;    /* A definition that cannot be read may have any. */
    bool known;      /* The disks of the one that was read last. */
};

static const char *
key_of (struct arena *a, const char *pool, const char *volume)
{
    return arena_format (a, "%s/%s", pool, volume);
}

static void
note_disks (void *data, const struct definition *def)
{
    struct leftover_used *used = data;

    used->known = definition_knows_disks (def);
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];

        if (!d->image && !d->broken) {
            vec_add (&used->arena, &used->keys,
                     key_of (&used->arena, d->pool, d->volume));
        }
    }
}

static struct leftover_used *
read_used (struct hvctl *h)
{
    struct leftover_used *used = xalloc (sizeof *used);
    struct error err = { 0 };
    struct vec names = { 0 };

    used->unknown = definition_names (h, &names, &err) < 0;
    for (size_t i = 0; i < names.n; i++) {
        struct error one = { 0 };

        used->known = false;
        /* A file of another name is no VM's. */
        if (name_validate ("VM", names.p[i], &err) == 0
            && definition_look_anyhow (h, names.p[i], note_disks, used, &one)
                   < 0
            && one.exit_code != EXIT_NOT_FOUND && !used->known) {
            used->unknown = true;
        }
    }
    vec_sort (&used->keys);
    return used;
}

static bool
is_used (struct hvctl *h, const char *key)
{
    h->leftover_used = h->leftover_used ? h->leftover_used : read_used (h);
    return h->leftover_used->unknown
           || vec_has_sorted (&h->leftover_used->keys, key);
}

void
leftover_forget (struct hvctl *h)
{
    if (h->leftover_used) {
        arena_free (&h->leftover_used->arena);
        free (h->leftover_used);
        h->leftover_used = NULL;
    }
}

void
leftover_volumes (struct hvctl *h, const struct definition *def, bool alone,
                  struct vec *out)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        struct error ignored = { 0 };
        struct hv_volume vol;
        struct plugin *p;
        bool found = false;
        const char *key;

        if (d->image || d->broken
            || resolve_volume (h, d, &vol, &ignored) < 0) {
            continue;
        }
        key = key_of (&h->arena, vol.pool, vol.name);
        p = resolve_storage (h, &vol, NULL, &ignored);
        if (p && storage_find (p, &vol, &found, &ignored) == 0 && found
            && !(alone && is_used (h, key))) {
            vec_add (&h->arena, out, key);
        }
    }
}

static bool
has_files (struct hvctl *h, const char *dir)
{
    struct vec names = { 0 };

    file_names (&h->arena, dir, &names);
    return names.n != 0;
}

bool
leftover_look (struct hvctl *h, const char *name, struct leftover *out)
{
    struct error ignored = { 0 };
    struct fleet *f;
    uint64_t index;

    *out = (struct leftover){ .name = name };
    if (name_validate ("VM", name, &ignored) < 0
        || definition_exists (h, name)) {
        return false;
    }
    f = fleet_beside (h, name, &index);
    if (f && f->valid) {
        out->fleet = f;
        definition_load_left (h, f, name, index, &out->def, &ignored);
    }
    if (out->def) {
        leftover_volumes (h, out->def, true, &out->volumes);
    }
    out->saved = saved_exists (h, name);
    out->records = has_files (h, state_keep_dir (h, name));
    out->logs = has_files (h, state_log_dir (h, name));
    out->edited = file_is_there (rewrite_kept (h, definition_path (h, name)));
    return out->volumes.n || out->saved || out->records || out->logs
           || out->edited;
}

static void
add (struct hvctl *h, const char **text, const char *what)
{
    *text = *text ? arena_format (&h->arena, "%s, %s", *text, what) : what;
}

const char *
leftover_text (struct hvctl *h, const struct leftover *l)
{
    struct arena *a = &h->arena;
    const char *text = NULL;

    for (size_t i = 0; i < l->volumes.n; i++) {
        add (h, &text,
             arena_format (a, "volume %s", (const char *)l->volumes.p[i]));
    }
    if (l->saved) {
        add (h, &text, "a saved state");
    }
    if (l->records) {
        add (h, &text,
             arena_format (a, "records in %s", state_keep_dir (h, l->name)));
    }
    if (l->logs) {
        add (h, &text,
             arena_format (a, "logs in %s", state_log_dir (h, l->name)));
    }
    if (l->edited) {
        add (h, &text, "the text of an edit that was not saved");
    }
    return text ? text : "nothing";
}

/* ------------------------------------------------------------ All of them */

/* Adds it if anything is left. */
static bool
add_left (struct hvctl *h, const char *name, struct vec *names)
{
    struct leftover l;
    bool left = leftover_look (h, name, &l);

    if (left && !vec_has (names, name)) {
        vec_add (&h->arena, names, name);
    }
    return left;
}

static const char *
name_of (struct hvctl *h, const struct fleet *f, uint64_t index)
{
    return arena_format (&h->arena, "%s-%" PRIu64, f->name, index);
}

/* Adds the VM if it would be one of the fleet with another 'count'. */
static void
add_member (struct hvctl *h, const struct fleet *f, const char *name,
            struct vec *names)
{
    uint64_t at;

    if (fleet_beside (h, name, &at) == f && !fleet_has (f, at)
        && !vec_has (names, name)) {
        add_left (h, name, names);
    }
}

/* Mostly the name of a volume begins with that of its VM. */
static void
look_in_pool (struct hvctl *h, const struct fleet *f,
              const struct hv_options *pool, struct vec *names)
{
    struct error ignored = { 0 };
    struct hv_list list = { 0 };
    bool known = resolve_pool (h, pool, &list, &ignored) != NULL;
    size_t len = strlen (f->name);

    for (size_t i = 0; known && i < list.entries.n; i++) {
        const char *name = ((struct list_entry *)list.entries.p[i])->name;

        if (!strncmp (name, f->name, len) && name[len] == '-') {
            size_t digits = strspn (name + len + 1, "0123456789");

            add_member (h, f, arena_dup_n (&h->arena, name, len + 1 + digits),
                        names);
        }
    }
}

static void
look_in_pools (struct hvctl *h, const struct fleet *f, struct vec *names)
{
    struct error ignored = { 0 };
    struct definition *def;
    struct vec seen = { 0 };

    if (definition_load (h, fleet_member (&h->arena, f, 0), &def, &ignored)
        < 0) {
        return;
    }
    for (size_t i = 0; i < def->disks.n; i++) {
        const struct disk_def *d = def->disks.p[i];
        const struct hv_options *pool =
            d->image || d->broken ? NULL : host_pool (h, d->pool);

        if (pool && !vec_has (&seen, pool->name)) {
            vec_add (&h->arena, &seen, (char *)pool->name);
            look_in_pool (h, f, pool, names);
        }
    }
}

/* Those with records or volumes, wherever they are, and the ones that come next
 * in order, as far as something is left of them. */
void
leftover_of_fleet (struct hvctl *h, const struct fleet *f, struct vec *names)
{
    struct vec kept = { 0 };
    uint64_t index = f->first + f->count;

    if (!f->valid) {
        return;
    }
    state_keep_names (h, &kept);
    for (size_t i = 0; i < kept.n; i++) {
        add_member (h, f, kept.p[i], names);
    }
    look_in_pools (h, f, names);
    while (add_left (h, name_of (h, f, index), names)) {
        index++;
    }
    for (index = f->first;
         index > 0 && add_left (h, name_of (h, f, index - 1), names);) {
        index--;
    }
}

void
leftover_of_all (struct hvctl *h, struct vec *names)
{
    struct error ignored = { 0 };
    struct vec files = { 0 };

    definition_files (h, &files, &ignored);
    for (size_t i = 0; i < files.n; i++) {
        const struct fleet *f = fleet_find (h, files.p[i]);

        if (f) {
            leftover_of_fleet (h, f, names);
        }
    }
}
