/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which process a VM has, kept in a second place, should the run directory
 * get lost. */
#ifndef CORE_STATE_KEPT_H
#define CORE_STATE_KEPT_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Keeps which process a VM has outside of its run directory, as far as that can
 * be done; false: there is none, or 's' gets it. */
void state_keep_process (struct hvctl *h, const struct vm_state *s);
bool state_kept_process (struct hvctl *h, struct vm_state *s);

/* The same is over; true if there was something. */
bool state_forget_process (struct hvctl *h, const char *name);

/* Adds the names of VMs that run although they have no run directory. */
void state_lost_names (struct hvctl *h, struct vec *names);

#endif /* CORE_STATE_KEPT_H */
