/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts hypervisors, and what serves their NICs, in their jails. */
#ifndef CORE_SPAWN_H
#define CORE_SPAWN_H

#include "core/base/error.h"
#include "core/process/supervise.h"
#include "core/sandbox/jail.h"

/* Starts 'jail' under a supervisor.  When this returns 0, the program has
 * been executed (it may have died since), and spawn_seal() or spawn_abort()
 * has to follow: if the caller dies before, so does the process, and the
 * release is executed.  On failure nothing is left, and
 * the error names the step that the kernel refused and what to do.
 * '*weaker' gets a malloc'ed list, one line each, of what is weaker than the
 * best on this kernel and for this user, or null. */
int spawn_jailed (const struct jail *jail, const struct supervision *sup,
                  struct process *out, char **weaker, struct error *err);

/* Takes away from a started process every file it was given to start with and
 * every system call that only starting needs: its root directory is empty
 * afterwards (with user-mode networking, /etc/resolv.conf stays), and what the
 * kernel says of each of its threads has been checked.  To be
 * called when the program is ready and no guest instruction has run. */
int spawn_seal (struct process *p, struct error *err);

/* Ends a process that was started but not sealed, and its supervisor, which
 * neither records nor releases anything; returns when both have gone. */
void spawn_abort (struct process *p);

#endif /* CORE_SPAWN_H */
