/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Hotplug of disks and NICs, and resizing, for a running VM.  hotplug-finish.c
 * and grow.c do a part of it. */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/machine/target.h"

/* Returns whether there is a process; false without an error if not. */
bool hotplug_target (struct hvctl *h, const char *name, struct target *t,
                     struct error *err);

/* Ends each change to a running VM: releases what was added for a guest that
 * did not survive it. */
int hotplug_end (struct hvctl *h, struct target *t, enum change_way way, int rc,
                 struct error *err);

/* Stops the process that serves a NIC, if there is one. */
int hotplug_end_helper (struct hvctl *h, const char *vm, const char *nic,
                        struct error *err);

/* Plug a disk or NIC of 'def' into the VM, if it is running.  The caller
 * changes the definition before.  On failure nothing is left plugged in. */
int hotplug_attach_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, enum change_way *way,
                         struct error *err);
int hotplug_attach_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, enum change_way *way,
                        struct error *err);

/* Unplug one, if the VM is running. */
int hotplug_detach_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, enum change_way *way,
                         struct error *err);
int hotplug_detach_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, enum change_way *way,
                        struct error *err);

/* Records in the journal that they are to be changed (0: unchanged). */
int hotplug_note_size (struct hvctl *h, const char *vm, uint32_t cpus,
                       uint64_t memory, struct error *err);

/* Changes processors and memory (0: unchanged) of a running VM.  CHANGED_LATER
 * if its hypervisor cannot. */
int hotplug_size (struct hvctl *h, struct definition *def, uint32_t cpus,
                  uint64_t memory, enum change_way *way, struct error *err);

#endif /* CORE_HOTPLUG_H */
