/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Reasons to refuse a start, reported before anything is done. */
#ifndef CORE_PREFLIGHT_H
#define CORE_PREFLIGHT_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"

/* Fails as a start of the plan would before it carries anything out: because of
 * what the host allows its VMs, and what their sandboxes can be on this kernel
 * and for this user.  Changes nothing. */
int preflight (struct hvctl *h, const struct plan *plan, enum sandbox_mode mode,
               struct error *err);

#endif /* CORE_PREFLIGHT_H */
