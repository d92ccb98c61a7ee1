/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The memory and device state of a guest, kept in a directory:
 *
 *   STATE/vm/NAME/saved            restored by the next start
 *   STATE/vm/NAME/memory/SNAPSHOT  belongs to that snapshot
 *
 * Each holds the files of the hypervisor (hv_hypervisor.state_files) and
 *
 *   about       JSON: when, by which plugin, on which machine, and the state
 *               of the disks
 *   definition  a copy of the VM's definition
 *
 * It is written as "DIRECTORY.new" and renamed when all of it is on disk;
 * from the moment when the guest runs again until the start is over it is
 * "saved.used". */
#ifndef CORE_SAVED_H
#define CORE_SAVED_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/provider/loaded.h"

struct saved {
    int64_t when; /* Seconds since the epoch. */
    const char *hypervisor, *machine, *accelerator, *cpu;
    bool paused;      /* It had been paused before. */
    struct vec disks; /* struct saved_disk * */
};

/* A disk that would be damaged if the guest ran after it was written to. */
struct saved_disk {
    const char *name;
    int64_t layer;          /* 0 is the top one. */
    int64_t size, modified; /* Bytes; nanoseconds since the epoch. */
};

const char *saved_dir (struct hvctl *h, const char *vm);
const char *saved_used_dir (struct hvctl *h, const char *vm);
const char *saved_memory_dir (struct hvctl *h, const char *vm,
                              const char *snapshot);

/* Adds the names of the snapshots of 'vm' that have its memory, or had been
 * about to have it. */
void saved_memory_names (struct hvctl *h, const char *vm, struct vec *names);

/* Return whether a VM has a saved state; add the names of all that have. */
bool saved_exists (struct hvctl *h, const char *vm);
void saved_names (struct hvctl *h, struct vec *names);

/* Returns whether there is a saved state.  'out' may be null. */
bool saved_read (struct hvctl *h, const char *dir, struct saved *out);
int saved_write (struct hvctl *h, const char *dir, const struct saved *saved,
                 struct error *err);

/* Removes a directory and the files in it; it need not exist. */
void saved_remove (struct hvctl *h, const char *dir);

/* Opens the files of 'p': for reading, or newly created.  '*fds' must be passed
 * to saved_close(), in any case. */
int saved_open (struct hvctl *h, const struct plugin *p, const char *dir,
                bool make, int **fds, struct error *err);
void saved_close (const struct plugin *p, int *fds);

/* Flushes everything in 'dir' to disk, and renames it to 'final'. */
int saved_settle (struct hvctl *h, const char *dir, const char *final,
                  struct error *err);

/* Copies 'from' to 'to', for disks that are as in 'plan'. */
int saved_copy (struct hvctl *h, const char *from, const char *to,
                const struct plan *plan, struct error *err);

/* The steps of a start, whether it restores a state or not: from now on the
 * saved state cannot be restored, and '*taken' is set if there was one; the
 * start is over, and the guest has run, or may have; or the state can be
 * restored again. */
int saved_take (struct hvctl *h, const char *vm, bool *taken,
                struct error *err);
void saved_end (struct hvctl *h, const char *vm, bool went);

/* The same for a start that was interrupted. */
void saved_put_back (struct hvctl *h, const char *vm);
void saved_drop (struct hvctl *h, const char *vm);

/* Removes all saved states of a VM. */
void saved_forget (struct hvctl *h, const char *vm);

#endif /* CORE_SAVED_H */
