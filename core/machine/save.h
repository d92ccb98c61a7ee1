/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Writes the state of a running guest, and restores it in another
 * hypervisor. */
#ifndef CORE_SAVE_H
#define CORE_SAVE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/machine/target.h"
#include "core/plan/plan.h"

/* Writes the state of a paused guest to 'dir', all of it or nothing;
 * '*plan' describes the machine as it runs, or the error says why it could not
 * be started like that again.  The caller keeps others from changing the VM
 * (state_lock_changes()). */
int save_memory (struct hvctl *h, struct definition *def, struct target *t,
                 const char *dir, struct plan **plan, struct error *err);

/* Lets the guest run for a moment if it had been paused: a hypervisor that has
 * written its state does not do so again before that. */
void save_leave_stream (struct target *t);

/* Restores the state in the hypervisor of 'plan', which is ready. */
int save_restore (struct hvctl *h, const struct plan *plan, struct error *err);

#endif /* CORE_SAVE_H */
