/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The ways in which a sandbox is degraded, as one line for people. */
#ifndef CORE_WEAKER_H
#define CORE_WEAKER_H

#include "core/base/context.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

/* Returns those of the jail and those of the NICs; or null. */
const char *weaker_text (struct arena *a, const struct plan *plan,
                         const char *lines);

/* Adds the lines about the process beside the hypervisor that serves 'nic', as
 * far as they are not about the hypervisor, too. */
void weaker_nic (struct arena *a, struct vm_state *s, const char *nic,
                 const char *lines);

/* Warns about the degraded sandbox of a VM that was started.  Reasons that hold
 * for the host are given once, not for each VM. */
void weaker_tell (struct hvctl *h, const struct plan *plan,
                  const struct vm_state *s);

#endif /* CORE_WEAKER_H */
