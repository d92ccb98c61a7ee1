/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Leftovers of a crash or a kill, of all VMs and changes. */
#ifndef CORE_TEND_ALL_H
#define CORE_TEND_ALL_H

#include "core/base/context.h"

/* Cleans up, as tend_vm() and recover_all() do.  Waits only for VMs that are
 * named (by patterns) in 'mine'.  Warns about failures. */
void tend_all (struct hvctl *h, const struct vec *mine);

#endif /* CORE_TEND_ALL_H */
