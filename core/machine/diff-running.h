/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The differences between a running VM and its definition. */
#ifndef CORE_DIFF_RUNNING_H
#define CORE_DIFF_RUNNING_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/machine/diff-line.h"
#include "core/plan/plan.h"

/* Adds the lines of a running VM.  'plan' is what a start would do now, without
 * the disks in 'unmade', struct disk_def *, whose volumes are missing. */
int diff_running (struct hvctl *h, struct diff *d, struct plan *plan,
                  const struct vec *unmade, struct error *err);

#endif /* CORE_DIFF_RUNNING_H */
