/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/clone-disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "core/config/host.h"
#include "core/machine/changing-volume.h"
#include "core/machine/descriptors.h"
#include "core/plan/resolve.h"
#include "core/provider/services.h"
#include "core/provider/storage-near.h"
#include "core/provider/storage.h"
#include "core/state/meant.h"
#include "core/state/unfinished.h"

/* Whatever is rolled back after this is ours. */
static int
check_new (const struct clone_disk *d, struct error *err)
{
    bool found;

    if (storage_find (d->plugin, &d->vol, &found, err) < 0) {
        return -err->code;
    }
    return found ? fail (err, EEXIST,
                         "volume %s/%s already exists: remove it with 'hvctl "
                         "volume rm %s/%s', or give another name",
                         d->vol.pool, d->vol.name, d->vol.pool, d->vol.name)
                 : 0;
}

int
clone_disk_find (struct hvctl *h, const struct disk_def *from,
                 const struct disk_def *to, struct clone_disk **out,
                 struct error *err)
{
    struct clone_disk *d = arena_alloc (&h->arena, sizeof *d);

    *d = (struct clone_disk){ .from = from, .to = to };
    if (resolve_volume (h, from, &d->origin, err) < 0
        || resolve_volume (h, to, &d->vol, err) < 0) {
        return -err->code;
    }
    if (strcmp (from->pool, to->pool) != 0) {
        return fail_exit (err, EXIT_UNSUPPORTED, ENOTSUP,
                          "the clone would be in pool %s, and its origin is in "
                          "pool %s: set 'pool' without a variable",
                          to->pool, from->pool);
    }
    /* Both have the size and the layers of the origin. */
    d->origin.size = d->vol.size = 0;
    d->origin.backing = d->vol.backing = NULL;
    d->origin.backing_format = d->vol.backing_format = NULL;
    d->plugin = resolve_storage (h, &d->vol, NULL, err);
    *out = d;
    return !d->plugin || changing_lock_volume (h, &d->vol, true, err) < 0
                   || changing_lock_volume (h, &d->origin, false, err) < 0
                   || check_new (d, err) < 0
               ? -err->code
               : 0;
}

bool
clone_disk_can_freeze (const struct clone_disk *d)
{
    return storage_has_snapshots (d->plugin);
}

int
clone_disk_check_free (const struct vec *disks, const char *snapshot,
                       struct error *err)
{
    for (size_t i = 0; i < disks->n; i++) {
        const struct clone_disk *d = disks->p[i];
        struct hv_list list = { 0 };

        if (clone_disk_can_freeze (d)
            && storage_snapshots (d->plugin, &d->origin, &list, err) < 0) {
            return fail_prefix (err, "disk %s", d->from->name);
        }
        for (size_t k = 0; k < list.entries.n; k++) {
            const struct list_entry *e = list.entries.p[k];

            if (!strcmp (e->name, snapshot)) {
                return fail (err, EEXIST,
                             "disk %s has a snapshot '%s' already: clone that, "
                             "with --snapshot %s, or delete it",
                             d->from->name, snapshot, snapshot);
            }
        }
    }
    return 0;
}

/* Returns the number of layers; 0: unknown. */
static size_t
count_layers (const struct clone_disk *d)
{
    struct hv_chain chain = { 0 };
    struct hv_volume_info info = { 0 };
    struct error ignored = { 0 };

    return storage_chain (d->plugin, &d->vol, &chain, &info, &ignored) < 0
               ? 0
               : chain.layers.n;
}

/* A stream takes no more memory than the storage's programs: what is sent is
 * kept in a file without a name, since one program follows the other. */
static int
copy_stream (struct hvctl *h, struct clone_disk *d, struct error *err)
{
    CLEANUP_CLOSE int fd =
        open (h->host->state_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0) {
        return fail (err, errno, "cannot create a temporary file in %s: %m",
                     h->host->state_dir);
    }
    if (storage_destroy (d->plugin, &d->vol, err) < 0
        || storage_send (d->plugin, &d->origin, d->snapshot, NULL, fd, err)
               < 0) {
        return -err->code;
    }
    if (lseek (fd, 0, SEEK_SET) < 0) {
        return fail (err, errno, "cannot read the temporary file: %m");
    }
    return storage_receive (d->plugin, &d->vol, NULL, fd, err);
}

/* A clone whose layers are files of its origin is made whole by its storage.
 * One that is a single layer shares data in a way that only its storage knows:
 * promoting it would make its origin depend on it. */
static int
make_independent (struct hvctl *h, struct clone_disk *d, struct error *err)
{
    return !clone_disk_can_freeze (d) ? 0
           : count_layers (d) == 1    ? copy_stream (h, d, err)
                                   : storage_promote (d->plugin, &d->vol, err);
}

/* A file that is put in its place later is not ours. */
static int
note_made (struct hvctl *h, const char *vm, struct clone_disk *d,
           struct error *err)
{
    struct json_object *o =
        unfinished_new_volume ("made", d->plugin, &d->vol, NULL);

    meant_volume (o, d->plugin, &d->vol);
    return unfinished_entry (h, vm, o, err);
}

int
clone_disk_make (struct hvctl *h, const char *vm, struct clone_disk *d,
                 bool full, struct error *err)
{
    /* A hypervisor may have dropped the lock that the storage looks at. */
    if (!d->snapshot
        && descriptors_check_hidden (h, d->plugin, &d->origin, err) < 0) {
        return -err->code;
    }
    if (unfinished_volume (h, vm, "new-volume", d->plugin, &d->vol, NULL, err)
        < 0) {
        return -err->code;
    }
    if (storage_clone (d->plugin, &d->vol, &d->origin, d->snapshot, err) < 0) {
        storage_near (d->plugin, &d->origin, d->snapshot, err);
        return -err->code;
    }
    return (full && make_independent (h, d, err) < 0)
                   || note_made (h, vm, d, err) < 0
               ? -err->code
               : 0;
}
