/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ports that outlive everything: rows in a database, not the run directory
 * that remembers them.  They are asked for once after each boot, which empties
 * that directory, and at each start in the networks of that VM: what serves
 * them may not have run when we were asked first. */
#ifndef CORE_SWEEP_H
#define CORE_SWEEP_H

#include "core/base/context.h"
#include "core/plan/plan.h"

/* Sweeps all networks, unless that was done since the boot. */
void sweep_once (struct hvctl *h);

/* Has them swept once more. */
void sweep_again (struct hvctl *h);

/* Sweeps the networks of 'plan', whose VM runs by now. */
void sweep_used (struct hvctl *h, const struct plan *plan);

#endif /* CORE_SWEEP_H */
