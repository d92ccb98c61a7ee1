/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The order of what comes before a start: the VM is locked, its definition
 * loaded, the saved state applied to it, and the plan is made.  Whoever starts
 * a VM, or tells what a start would do, has it from here. */
#ifndef CORE_PREPARE_H
#define CORE_PREPARE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/start.h"
#include "core/plan/plan-make.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

/* Plans the start of a VM that does not run, and carries it out; nobody else
 * changes the VM or its volumes meanwhile.  '*plan' (may be null) becomes the
 * plan once there is one, else null. */
int prepare_and_start (struct hvctl *h, const struct start_wish *wish,
                       struct plan **plan, struct vm_state *state,
                       struct error *err);

/* Makes the plan of a start that is not carried out; changes nothing.  With
 * PLAN_FULL, also fails by what that start would be refused for; the others
 * ignore a saved state, and a command that is pasted has no sandbox. */
int prepare_plan (struct hvctl *h, const char *name, enum plan_depth depth,
                  struct plan **plan, struct error *err);

/* Fails if a VM that runs could not be started again after it was stopped. */
int prepare_again (struct hvctl *h, const char *name, struct error *err);

#endif /* CORE_PREPARE_H */
