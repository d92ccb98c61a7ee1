/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Conditions for restoring a saved state: the definition and the disks have
 * not changed since. */
#ifndef CORE_SAVED_CHECK_H
#define CORE_SAVED_CHECK_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* Makes a start of 'def' restore the saved state, if there is one: with the
 * same hypervisor and machine.  Fails if the definition has changed. */
int saved_apply (struct hvctl *h, struct definition *def, struct error *err);

/* Adds the current state of the disks to the record in 'dir'. */
int saved_note (struct hvctl *h, const char *dir, const struct plan *plan,
                struct error *err);

/* Adds all disks of the VM to 'plan'. */
int saved_add_disks (struct hvctl *h, struct plan *plan, struct error *err);

/* saved_note() for the disks of 'def', in the VM's saved state. */
int saved_note_disks (struct hvctl *h, struct definition *def,
                      struct error *err);

/* The guest is about to run, and if that fails nobody knows whether it did:
 * restoring the state in 'dir' once more is refused if it wrote to a disk, and
 * if it has one, such as a device, that does not show it. */
int saved_doubt_disks (struct hvctl *h, const char *dir,
                       const struct plan *plan, struct error *err);

/* Fails if one of the disks was written to since. */
int saved_check_disks (struct hvctl *h, const struct plan *plan,
                       struct error *err);

/* Fails, as a start of 'def' would, if there is a saved state that cannot be
 * restored. */
int saved_check (struct hvctl *h, struct definition *def, struct error *err);

/* Fails if a VM has a saved state that could be restored, but not after a
 * change of its definition or disks: the change is refused with that reason.
 * The same for the VMs that write to a volume. */
int saved_refuse_change (struct hvctl *h, struct definition *def,
                         struct error *err);
int saved_refuse_volume (struct hvctl *h, const char *pool, const char *volume,
                         struct error *err);

#endif /* CORE_SAVED_CHECK_H */
