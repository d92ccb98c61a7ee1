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
struct jail launch_jail_of (const struct plan *plan, uid_t uid);

/* Fills in what follows from the description and from the host; the caller sets
 * the program, its user, 'kvm', the mode and whether files are brokered.
 * The process gets 'streams' as 0, 1 and 2, then the described descriptors, and
 * then 'kept', which ends in -1, or is null, and whose first one the process
 * locks.  All of it is the arena's, or borrowed. */
void launch_jail (struct hvctl *h, const struct plugin *p,
                  const struct hv_launch *l, const int streams[3],
                  const int kept[], struct jail *jail);

/* Fills in how the plan's hypervisor, in 'jail', is supervised. */
void launch_supervision (struct hvctl *h, const struct plan *plan,
                         const struct jail *jail, bool foreground,
                         struct supervision *out);

/* Closes our side of the descriptors. */
void launch_close (struct hv_launch *l);

#endif /* CORE_LAUNCH_H */
