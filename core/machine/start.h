/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The order of a start. */
#ifndef CORE_START_H
#define CORE_START_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

/* Carries out a plan.  On failure, and when interrupted, everything is rolled
 * back.  With 'foreground', returns only on failure; otherwise it becomes the
 * supervisor. */
int start_vm (struct hvctl *h, struct plan *plan, bool foreground,
              struct vm_state *out, struct error *err);

#endif /* CORE_START_H */
