/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The processes beside the hypervisor that serve NICs, as part of plans;
 * machine/helper.h starts them. */
#ifndef CORE_PLAN_HELPER_H
#define CORE_PLAN_HELPER_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

/* Returns whether the NIC's network has such a process, described in
 * n->helper. */
bool plan_has_helper (const struct plan_nic *n);
int plan_describe_helper (struct hvctl *h, struct plan_nic *n,
                          struct error *err);

#endif /* CORE_PLAN_HELPER_H */
