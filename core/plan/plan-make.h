/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Makes plans: resolves every role of a definition, and has the process
 * described. */
#ifndef CORE_PLAN_MAKE_H
#define CORE_PLAN_MAKE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"

/* How far a plan is made. */
enum plan_depth {
    PLAN_RESOLVE, /* Every candidate is asked, and the first
                   * failure does not end it: for explain. */
    PLAN_FULL,
    PLAN_COMMAND, /* And 'command'. */
};

/* Makes a plan.  With PLAN_RESOLVE, fails only if nothing can be said. */
int plan_make (struct hvctl *h, struct definition *def, enum plan_depth depth,
               struct plan **out, struct error *err);

/* Plans again what ended at its start although KVM, with which it was to run,
 * had been seen to work.  Stores another plan and returns true if KVM turns out
 * not to work, and another accelerator may take its place; 'err' has the reason
 * if none may. */
bool plan_anew (struct hvctl *h, struct plan **plan, struct error *err);

#endif /* CORE_PLAN_MAKE_H */
