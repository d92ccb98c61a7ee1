/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Releasing the resources of a VM whose process has exited. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/state/state.h"

/* Releases what is left of a VM whose process has exited, and removes its run
 * directory.  Having nothing to release is not an error.  Fails with
 * EXIT_RUNNING if the VM is running, and with EXIT_TIMEOUT if another process
 * takes longer to release it than 'patience' ms. */
int release_vm (struct hvctl *h, const char *name, int64_t patience,
                struct error *err);

/* Waits until the supervisor has released a stopped VM, or releases it.
 * 'force': a process that is stuck in this is terminated. */
int release_finish (struct hvctl *h, const struct vm_state *was, bool force,
                    struct error *err);

/* Kills the process that a start which failed midway created and does not know
 * of: nothing is taken from a process that has not exited.  The caller holds
 * the VM's locks. */
int release_process (struct hvctl *h, const char *name, struct error *err);

#endif /* CORE_RELEASE_H */
