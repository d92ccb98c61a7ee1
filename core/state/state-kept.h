/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The process of a VM, recorded in a second place, in case the run directory
 * is lost. */
#ifndef CORE_STATE_KEPT_H
#define CORE_STATE_KEPT_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* The directory of the records. */
const char *state_kept_dir (struct hvctl *h);

/* Record the process of a VM outside its run directory, as far as
 * possible; read it: returns false if there is none. */
void state_keep_process (struct hvctl *h, const struct vm_state *s);
bool state_kept_process (struct hvctl *h, struct vm_state *s);

/* Returns the run directory that the VM was started with, if it is another one
 * than ours and has the VM; or null. */
const char *state_kept_run_dir (struct hvctl *h, const char *name);

/* Removes the record; returns true if there was one. */
bool state_forget_process (struct hvctl *h, const char *name);

/* Adds the names of VMs that are running although they have no run
 * directory. */
void state_lost_names (struct hvctl *h, struct vec *names);

#endif /* CORE_STATE_KEPT_H */
