/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copyright The hvctl authors */

/* Hypervisors that keep running when their guest has shut down: a word in a log
 * makes the supervisor execute 'hvctl settle', which checks it.  See
 * hv_watch(). */
#ifndef CORE_SETTLE_H
#define CORE_SETTLE_H

#include "core/base/context.h"
#include "core/base/error.h"
#include "core/plan/plan.h"
#include "core/process/supervise.h"

/* Records what is to be watched for a VM that is being started. */
int settle_write (struct hvctl *h, const struct plan *plan, struct error *err);

/* Fills in what a supervisor needs for that, if anything. */
void settle_read (struct hvctl *h, const char *name, struct supervision *sup);

/* Stops the process of a VM whose guest has shut down; does nothing if it has
 * not, or if the process has exited. */
int settle_vm (struct hvctl *h, const char *name, struct error *err);

#endif /* CORE_SETTLE_H */
