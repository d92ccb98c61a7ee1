/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Attaching, activating and copying what a start needs for a VM; everything
 * that has to be undone is journalled before. */
#ifndef CORE_ACQUIRE_H
#define CORE_ACQUIRE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/base/vec.h"
#include "core/machine/helper.h"
#include "core/plan/plan.h"

/* Resources of a start that the journal does not know. */
struct acquired {
    int *fds;               /* Our side of the launch; see launch_fds(). */
    struct helper *helpers; /* One for each of the NICs. */
    struct vec held;        /* struct held_fd * */
};

/* Sets up an empty structure. */
void acquire_nothing (struct hvctl *h, const struct plan *plan,
                      struct acquired *got);

/* Journals and attaches one port.  If it fails, nothing of it is left. */
int acquire_port (struct hvctl *h, const char *vm, const struct plan_nic *n,
                  int fds[], struct error *err);

/* Journals and attaches every NIC, connects it to the process that is going
 * to serve it, and gives the launch its descriptors. */
int acquire_ports (struct hvctl *h, struct plan *plan, struct acquired *got,
                   struct error *err);

/* Journals and activates every volume that needs it. */
int acquire_volumes (struct hvctl *h, struct plan *plan, struct error *err);

/* Creates the VM's own copy of the firmware variables, once. */
int acquire_variables (struct hvctl *h, struct plan *plan, struct error *err);

/* Closes descriptors from acquire_ports() that were not passed to the process.
 */
void acquire_close_held (const struct plan *plan, struct acquired *got);

#endif /* CORE_ACQUIRE_H */
