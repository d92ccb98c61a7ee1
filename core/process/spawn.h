/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Starts hypervisors, and processes that serve NICs, in their jails. */
#ifndef CORE_SPAWN_H
#define CORE_SPAWN_H

#include "core/base/error.h"
#include "core/process/supervise.h"
#include "core/sandbox/jail.h"

/* Starts 'jail' under a supervisor.  When this returns 0, the program has
 * been executed (it may have exited since), and spawn_seal() or spawn_abort()
 * must follow: if the caller dies before, the process is killed, and the
 * release is executed.  On failure nothing is left, and
 * the error names the step that the kernel refused and what to do.
 * '*weaker' gets a malloc'ed list, one line each, of the ways in which the
 * sandbox is degraded on this kernel and for this user, or null. */
int spawn_jailed (const struct jail *jail, const struct supervision *sup,
                  struct process *out, char **weaker, struct error *err);

/* Revokes every file that a process was only given for its start, and
 * every system call that only starting needs: its root directory is empty
 * afterwards (with user-mode networking, /etc/resolv.conf remains), and the
 * kernel's report about each of its threads has been verified.  To be
 * called when the program is ready and no guest instruction has been
 * executed. */
int spawn_seal (struct process *p, struct error *err);

/* Kills a process that was started but not sealed, and its supervisor, which
 * neither records nor releases anything; returns when both have exited. */
void spawn_abort (struct process *p);

#endif /* CORE_SPAWN_H */
