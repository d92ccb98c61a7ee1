/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The current state of a VM, for people and programs. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/machine/target.h"
#include "core/state/state.h"

/* Reads the state, asking the hypervisor too; false if that does not answer.
 * '*detail' may get a phrase. */
bool status_read (struct hvctl *h, const char *name, struct vm_state *s,
                  const char **text, const char **detail);

/* Returns the text of an enum hv_state. */
const char *status_text (int state);

/* Returns whether a hypervisor that does not answer has exited, or exits within
 * a moment: its connections are closed before. */
bool status_is_ending (const struct target *t, const struct error *why);

#endif /* CORE_STATUS_H */
