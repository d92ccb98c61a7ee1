/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Conflicts between two VMs, or two parts of one. */
#ifndef CORE_CLASH_H
#define CORE_CLASH_H

#include <stddef.h>

#include "core/config/definition.h"
#include "core/config/problem.h"

/* Adds a problem for each MAC, UUID, WWN and writable disk that is used twice,
 * and for each serial number: twice in a VM, or anywhere if it is derived. */
void clash_definitions (struct definition *const *defs, size_t n,
                        struct problems *p);

#endif /* CORE_CLASH_H */
