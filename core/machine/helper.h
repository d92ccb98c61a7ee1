/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes beside the hypervisor that serve a VM's ports, each in a jail of
 * its own: described with the plan, started while the hypervisor comes up,
 * which has the other end of their connection, and sealed like it.  They exit
 * when that connection is closed; the journal has them nevertheless. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"

/* The state of such a process; all zero but 'nic' at first. */
struct helper {
    const struct plan_nic *nic;
    struct process process; /* If 'started'. */
    int peer;               /* Its end of the connection, if 'connected'. */
    bool connected, started;
    const char *weaker; /* Than the best: lines, or null. */
    uint64_t uid;       /* Its own, and the lock of that, or -1. */
    int uid_lock, uid_fd;
};

/* Returns the jail of the process that serves 'n'; launch_jail() completes it.
 */
struct jail helper_jail (const struct plan_nic *n, uid_t uid,
                         enum sandbox_mode mode);

/* Creates the connection; '*end' is the hypervisor's, which need not wait for
 * the rest.  helper_abort() undoes this, too. */
int helper_connect (struct helper *p, int *end, struct error *err);

/* Starts and journals the process, if there was a connection to be created.
 * helper_settle() or helper_abort() must follow. */
int helper_start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
                  struct helper *p, struct error *err);

/* Waits until it serves, and revokes what only its start needed. */
int helper_settle (struct hvctl *h, const char *vm, struct helper *p,
                   struct error *err);

/* Kills it, if it was started here. */
void helper_abort (struct helper *p);

/* Leaves it running, known to the journal. */
void helper_let_go (struct helper *p);

#endif /* CORE_HELPER_H */
