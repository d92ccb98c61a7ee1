/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Makes plans: resolves every role of a definition, and gets the process
 * description. */
#ifndef CORE_PLAN_MAKE_H
#define CORE_PLAN_MAKE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* The extent of a plan. */
enum plan_depth {
    PLAN_RESOLVE, /* Every candidate is asked, and a failure
                   * does not end it: for explain. */
    PLAN_FULL,
    PLAN_COMMAND, /* And 'command'. */
};

/* Makes a plan.  With PLAN_RESOLVE, fails only if there is nothing to
 * report. */
int plan_make (struct hvctl *h, struct definition *def, enum plan_depth depth,
               struct plan **out, struct error *err);

/* Makes a new plan if the hypervisor exited at its start although KVM was known
 * to work.  Stores the plan and returns true if KVM turns out not to work, and
 * another accelerator may replace it; 'err' has the reason if none may. */
bool plan_anew (struct hvctl *h, struct plan **plan, struct error *err);

#endif /* CORE_PLAN_MAKE_H */
