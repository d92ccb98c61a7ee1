/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ports that outlive everything: rows in a database, unlike the run directory
 * that has records of them.  They are swept once after each boot, which empties
 * that directory, and at each start in the networks of that VM: the program
 * that serves them may not have been running the first time. */
#ifndef CORE_SWEEP_H
#define CORE_SWEEP_H

#include "core/base/context.h"
#include "core/plan/plan.h"

/* Sweeps all networks, unless that was done since boot. */
void sweep_once (struct hvctl *h);

/* Makes sweep_once() sweep them again. */
void sweep_again (struct hvctl *h);

/* Sweeps the networks of 'plan', whose VM is running by now. */
void sweep_used (struct hvctl *h, const struct plan *plan);

#endif /* CORE_SWEEP_H */
