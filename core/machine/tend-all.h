/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a crash or a kill left, of all VMs and changes. */
#ifndef CORE_TEND_ALL_H
#define CORE_TEND_ALL_H

#include "core/base/context.h"

/* Finishes it, as tend_vm() and recover_all() do.  Only those that are named
 * (by patterns) in 'mine' are waited for.  Trouble is warned of. */
void tend_all (struct hvctl *h, const struct vec *mine);

#endif /* CORE_TEND_ALL_H */
