/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The root directory of a jail. */
#ifndef CORE_JAIL_ROOT_H
#define CORE_JAIL_ROOT_H

#include "core/sandbox/jail.h"

/* The step that builds the root directory. */
int jail_root (struct jail_child *child);

#endif /* CORE_JAIL_ROOT_H */
