/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* System calls recorded by the supervisor of a VM that was started
 * with --sandbox=diagnose, or to learn. */
#ifndef CORE_DIAGNOSIS_H
#define CORE_DIAGNOSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/sandbox/groups.h"

struct seen_call {
    char phase[8]; /* "start", "run": before and after the seal. */
    char thread[32];
    int nr;
    uint64_t args[6];
    char path[128]; /* After the seal, for a call that names a file; or "". */
};

/* Returns the path of the record. */
const char *diagnosis_path (struct hvctl *h, const char *name);

/* Adds all of them (struct seen_call *) to 'out'. */
void diagnosis_load (struct hvctl *h, const char *name, struct vec *out);

/* Adds a line (char *) for each call that the filter of these groups would not
 * have allowed.  Returns false if there is none. */
bool diagnosis_read (struct hvctl *h, const char *name,
                     const char *const *groups, const struct call_group *own,
                     struct vec *lines);

/* Returns whether they are the same call of the same thread in the same phase,
 * and of the same file.  Addresses differ from call to call, and do not
 * count. */
bool diagnosis_same_call (const struct seen_call *a, const struct seen_call *b);

#endif /* CORE_DIAGNOSIS_H */
