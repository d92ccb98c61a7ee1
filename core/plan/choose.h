/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The resolver for hypervisors. */
#ifndef CORE_CHOOSE_H
#define CORE_CHOOSE_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"

int choose_hypervisor (struct hvctl *h, struct plan *plan, bool ask_all,
                       struct error *err);

#endif /* CORE_CHOOSE_H */
