/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Machines brought up and down: the order of things. */
#ifndef CORE_MACHINE_H
#define CORE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/config/definition.h"
#include "core/plan/plan.h"
#include "core/state/state.h"

/* Carries a plan out.  On failure, and when interrupted, everything is taken
 * back.  With 'foreground', ends only on failure, or by becoming the
 * supervisor. */
int machine_start (struct hvctl *h, struct plan *plan, bool foreground,
                   struct vm_state *out, struct error *err);

/* Takes back what is left of a VM whose process is gone, and removes its run
 * directory.  It is no error if there is nothing.  Fails with EXIT_RUNNING
 * if it runs, and with EXIT_TIMEOUT if somebody else takes longer over it than
 * 'patience' ms. */
int machine_release (struct hvctl *h, const char *name, int64_t patience,
                     struct error *err);

/* Waits until the supervisor's release of a run that has ended is through, or
 * does it.  'force': whoever is stuck over it is ended. */
int machine_finish (struct hvctl *h, const struct vm_state *was, bool force,
                    struct error *err);

/* Is there nobody who waits for its end? */
bool machine_lacks_supervisor (struct hvctl *h, const struct vm_state *s);

/* Finishes what a crash or a kill left: releases stale VMs, gives running
 * ones a supervisor.  Only those that are named (by patterns) in 'mine' are
 * waited for.  Trouble is warned of. */
void machine_sweep (struct hvctl *h, const struct vec *mine);
void machine_tend (struct hvctl *h, const char *name); /* The same of one. */
bool is_named (const struct vec *names, const char *name);

enum stop_way { STOP_NOTHING, STOP_ACPI, STOP_QUIT, STOP_KILL };

/* Stops a VM: ACPI, repeated, until 'timeout' ms have passed; then the
 * hypervisor is asked to quit; then it is killed.  Returns when it is gone
 * and released; '*way' is what it took. */
int machine_stop (struct hvctl *h, const char *name, int64_t timeout,
                  enum stop_way *way, struct error *err);

/* The same for one that was saved. */
int machine_end_saved (struct hvctl *h, const char *name, struct error *err);
int machine_kill (struct hvctl *h, const char *name, enum stop_way *way,
                  struct error *err);

int machine_pause (struct hvctl *h, const char *name, bool resume,
                   struct error *err);

/* Writes what the guest has in memory to the disk, and ends the hypervisor: the
 * next start goes on from there.  On failure the guest goes on. */
int machine_save (struct hvctl *h, struct definition *def, struct error *err);

/* Reads the state, asking the hypervisor too.  '*detail' may get a phrase. */
void machine_status (struct hvctl *h, const char *name, struct vm_state *s,
                     const char **text, const char **detail);

#endif /* CORE_MACHINE_H */
