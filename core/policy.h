/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What the host's configuration (sandbox { … }) and the sandbox itself refuse
 * of what plugins ask for, and what a diagnosis finds. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "core/groups.h"
#include "core/plan.h"

/* Fails if one of the plan's processes asks for a group that there is not, or
 * for one or a call that is denied. */
int policy_check (struct hvctl *h, const struct plan *plan, struct error *err);

/* The same of a NIC's that is plugged in. */
int policy_check_nic (struct hvctl *h, const struct plan_nic *n,
                      struct error *err);

/* Where a start with --sandbox=diagnose has its calls written. */
const char *diagnosis_path (struct hvctl *h, const char *name);

/* Adds a line (char *) for each call of the diagnosis that the filter of
 * these groups would not have let through.  False if there is none. */
bool diagnosis_read (struct hvctl *h, const char *name,
                     const char *const *groups, const struct call_group *own,
                     struct vec *lines);

#endif /* CORE_POLICY_H */
