/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/changing-volume.h"

#include <string.h>
#include <sys/resource.h>

#include "common/cleanup.h"
#include "core/machine/changing-lock.h"
#include "core/machine/recover-volume.h"
#include "core/plan/resolve.h"
#include "core/state/state-changes.h"
#include "core/state/unfinished.h"

/* A volume that this hvctl has locked. */
struct hold {
    const char *key;
    bool alone;
    int fd;
};

struct changing_holds {
    struct vec all; /* struct hold * */
};

static struct hold *
find_hold (struct hvctl *h, const char *key)
{
    for (size_t i = 0; h->holds && i < h->holds->all.n; i++) {
        struct hold *hold = h->holds->all.p[i];

        if (!strcmp (hold->key, key)) {
            return hold;
        }
    }
    return NULL;
}

static int
hold (struct hvctl *h, const char *key, bool alone, bool to_remove,
      struct error *err)
{
    int64_t ms = h->until ? 0 : CHANGE_PATIENCE;
    struct hold *old = find_hold (h, key), *new;
    int fd = -1, rc;

    if (!h->changes || (old && old->fd >= 0 && (old->alone || !alone))) {
        return 0;
    }
    if (old) {
        close_fd (old->fd); /* It would block ourselves. */
        *old = (struct hold){ key, false, -1 };
    }
    rc = to_remove && !h->until
             ? changing_lock_anyhow (h, key, recover_volume_now, &fd, err)
             : changing_lock_by (h, key, recover_volume_now, alone, ms, &fd,
                                 err);
    if (rc < 0) {
        return rc;
    }
    new = old ? old : arena_alloc (&h->arena, sizeof *new);
    *new = (struct hold){ key, alone, fd };
    if (!h->holds) {
        h->holds = arena_alloc (&h->arena, sizeof *h->holds);
    }
    if (!old) {
        vec_add (&h->arena, &h->holds->all, new);
    }
    return 0;
}

int
changing_lock_volume (struct hvctl *h, const struct hv_volume *vol, bool alone,
                      struct error *err)
{
    return hold (h, unfinished_volume_key (h, vol), alone, false, err);
}

int
changing_lock_volume_to_remove (struct hvctl *h, const struct hv_volume *vol,
                                struct error *err)
{
    return hold (h, unfinished_volume_key (h, vol), true, true, err);
}

void
changing_let_go (struct hvctl *h)
{
    for (size_t i = 0; h->holds && i < h->holds->all.n; i++) {
        close_fd (((struct hold *)h->holds->all.p[i])->fd);
    }
    h->holds = NULL;
}

void
changing_make_room (struct hvctl *h)
{
    struct rlimit limit;
    size_t n = 0;

    if (!h->holds || getrlimit (RLIMIT_NOFILE, &limit) < 0
        || h->holds->all.n < limit.rlim_cur / 2) {
        return;
    }
    for (size_t i = 0; i < h->holds->all.n; i++) {
        struct hold *hold = h->holds->all.p[i];

        if (hold->alone) {
            close_fd (hold->fd);
        } else {
            h->holds->all.p[n++] = hold;
        }
    }
    h->holds->all.n = n;
}

/* Errors in its name or pool are reported when it is resolved. */
static int
lock_disk (struct hvctl *h, const struct disk_def *def, struct error *err)
{
    struct hv_volume volume;
    struct error ignored = { 0 };

    if (resolve_volume (h, def, &volume, &ignored) < 0 || !volume.pool
        || changing_lock_volume (h, &volume, false, err) == 0) {
        return 0;
    }
    return fail_prefix (err, "disk %s", def->name);
}

int
changing_resolve_disk (struct hvctl *h, struct plan *plan,
                       const struct disk_def *def, struct error *err)
{
    return lock_disk (h, def, err) < 0 ? -err->code
                                       : resolve_disk (h, plan, def, err);
}

int
changing_lock_disks (struct hvctl *h, const struct definition *def,
                     struct error *err)
{
    for (size_t i = 0; i < def->disks.n; i++) {
        if (lock_disk (h, def->disks.p[i], err) < 0) {
            return fail_prefix (err, "%s", def->name);
        }
    }
    return 0;
}

int
changing_plan (struct hvctl *h, struct definition *def, enum plan_depth depth,
               struct plan **out, struct error *err)
{
    return changing_lock_disks (h, def, err) < 0
               ? -err->code
               : plan_make (h, def, depth, out, err);
}
