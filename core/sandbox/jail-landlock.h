/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Restrictions by Landlock, in addition to the root's mounts. */
#ifndef CORE_JAIL_LANDLOCK_H
#define CORE_JAIL_LANDLOCK_H

#include <stdbool.h>

#include "core/sandbox/jail.h"

/* Denies what the root's mounts would not.  The second returns whether the
 * kernel has Landlock. */
int jail_landlock (struct jail_child *child);
bool jail_has_landlock (void);

#endif /* CORE_JAIL_LANDLOCK_H */
