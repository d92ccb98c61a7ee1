/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Conflicts between two VMs, or two parts of one. */
#ifndef CORE_CLASH_H
#define CORE_CLASH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/config/definition.h"
#include "core/config/problem.h"

/* Adds a problem for each MAC, UUID, WWN, forwarded port and writable disk that
 * is used twice, and for each serial number: twice in a VM, or anywhere if it
 * is derived; one for each line of a fleet's file, not for each member. */
void clash_definitions (struct definition *const *defs, size_t n,
                        struct problems *p);

/* Does one of these, as the definition sets it, depend on a variable? */
bool clash_varies (const struct definition *def);

#endif /* CORE_CLASH_H */
