/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Is a process that was sealed what it should be? */
#ifndef CORE_JAIL_CHECK_H
#define CORE_JAIL_CHECK_H

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* Is a process that was sealed what it should be?  Fails with
 * what the kernel says of it. */
int jail_check (const struct process *p, struct error *err);

#endif /* CORE_JAIL_CHECK_H */
