/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The snapshot that a clone depends on, and the VM that has it. */
#ifndef CORE_CLONE_ORIGIN_H
#define CORE_CLONE_ORIGIN_H

#include "core/base/context.h"

/* Returns the name of the snapshot that a clone of this name is made of. */
const char *clone_origin_snapshot (struct arena *a, const char *clone);

/* Returns the VM that a VM was cloned from, by the first line of its
 * definition, or null. */
const char *clone_origin_vm (struct hvctl *h, const char *clone);

/* Returns whether the VM has that snapshot. */
bool clone_origin_has (struct hvctl *h, const char *vm, const char *snapshot);

#endif /* CORE_CLONE_ORIGIN_H */
