/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Disks and NICs that are plugged into a VM and out of it while it runs, and
 * its size.  hotplug-finish.c and grow.c have a part in it. */
#ifndef CORE_HOTPLUG_H
#define CORE_HOTPLUG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/change.h"
#include "core/machine/target.h"

/* Is there a process?  False and no error if not. */
bool hotplug_target (struct hvctl *h, const char *name, struct target *t,
                     struct error *err);

/* The end of each change to a VM that runs: nobody has what its guest did not
 * outlive. */
int hotplug_end (struct hvctl *h, struct target *t, enum change_way way, int rc,
                 struct error *err);

/* Ends the process that serves a NIC, if there is one. */
int hotplug_end_helper (struct hvctl *h, const char *vm, const char *nic,
                        struct error *err);

/* Plug a disk or NIC of 'def' into the VM, if it runs.  The definition is
 * the caller's to change before.  On failure nothing is left plugged. */
int hotplug_attach_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, enum change_way *way,
                         struct error *err);
int hotplug_attach_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, enum change_way *way,
                        struct error *err);

/* Unplug one, if the VM runs. */
int hotplug_detach_disk (struct hvctl *h, struct definition *def,
                         const struct disk_def *disk, enum change_way *way,
                         struct error *err);
int hotplug_detach_nic (struct hvctl *h, struct definition *def,
                        const struct nic_def *nic, enum change_way *way,
                        struct error *err);

/* Processors and memory (0: as it is) of a running VM.  CHANGED_LATER if its
 * hypervisor can not. */
int hotplug_size (struct hvctl *h, struct definition *def, uint32_t cpus,
                  uint64_t memory, enum change_way *way, struct error *err);

#endif /* CORE_HOTPLUG_H */
