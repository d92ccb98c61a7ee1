/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What differs between a VM and its definition, and when a change can be made:
 * the running guest, the plan that it was started from, and the plan that a
 * start would make now.  Changes nothing. */
#ifndef CORE_DIFF_H
#define CORE_DIFF_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/diff-line.h"

int diff_vm (struct hvctl *h, const char *name, struct diff *out,
             struct error *err);

/* Stores the names of all VMs that are defined, and of those that are not, but
 * are running or have left something, sorted. */
int diff_names (struct hvctl *h, struct vec *names, struct error *err);

#endif /* CORE_DIFF_H */
