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

/* Finishes what a crash or a kill left of a VM: releases it, if it is stale;
 * ends a start that nobody is at any more; gives it a supervisor.  One that is
 * not 'mine' is not waited for.  Trouble is warned of. */
void tend_vm (struct hvctl *h, const char *name, bool mine);

/* Locks out starters and supervisors of this VM, and reads its state again,
 * which may have changed.  Returns false if somebody else holds the lock. */
bool tend_look_again (struct hvctl *h, const char *name, struct vm_state *s,
                      int *starter);

#endif /* CORE_TEND_H */
