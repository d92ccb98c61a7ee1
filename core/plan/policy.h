/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Plugins' requests that the host's configuration (sandbox { … }) and the
 * sandbox itself refuse. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails if one of the plan's processes requests an unknown group, or
 * a group or call that is denied. */
int policy_check (struct hvctl *h, const struct plan *plan, struct error *err);

/* The same for a NIC that is hotplugged. */
int policy_check_nic (struct hvctl *h, const struct plan_nic *n,
                      struct error *err);

#endif /* CORE_POLICY_H */
