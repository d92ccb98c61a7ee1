/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The changes that a running hypervisor would refuse, as far as it can tell
 * without trying. */
#ifndef CORE_DIFF_REFUSED_H
#define CORE_DIFF_REFUSED_H

#include "core/base/context.h"
#include "core/machine/diff-line.h"
#include "core/machine/target.h"
#include "core/plan/plan.h"

/* Makes each change of the running VM that would be refused one of its next
 * start, with the reason.  'plan' is what a start would do now. */
void diff_refused (struct hvctl *h, struct diff *d, const struct target *t,
                   const struct plan *plan);

#endif /* CORE_DIFF_REFUSED_H */
