/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Files that one disk writes to and another disk uses, too. */
#ifndef CORE_PLAN_CLASH_H
#define CORE_PLAN_CLASH_H

#include "core/base/vec.h"
#include "core/config/problem.h"

/* Adds a problem for each file that a disk of one of the plans writes to, and
 * another disk uses, too, under whatever name. */
void plan_clash (const struct vec *plans, struct problems *p);

#endif /* CORE_PLAN_CLASH_H */
