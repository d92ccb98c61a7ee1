/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/new-name-lock.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "core/base/arena.h"
#include "core/config/fleet.h"
#include "core/machine/changing.h"

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
