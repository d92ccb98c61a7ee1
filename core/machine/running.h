/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a running VM consists of: the plan that it was started from, and its
 * changes since.  RUN/vm/NAME/devices, if there is one, replaces the disks and
 * NICs of RUN/vm/NAME/plan; processors and memory are in its state.  The
 * devices are written under the lock of changes to the VM. */
#ifndef CORE_RUNNING_H
#define CORE_RUNNING_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

struct running {
    struct json_object *plan; /* With the current devices and sizes, and as
                               * "claims" a NIC that is being plugged in. */
    uint32_t cpus;            /* At the start. */
    uint64_t memory;
    struct vec refused; /* char *: see running_refuse() */
};

/* Returns false if the plan is lost.  The caller must json_object_put() it. */
bool running_read (struct hvctl *h, const struct vm_state *s,
                   struct running *out);

/* Record that the running VM now has the device, or no longer has it; 'list' is
 * "disks" or "nics". */
void running_add_disk (struct hvctl *h, const char *vm,
                       const struct plan_disk *d);
void running_add_nic (struct hvctl *h, const char *vm,
                      const struct plan_nic *n);
void running_drop (struct hvctl *h, const char *vm, const char *list,
                   const char *name);

/* Records the NIC that is about to be plugged in, before it is looked at who has
 * its addresses: of two VMs at least one sees the other.  Null: it is given
 * up; to record a change of the devices ends it, too.  Others heed it only while
 * the VM is being changed. */
int running_claim_nic (struct hvctl *h, const char *vm,
                       const struct plan_nic *n, struct error *err);

/* Records that the hypervisor refused a change, "disk data" or "cpus 2",
 * until the VM stops. */
void running_refuse (struct hvctl *h, const char *vm, const char *what);

/* Return a disk, or a NIC, that the running VM has, but its definition has no
 * longer.  Of one that was not recorded, only the name is known. */
const struct disk_def *running_disk (struct hvctl *h, const char *vm,
                                     const char *name);
const struct nic_def *running_nic (struct hvctl *h, const char *vm,
                                   const char *name);

/* Adds the NICs that a running VM has, struct nic_def *, with their names and
 * MAC addresses: its definition may have others by now. */
void running_nics (struct hvctl *h, const char *vm, struct vec *out);

#endif /* CORE_RUNNING_H */
