/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* When a guest may go on from what was saved: its definition and its disks
 * are as they were then. */
#ifndef CORE_SAVED_CHECK_H
#define CORE_SAVED_CHECK_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* Has a start of 'def' go on from what was saved, if there is any: on the same
 * hypervisor and machine.  Fails if the definition is another by now. */
int saved_apply (struct hvctl *h, struct definition *def, struct error *err);

/* Adds to what is known in 'dir' how the disks are now. */
int saved_note (struct hvctl *h, const char *dir, const struct plan *plan,
                struct error *err);

/* The same for the disks of 'def', in what the VM was saved as. */
int saved_note_disks (struct hvctl *h, struct definition *def,
                      struct error *err);

/* Fails if one of the disks was written since. */
int saved_check_disks (struct hvctl *h, const struct plan *plan,
                       struct error *err);

/* Fails, as a start of 'def' would, if that could not go on from what was
 * saved; not if nothing was. */
int saved_check (struct hvctl *h, struct definition *def, struct error *err);

/* Fails if a VM is saved and could go on, which it could not if its definition
 * or disks were changed now: that is said instead of done.  The same for the
 * VMs that write a volume. */
int saved_refuse_change (struct hvctl *h, struct definition *def,
                         struct error *err);
int saved_refuse_volume (struct hvctl *h, const char *pool, const char *volume,
                         struct error *err);

#endif /* CORE_SAVED_CHECK_H */
