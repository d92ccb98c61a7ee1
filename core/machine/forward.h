/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The ports of the host that NICs have forwarded to their guests. */
#ifndef CORE_FORWARD_H
#define CORE_FORWARD_H

#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails if a port that is to be forwarded to this NIC cannot be had.  What is
 * going to bind it finds the same, but later, and says so in its own way. */
int forward_check (const struct plan_nic *n, struct error *err);

#endif /* CORE_FORWARD_H */
