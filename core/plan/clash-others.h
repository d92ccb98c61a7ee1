/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Conflicts of one VM with all others: as 'validate' finds them for all. */
#ifndef CORE_CLASH_OTHERS_H
#define CORE_CLASH_OTHERS_H

#include "core/base/context.h"
#include "core/config/problem.h"

/* Adds a problem for each conflict of the VM, or of one of the fleet, with
 * another one.  A definition that cannot be read is ignored here. */
void clash_others (struct hvctl *h, const char *name, struct problems *p);

/* The same for definitions that are not there yet, struct definition *: their
 * conflicts with those that are, and with each other. */
void clash_new (struct hvctl *h, const struct vec *new, struct problems *p);

#endif /* CORE_CLASH_OTHERS_H */
