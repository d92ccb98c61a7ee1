/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Changes to a VM that is defined and may be running: disks and NICs, size,
 * snapshots.  Each says how it was done. */
#ifndef CORE_CHANGE_H
#define CORE_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/provider/loader.h"
#include "core/provider/services.h"
#include "core/state/state.h"

enum change_way {
    CHANGED_OFFLINE, /* It was not running. */
    CHANGED_ONLINE,  /* The guest has it. */
    CHANGED_LATER,   /* It runs, and gets it at its next start. */
};

const char *change_way_text (enum change_way way);

/* Plug a disk or NIC of 'def' into the VM, if it runs.  The definition is
 * the caller's to change before.  On failure nothing is left plugged. */
int change_attach_disk (struct hvctl *h, struct definition *def,
                        const struct disk_def *disk, enum change_way *way,
                        struct error *err);
int change_attach_nic (struct hvctl *h, struct definition *def,
                       const struct nic_def *nic, enum change_way *way,
                       struct error *err);

/* One that was being plugged in when its hvctl was killed: succeeds if the
 * machine has it, or gets it only when it starts; else nothing is left of it.
 */
int change_finish_disk (struct hvctl *h, struct definition *def,
                        const struct disk_def *disk, struct error *err);
int change_finish_nic (struct hvctl *h, struct definition *def,
                       const struct nic_def *nic, struct error *err);

/* Unplug one, if the VM runs. */
int change_detach_disk (struct hvctl *h, struct definition *def,
                        const struct disk_def *disk, enum change_way *way,
                        struct error *err);
int change_detach_nic (struct hvctl *h, struct definition *def,
                       const struct nic_def *nic, enum change_way *way,
                       struct error *err);

/* Processors and memory (0: as it is) of a running VM.  CHANGED_LATER if its
 * hypervisor can not. */
int change_size (struct hvctl *h, struct definition *def, uint32_t cpus,
                 uint64_t memory, enum change_way *way, struct error *err);

/* What the disks and NICs of a running VM have done. */
int machine_counters (struct hvctl *h, const char *name, struct hv_list *out,
                      struct error *err);

/* Fails if the disk is larger than that. */
int change_check_growth (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, uint64_t size,
                         struct error *err);

/* Enlarges a disk. */
int change_disk_size (struct hvctl *h, struct definition *def,
                      const struct disk_def *disk, uint64_t size,
                      enum change_way *way, struct error *err);

/* Snapshots of all volumes that the VM writes, under one name.  Creating
 * pauses a running guest for the moment it takes.  With 'memory' what the
 * guest has there is kept, too, and reverting makes it what the next start
 * goes on from. */
int snapshot_create (struct hvctl *h, struct definition *def, const char *name,
                     bool memory, enum change_way *way, struct error *err);
int snapshot_revert (struct hvctl *h, struct definition *def, const char *name,
                     struct error *err);
int snapshot_delete (struct hvctl *h, struct definition *def, const char *name,
                     enum change_way *way, struct error *err);

/* The same after it was interrupted, also if it was done already. */
int snapshot_finish (struct hvctl *h, struct definition *def, const char *name,
                     struct error *err);
int snapshot_take_back (struct hvctl *h, struct definition *def,
                        const char *name, struct error *err);
int snapshot_revert_again (struct hvctl *h, struct definition *def,
                           const char *name, struct error *err);
int snapshot_delete_again (struct hvctl *h, struct definition *def,
                           const char *name, struct error *err);

/* A snapshot, and which disks have it: one that was attached later has not. */
struct snapshot_entry {
    const char *name, *disks; /* "root, data" */
    int64_t created;          /* In seconds. */
};

/* Stores struct snapshot_entry *, the oldest first, and a struct error * for
 * each disk whose snapshots cannot be listed. */
void snapshot_list (struct hvctl *h, struct definition *def, struct vec *out,
                    struct vec *failures);

/* A running VM and its plugin, or none: see stop.c. */
struct target {
    struct vm_state state;
    struct hv_vm vm;
    struct plugin *plugin;
    int pidfd;
};

/* Fails with EXIT_NOT_RUNNING if there is no process. */
int find_target (struct hvctl *h, const char *name, struct target *t,
                 struct error *err);

/* Is its process gone by now, or within a moment? */
bool has_ended (const struct target *t, int64_t ms);

/* Writes its state, unless it has ended: then its release may have been before
 * us, and finds no second time what we wrote. */
int write_target (struct hvctl *h, struct target *t, struct error *err);

/* Kills its process, and returns when that is gone. */
int kill_target (struct target *t, struct error *err);

/* Opens every layer of a disk; files has a pair per layer. */
int open_layers (struct hvctl *h, const char *vm, const struct hv_disk *disk,
                 struct hv_files **files, struct error *err);
void close_layers (const struct hv_disk *disk, struct hv_files *files);

#endif /* CORE_CHANGE_H */
