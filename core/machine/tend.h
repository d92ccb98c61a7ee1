/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a crash or a kill left of VMs that ran, or run. */
#ifndef CORE_TEND_H
#define CORE_TEND_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/state/state.h"

/* Is there nobody who waits for its end? */
bool tend_lacks_supervisor (struct hvctl *h, const struct vm_state *s);

/* Finishes what a crash or a kill left: releases stale VMs, gives running
 * ones a supervisor.  Only those that are named (by patterns) in 'mine' are
 * waited for.  Trouble is warned of. */
void tend_all (struct hvctl *h, const struct vec *mine);

/* The same of one. */
void tend_vm (struct hvctl *h, const char *name);

#endif /* CORE_TEND_H */
