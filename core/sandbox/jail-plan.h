/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The parent's part of a jail: everything that is decided, checked and built
 * before the process exists. */
#ifndef CORE_JAIL_PLAN_H
#define CORE_JAIL_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* Fails if no jail could execute that program. */
int jail_check_program (const char *program, struct error *err);

/* Fails if it is known beforehand, without a user ID and descriptors, that the
 * jail would be refused: because the host does not allow it, or the kernel
 * cannot create it.  Some refusals of the kernel cannot be foreseen. */
int jail_foresee (const struct jail *jail, struct error *err);

/* Checks 'jail' and prepares for it.  'namespaces': try to use them. */
int jail_prepare (const struct jail *jail, bool notify, bool namespaces,
                  struct jail_plan *plan, struct error *err);
void jail_free (struct jail_plan *plan);

/* Clones the process in which jail_enter() is to be called: returns like
 * fork().  '*pidfd' is set in the parent. */
pid_t jail_clone (const struct jail_plan *plan, int *pidfd);

/* Turns a failure into an error that says what to do.  If jail_needs_less()
 * returned true, namespaces are not available. */
int jail_error (const struct jail_failure *failure,
                const struct jail_plan *plan, struct error *err);

/* Returns whether the failure is about the filter's listener. */
bool jail_lacks_listener (const struct jail_failure *failure,
                          const struct jail_plan *plan);

/* Returns a malloc'ed list, one line each, of the ways in which the sandbox is
 * degraded; or null. */
char *jail_weaker (const struct jail_plan *plan);

#endif /* CORE_JAIL_PLAN_H */
