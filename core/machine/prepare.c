/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

#include "core/machine/prepare.h"

#include <errno.h>

#include "common/cleanup.h"
#include "core/base/name.h"
#include "core/config/definition-find.h"
#include "core/machine/changing-volume.h"
#include "core/machine/changing.h"
#include "core/machine/preflight.h"
#include "core/machine/saved-check.h"
#include "core/machine/taken.h"
#include "core/sandbox/jail.h"
#include "core/state/holders.h"
#include "core/state/state-run.h"

/* A running VM is detected before its definition is even loaded. */
static int
check_stopped (struct hvctl *h, const char *name, struct vm_state *state,
               struct error *err)
{
    if (name_validate ("VM", name, err) < 0) {
        return -err->code;
    }
    state_read (h, name, state);
    if (state->run == RUN_UNKNOWN) {
        return state_unknown (h, state, err);
    }
    if (state->run == RUN_STARTING) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is being started by another hvctl%s: wait for "
                          "that, or terminate it with 'hvctl kill %s'",
                          name, holders_run_text (h, name), name);
    }
    if (state->run != RUN_STOPPED && state->run != RUN_STALE) {
        return fail_exit (err, EXIT_RUNNING, EBUSY,
                          "%s is already %s (process %d)", name,
                          state_run_text (state->run), (int)state->pid);
    }
    return 0;
}

static int
make (struct hvctl *h, const char *name, enum plan_depth depth, bool fresh,
      struct plan **plan, struct error *err)
{
    struct definition *def;

    if (definition_load (h, name, &def, err) < 0
        || (!fresh && saved_apply (h, def, err) < 0)
        || changing_plan (h, def, depth, plan, err) < 0) {
        return -err->code;
    }
    return 0;
}

int
prepare_and_start (struct hvctl *h, const struct start_wish *wish,
                   struct plan **plan, struct vm_state *state,
                   struct error *err)
{
    CLEANUP_CLOSE int changes = -1;
    struct plan *made;
    int rc;

    if (plan) {
        *plan = NULL;
    }
    changing_let_go (h);
    context_stage (h, "planning");
    if (check_stopped (h, wish->name, state, err) < 0
        || changing_lock (h, wish->name, false, &changes, err) < 0
        || make (h, wish->name, PLAN_FULL, wish->fresh, &made, err) < 0) {
        return -err->code;
    }
    if (plan) {
        *plan = made;
    }
    context_stage (h, "launching");
    rc = start_vm (h, made, wish, state, err);
    changing_let_go (h); /* The guest has them. */
    return rc;
}

int
prepare_plan (struct hvctl *h, const char *name, enum plan_depth depth,
              struct plan **plan, struct error *err)
{
    if (make (h, name, depth, depth != PLAN_FULL, plan, err) < 0
        || saved_check_disks (h, *plan, err) < 0) {
        return -err->code;
    }
    return depth == PLAN_FULL && preflight (h, *plan, SANDBOX_KILL, err) < 0
               ? fail_prefix (err, "%s", name)
               : 0;
}

int
prepare_again (struct hvctl *h, const char *name, struct error *err)
{
    struct plan *plan;

    return make (h, name, PLAN_FULL, true, &plan, err) < 0
                   || preflight (h, plan, SANDBOX_KILL, err) < 0
                   || taken_check (h, plan, err) < 0
               ? -err->code
               : 0;
}
