/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A process that a plugin has described: its confinement, and our side
 * of its descriptors.  The same for hypervisors and for processes that serve a
 * NIC. */
#ifndef CORE_LAUNCH_H
#define CORE_LAUNCH_H

#include <stdbool.h>
#include <sys/types.h>

#include <hvctl/plugin.h>

#include "core/base/context.h"
#include "core/plan/plan.h"
#include "core/process/supervise.h"
#include "core/provider/loaded.h"
#include "core/provider/services.h"
#include "core/sandbox/jail.h"

/* Returns the jail of the plan's hypervisor, which launch_jail() completes. */
struct jail launch_jail_of (const struct plan *plan, uid_t uid,
                            enum sandbox_mode mode);

/* Our side of the descriptors of a process. */
struct launch_given {
    const int *streams; /* 0, 1 and 2. */
    const int *fds;     /* What was described; null: nothing of it is open. */
    const int *kept;    /* After that, ends in -1, or is null; the process locks
                         * the first. */
};

/* Fills in what follows from the description and from the host; the caller sets
 * the program, its user, 'kvm', the mode and whether files are brokered.  All
 * of it is the arena's, or borrowed. */
void launch_jail (struct hvctl *h, const struct plugin *p,
                  const struct hv_launch *l, const struct launch_given *given,
                  struct jail *jail);

/* Fills in how the plan's hypervisor, in 'jail', is supervised. */
void launch_supervision (struct hvctl *h, const struct plan *plan,
                         const struct jail *jail, bool foreground,
                         struct supervision *out);

/* Room for our side of what was described, and none of it open, that is, -1;
 * closes it. */
int *launch_fds (struct arena *a, const struct hv_launch *l);
void launch_close (const struct hv_launch *l, int fds[]);

#endif /* CORE_LAUNCH_H */
