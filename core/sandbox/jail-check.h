/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Verification of a sealed process. */
#ifndef CORE_JAIL_CHECK_H
#define CORE_JAIL_CHECK_H

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* Verifies that a sealed process is confined as requested.  Fails with the
 * kernel's report about it. */
int jail_check (const struct process *p, struct error *err);

#endif /* CORE_JAIL_CHECK_H */
