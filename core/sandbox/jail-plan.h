/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The parent's part of a jail: what is decided, checked and built before the
 * process exists. */
#ifndef CORE_JAIL_PLAN_H
#define CORE_JAIL_PLAN_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/error.h"
#include "core/sandbox/jail.h"

/* Fails if no jail could execute that. */
int jail_check_program (const char *program, struct error *err);

/* Fails if it is known before, without a user id and descriptors, that the jail
 * would be refused: one that the host does not allow, or the kernel cannot
 * make.  What the kernel refuses without a reason is not known before. */
int jail_foresee (const struct jail *jail, struct error *err);

/* Checks 'jail' and prepares for it.  'namespaces': try them. */
int jail_prepare (const struct jail *jail, bool notify, bool namespaces,
                  struct jail_plan *plan, struct error *err);
void jail_free (struct jail_plan *plan);

/* Clones the process that jail_enter() is to be called in: returns like
 * fork().  '*pidfd' is set in the parent. */
pid_t jail_clone (const struct jail_plan *plan, int *pidfd);

/* Turns a failure into an error that says what to do.  True from
 * jail_needs_less(): it is the namespaces that are not to be had. */
int jail_error (const struct jail_failure *failure,
                const struct jail_plan *plan, struct error *err);

/* Is it the listener of the filter? */
bool jail_lacks_listener (const struct jail_failure *failure,
                          const struct jail_plan *plan);

/* A malloc'ed list, one line each, of what is weaker than the best; or null. */
char *jail_weaker (const struct jail_plan *plan);

#endif /* CORE_JAIL_PLAN_H */
