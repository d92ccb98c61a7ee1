/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The requirements of a definition for a hypervisor. */
#ifndef CORE_REQUIREMENTS_H
#define CORE_REQUIREMENTS_H

#include "core/base/context.h"
#include "core/plan/plan.h"

void requirements_gather (struct hvctl *h, const struct plan *plan,
                          struct role *role);

#endif /* CORE_REQUIREMENTS_H */
