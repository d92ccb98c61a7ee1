/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes beside the hypervisor that serve a VM's ports, each in a jail of
 * its own: described with the plan, started while the hypervisor comes up,
 * which has the other end of their connection, and sealed like it.  They exit
 * when that connection is closed; the journal has them nevertheless. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"

/* Returns its jail, which launch_jail() completes. */
struct jail helper_jail (const struct plan_nic *n, enum sandbox_mode mode);

/* Creates the connection; '*end' is the hypervisor's, which need not wait for
 * the rest.  helper_abort() undoes this, too. */
int helper_connect (struct plan_nic *n, int *end, struct error *err);

/* Starts and journals the process, if there was a connection to be created.
 * helper_settle() or helper_abort() must follow. */
int helper_start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
                  struct plan_nic *n, struct error *err);

/* Waits until it serves, and revokes what only its start needed. */
int helper_settle (struct hvctl *h, const char *vm, struct plan_nic *n,
                   struct error *err);

/* Kills it, if it was started here. */
void helper_abort (struct plan_nic *n);

/* Leaves it running, known to the journal. */
void helper_let_go (struct plan_nic *n);

#endif /* CORE_HELPER_H */
