/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* What a VM had, given back when its process has gone. */
#ifndef CORE_RELEASE_H
#define CORE_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/state/state.h"

/* Takes back what is left of a VM whose process is gone, and removes its run
 * directory.  It is no error if there is nothing.  Fails with EXIT_RUNNING
 * if it runs, and with EXIT_TIMEOUT if somebody else takes longer over it than
 * 'patience' ms. */
int release_vm (struct hvctl *h, const char *name, int64_t patience,
                struct error *err);

/* Waits until the supervisor's release of a run that has ended is through, or
 * does it.  'force': whoever is stuck over it is ended. */
int release_finish (struct hvctl *h, const struct vm_state *was, bool force,
                    struct error *err);

#endif /* CORE_RELEASE_H */
