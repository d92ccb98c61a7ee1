/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* A guest's file systems and clock, by its agent. */
#ifndef CORE_AGENT_FREEZE_H
#define CORE_AGENT_FREEZE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/base/context.h"
#include "core/base/error.h"

/* Freezes the file systems of a guest that has a channel to an agent, once that
 * is in the journal of its change.  An agent that does not answer, or refuses,
 * is warned of.  Stores whether they may be frozen; fails if the journal cannot
 * be written. */
int agent_freeze (struct hvctl *h, const char *name, bool *frozen,
                  struct error *err);

/* Thaws them, if they may be frozen.  Fails if the agent does not answer within
 * 'ms'; what it refuses is warned of. */
int agent_freeze_thaw (struct hvctl *h, const char *name, int64_t ms,
                       struct error *err);

/* Sets the clock of a guest that was stopped for a while, if it has an agent
 * that answers at once. */
void agent_freeze_set_clock (struct hvctl *h, const char *name);

#endif /* CORE_AGENT_FREEZE_H */
