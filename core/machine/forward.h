/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Ports of the host that are forwarded to guests. */
#ifndef CORE_FORWARD_H
#define CORE_FORWARD_H

#include "core/base/error.h"
#include "core/plan/plan.h"

/* Fails if a port that is to be forwarded to this NIC is not available.  The
 * process that is going to bind it would find the same, but later, and report
 * it in its own way. */
int forward_check (const struct plan_nic *n, struct error *err);

#endif /* CORE_FORWARD_H */
