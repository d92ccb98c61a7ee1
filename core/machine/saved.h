/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a guest has in its memory and devices, kept in a directory:
 *
 *   STATE/vm/NAME/saved            the next start goes on from it
 *   STATE/vm/NAME/memory/SNAPSHOT  belongs to that snapshot
 *
 * Each holds the files of the hypervisor (hv_hypervisor.state_files) and
 *
 *   about       JSON: when, by which plugin, on which machine, and how the
 *               disks were then
 *   definition  the VM's, as it was
 *
 * It is written as "DIRECTORY.new" and renamed when all of it is on the disk;
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

/* What would be damaged if the guest went on after it was written. */
struct saved_disk {
    const char *name;
    int64_t layer;          /* 0 is the top one. */
    int64_t size, modified; /* Bytes; nanoseconds since the epoch. */
};

const char *saved_dir (struct hvctl *h, const char *vm);
const char *saved_memory_dir (struct hvctl *h, const char *vm,
                              const char *snapshot);

/* Adds the names of all VMs that are saved. */
void saved_names (struct hvctl *h, struct vec *names);

/* Is there something?  Null 'out': nobody wants to know what. */
bool saved_read (struct hvctl *h, const char *dir, struct saved *out);
int saved_write (struct hvctl *h, const char *dir, const struct saved *saved,
                 struct error *err);

/* Removes a directory and the files in it; it need not be there. */
void saved_remove (struct hvctl *h, const char *dir);

/* Opens the files of 'p': to be read, or made anew.  '*fds' is to be given to
 * saved_close(), in any case. */
int saved_open (struct hvctl *h, const struct plugin *p, const char *dir,
                bool make, int **fds, struct error *err);
void saved_close (const struct plugin *p, int *fds);

/* Has everything in 'dir' on the disk, and names it 'final'. */
int saved_settle (struct hvctl *h, const char *dir, const char *final,
                  struct error *err);

/* Makes 'to' what 'from' is, for disks that are as in 'plan'. */
int saved_copy (struct hvctl *h, const char *from, const char *to,
                const struct plan *plan, struct error *err);

/* The steps of a start, whether it goes on or not: from now on nothing can go
 * on from what was saved, and '*taken' if there was something; it is over, and
 * the guest went on, or may have; or it can still go on from there. */
int saved_take (struct hvctl *h, const char *vm, bool *taken,
                struct error *err);
void saved_end (struct hvctl *h, const char *vm, bool went);

/* The same for one that was interrupted. */
void saved_put_back (struct hvctl *h, const char *vm);
void saved_drop (struct hvctl *h, const char *vm);

/* Removes all that was ever saved of a VM. */
void saved_forget (struct hvctl *h, const char *vm);

#endif /* CORE_SAVED_H */
