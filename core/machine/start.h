/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* The order of a start. */
#ifndef CORE_START_H
#define CORE_START_H

#include <stdbool.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/sandbox/jail.h"
#include "core/state/state.h"

/* What is asked of a start. */
struct start_wish {
    const char *name;
    enum sandbox_mode sandbox;
    bool fresh;      /* Discards the saved state; see prepare.h. */
    bool foreground; /* Returns only on failure; otherwise it
                      * becomes the supervisor. */
    bool quiet;      /* A degraded sandbox is only recorded in the
                      * state, not reported. */
};

/* Carries out a plan.  On failure, and when interrupted, everything is rolled
 * back. */
int start_vm (struct hvctl *h, struct plan *plan, const struct start_wish *wish,
              struct vm_state *out, struct error *err);

#endif /* CORE_START_H */
