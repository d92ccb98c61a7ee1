/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Processes beside the hypervisor that serve a VM's ports, each in a jail of
 * its own: described with the plan, started while the hypervisor comes up,
 * which has the other end of their connection, and sealed as it is.  They end
 * when that connection does; the journal knows them all the same. */
#ifndef CORE_HELPER_H
#define CORE_HELPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"

/* Such a process, as far as it has come; all zero but 'nic' to begin with. */
struct helper {
    const struct plan_nic *nic;
    struct process process; /* If 'started'. */
    int peer;               /* Its end of the connection, if 'connected'. */
    bool connected, started;
    const char *weaker; /* Than the best: lines, or null. */
    uint64_t uid;       /* Its own, and the lock of that, or -1. */
    int uid_lock, uid_fd;
};

/* The jail of who serves 'n', as launch_jail() is to complete it. */
struct jail helper_jail (const struct plan_nic *n, uid_t uid,
                         enum sandbox_mode mode);

/* Makes the connection; '*end' is the hypervisor's, which need not wait for
 * the rest.  helper_abort() takes this back, too. */
int helper_connect (struct helper *p, int *end, struct error *err);

/* Starts and journals it, if there was a connection to be made.
 * helper_settle() or helper_abort() has to follow. */
int helper_start (struct hvctl *h, const char *vm, enum sandbox_mode mode,
                  struct helper *p, struct error *err);

/* Waits until it serves, and takes from it what only starting needs. */
int helper_settle (struct hvctl *h, const char *vm, struct helper *p,
                   struct error *err);

/* Ends it, if it was started here. */
void helper_abort (struct helper *p);

/* Leaves it to itself and the journal. */
void helper_let_go (struct helper *p);

#endif /* CORE_HELPER_H */
