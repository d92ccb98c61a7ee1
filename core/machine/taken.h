/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a running VM has already, and another one cannot have beside it: its
 * UUID, its MAC addresses, the ports that are forwarded to it.  Definitions are
 * compared by 'validate' alone, since a start reads no definition but its own;
 * disks are protected by their locks. */
#ifndef CORE_TAKEN_H
#define CORE_TAKEN_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails with EXIT_CONFIG if a running VM has something that the plan is for, or
 * the NIC of 'vm'; names that VM.  The plan is there already, and the NIC is
 * claimed here, see running_claim_nic(): who comes second fails. */
int taken_check (struct hvctl *h, const struct plan *plan, struct error *err);
int taken_claim_nic (struct hvctl *h, const char *vm, const struct plan_nic *n,
                     struct error *err);

#endif /* CORE_TAKEN_H */
