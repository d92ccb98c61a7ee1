/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes beside the hypervisor that serve a VM's ports, each in a jail of
 * its own: described with the plan, started while the hypervisor comes up,
 * which has the other end of their connection, and sealed as it is.  They end
 * when that connection does; the journal knows them all the same. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"

/* Its jail, as launch_jail() is to complete it. */
struct jail helper_jail (const struct plan_nic *n, enum sandbox_mode mode);

/* Makes the connection; '*end' is the hypervisor's, which need not wait for
 * the rest.  helper_abort() takes this back, too. */
int helper_connect (struct plan_nic *n, int *end, struct error *err);

/* Starts and journals it, if there was a connection to be made.
 * helper_settle() or helper_abort() has to follow. */
int helper_start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
                  struct plan_nic *n, struct error *err);

/* Waits until it serves, and takes from it what only starting needs. */
int helper_settle (struct hvctl *h, const char *vm, struct plan_nic *n,
                   struct error *err);

/* Ends it, if it was started here. */
void helper_abort (struct plan_nic *n);

/* Leaves it to itself and the journal. */
void helper_let_go (struct plan_nic *n);

#endif /* CORE_HELPER_H */
