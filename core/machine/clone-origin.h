/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The snapshot that a clone depends on, and the VM that has it. */
#ifndef CORE_CLONE_ORIGIN_H
#define CORE_CLONE_ORIGIN_H

#include <stdbool.h>

#include "core/base/context.h"

/* Returns the name of the snapshot that a clone of this name is made of. */
const char *clone_origin_snapshot (struct arena *a, const char *clone);

/* What a VM was cloned from: under its name of that time. */
struct clone_origin {
    const char *vm, *snapshot;
};

/* In the first line of a clone's definition, before the name of the
 * snapshot. */
#define CLONE_ORIGIN_BY ", by its snapshot "

/* Reads that line; returns false if there is none. */
bool clone_origin_read (struct hvctl *h, const char *clone,
                        struct clone_origin *out);

/* Returns the VM that has the snapshot, as it is called now, or null. */
const char *clone_origin_with (struct hvctl *h, const struct clone_origin *o);

#endif /* CORE_CLONE_ORIGIN_H */
