/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Leftovers of a crash or a kill, of running and stopped VMs. */
#ifndef CORE_TEND_H
#define CORE_TEND_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/state/state.h"

/* Returns whether no supervisor waits for its exit. */
bool tend_lacks_supervisor (struct hvctl *h, const struct vm_state *s);

/* Cleans up after a crash or a kill: releases the VM, if it is stale;
 * rolls back a start whose hvctl was killed; starts a supervisor.  Does not
 * wait for a VM that is not 'mine'.  Warns about failures. */
void tend_vm (struct hvctl *h, const char *name, bool mine);

/* Keeps others from starting or tending this VM, and reads its state again,
 * which may have changed.  Returns false if that fails: with EAGAIN, another
 * process is doing so. */
bool tend_look_again (struct hvctl *h, const char *name, struct vm_state *s,
                      int *starter, struct error *err);

#endif /* CORE_TEND_H */
