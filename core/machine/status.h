/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The current state of a VM, for people and programs. */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Reads the state, asking the hypervisor too; false if that does not answer.
 * '*detail' may get a phrase. */
bool status_read (struct hvctl *h, const char *name, struct vm_state *s,
                  const char **text, const char **detail);

/* Returns the text of an enum hv_state. */
const char *status_text (int state);

#endif /* CORE_STATUS_H */
