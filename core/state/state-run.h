/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Who runs: the one place that knows. */
#ifndef CORE_STATE_RUN_H
#define CORE_STATE_RUN_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/state/state.h"

/* Does it run, as which process, in which phase, and may we know?  Changes
 * nothing. */
void state_read (struct hvctl *h, const char *name, struct vm_state *out);

/* The same for who has the starter's lock and is not starting it. */
void state_read_held (struct hvctl *h, const char *name, struct vm_state *out);

/* Fails: why it cannot be told. */
int state_unknown (struct hvctl *h, const struct vm_state *s,
                   struct error *err);

/* Its supervisor; 0: none, or if '*why' is an errno value, it cannot be told.
 */
pid_t state_supervisor (struct hvctl *h, const char *name, int *why);

/* Has anybody that lock? */
bool state_is_held (struct hvctl *h, const char *name, const char *file);

#endif /* CORE_STATE_RUN_H */
