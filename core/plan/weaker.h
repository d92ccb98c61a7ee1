/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* In what a sandbox is weaker than the best, as one line for people. */
#ifndef CORE_WEAKER_H
#define CORE_WEAKER_H

#include "core/base/context.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

/* What the jail says, and what the NICs say; or null. */
const char *weaker_text (struct arena *a, const struct plan *plan,
                         const char *lines);

/* Adds what the process beside the hypervisor that serves 'nic' is weaker in,
 * as lines, and that one is not. */
void weaker_nic (struct arena *a, struct vm_state *s, const char *nic,
                 const char *lines);

/* Warns of what is weaker about a VM that was started.  What holds for the host
 * is said once, not of each VM. */
void weaker_tell (struct hvctl *h, const struct plan *plan,
                  const struct vm_state *s);

#endif /* CORE_WEAKER_H */
