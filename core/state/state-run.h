/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Which VMs are running: the only place that determines it. */
#ifndef CORE_STATE_RUN_H
#define CORE_STATE_RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/state/state.h"

/* Determines whether it is running, as which process, in which phase, and
 * whether we may know.  Changes nothing. */
void state_read (struct hvctl *h, const char *name, struct vm_state *out);

/* The same for a process that holds the starter's lock without starting it. */
void state_read_held (struct hvctl *h, const char *name, struct vm_state *out);

/* Fails with the reason why it cannot be determined. */
int state_unknown (struct hvctl *h, const struct vm_state *s,
                   struct error *err);

/* Returns its supervisor; 0: none or, if '*why' is an errno value,
 * unknown. */
pid_t state_supervisor (struct hvctl *h, const char *name, int *why);

/* Returns whether that lock is held. */
bool state_is_held (struct hvctl *h, const char *name, const char *file);

#endif /* CORE_STATE_RUN_H */
