/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Emptying the root directory of a running jail. */
#ifndef CORE_JAIL_SEAL_H
#define CORE_JAIL_SEAL_H

#include <stddef.h>

#include "core/sandbox/jail.h"

/* Empties the root directory of a process from outside.  To be called in a
 * separate process, as it changes its namespaces. */
int jail_empty_root (const struct process *p, char *detail, size_t size);

#endif /* CORE_JAIL_SEAL_H */
