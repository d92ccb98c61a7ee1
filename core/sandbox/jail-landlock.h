/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What Landlock denies, besides the root's mounts. */
#ifndef CORE_JAIL_LANDLOCK_H
#define CORE_JAIL_LANDLOCK_H

#include <stdbool.h>

#include "core/sandbox/jail.h"

/* Denies what the root's mounts would not; true if the
 * kernel has it. */
int jail_landlock (struct jail_child *child);
bool jail_has_landlock (void);

#endif /* CORE_JAIL_LANDLOCK_H */
