/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/new-name.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/base/file.h"
#include "core/config/definition-load.h"
#include "core/config/definition.h"
#include "core/config/fleet.h"
#include "core/config/rewrite.h"
#include "core/machine/changing.h"
#include "core/state/state-run.h"
#include "core/state/state.h"

static int
check_empty (struct hvctl *h, const char *name, const char *dir,
             struct error *err)
{
    struct vec names = { 0 };

    file_names (&h->arena, dir, &names);
    return names.n ? fail (err, EEXIST,
                           "%s contains files of an earlier VM %s, such as "
                           "%s: remove them with 'hvctl rm %s', or give "
                           "another name",
                           dir, name, (const char *)names.p[0], name)
                   : 0;
}

int
new_name_check (struct hvctl *h, const char *name, struct error *err)
{
    const char *path = definition_path (h, name);
    const char *kept = rewrite_kept (h, path);
    const struct fleet *fleet;
    struct vm_state s;
    uint64_t index;

    if (file_is_there (path)) {
        return fail (err, EEXIST, "VM %s already exists: %s", name, path);
    }
    fleet = definition_fleet (h, name, &index);
    if (fleet) {
        return fail (err, EEXIST,
                     "VM %s already exists: it is one of fleet %s (%s): give "
                     "another name",
                     name, fleet->name,
                     fleet_where (&h->arena, fleet, "count"));
    }
    state_read (h, name, &s);
    if (s.run != RUN_STOPPED) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "there is a VM %s without a definition, and it is "
                          "%s: give another name",
                          name, state_run_text (s.run));
    }
    if (access (kept, F_OK) == 0) {
        return fail (
            err, EEXIST,
            "%s is the edited text of an earlier VM %s: remove it with "
            "'hvctl rm %s', or give another name",
            kept, name, name);
    }
    return check_empty (h, name, state_keep_dir (h, name), err) < 0
                   || check_empty (h, name, state_log_dir (h, name), err) < 0
               ? -err->code
               : 0;
}

/* ------------------------------------------------------------- The locks */

struct key {
    const char *name;
    bool alone;
};

static int
by_name (const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    int order = strcmp (x->name, y->name);

    return order ? order : (int)y->alone - (int)x->alone;
}

int
new_name_lock (struct hvctl *h, const char *const names[], size_t n,
               struct new_name_locks *locks, struct error *err)
{
    struct key *keys = arena_alloc (&h->arena, (2 * n + 1) * sizeof *keys);
    size_t n_keys = 0;
    uint64_t index;

    for (size_t i = 0; i < n; i++) {
        const char *fleet = fleet_name_of (&h->arena, names[i], &index);

        keys[n_keys++] = (struct key){ names[i], true };
        if (fleet) {
            keys[n_keys++] = (struct key){ fleet, false };
        }
    }
    qsort (keys, n_keys, sizeof *keys, by_name);
    *locks = (struct new_name_locks){
        .fd = arena_alloc (&h->arena, (n_keys + 1) * sizeof (int))
    };
    for (size_t i = 0; i < n_keys; i++) {
        if (i && !strcmp (keys[i - 1].name, keys[i].name)) {
            continue;
        }
        if (changing_lock (h, keys[i].name, keys[i].alone, &locks->fd[locks->n],
                           err)
            < 0) {
            return -err->code;
        }
        locks->n++;
    }
    return 0;
}

void
new_name_unlock (struct new_name_locks *locks)
{
    for (size_t i = 0; i < locks->n; i++) {
        close_fd (locks->fd[i]);
    }
    locks->n = 0;
}
